"""Words of this app that others say: its name in a book, its acts in ledgers, its notices."""

from django.utils.translation import gettext_lazy, gettext_noop

from sekisho.people.notices import register_kind

SYSTEMS = gettext_lazy("Systems and flows")

#: acts on a book
BOOK_ACTS = {
    "system.placed": gettext_noop("%(actor)s placed the system “%(name)s” in %(zone)s"),
    "system.changed": gettext_noop("%(actor)s changed the system “%(name)s”"),
    "system.removed": gettext_noop("%(actor)s took the system “%(name)s” off the map"),
    "move.planned": gettext_noop(
        "%(actor)s planned for step %(step)s that the system “%(name)s” goes to %(zone)s"
    ),
    "move.dropped": gettext_noop("%(actor)s took the move of “%(name)s” out of step %(step)s"),
    "move.done": gettext_noop("%(actor)s finished the move of “%(name)s” to %(zone)s (step %(step)s)"),
    "flow.added": gettext_noop("%(actor)s added the flow “%(what)s” from %(source)s to %(target)s"),
    "flow.changed": gettext_noop("%(actor)s changed the flow “%(what)s” from %(source)s to %(target)s"),
    "flow.removed": gettext_noop("%(actor)s removed the flow “%(what)s” from %(source)s to %(target)s"),
}
#: acts in the chain of an organisation
CHAIN_ACTS = {
    "zone.made": gettext_noop("%(actor)s made the zones %(zones)s"),
    "network.model_chosen": gettext_noop("%(actor)s chose the network model: %(model)s"),
    "plan.begun": gettext_noop("%(actor)s began the transition plan"),
    "plan.step_changed": gettext_noop("%(actor)s changed step %(step)s of the transition plan"),
    "policy.made": gettext_noop("%(actor)s wrote the sanitizing policy “%(policy)s”: %(reason)s"),
    "policy.changed": gettext_noop(
        "%(actor)s changed the sanitizing policy “%(policy)s” to version %(version)s: %(reason)s"
    ),
    "route.made": gettext_noop("%(actor)s made the route “%(route)s”"),
    "route.changed": gettext_noop("%(actor)s changed the route “%(route)s”"),
    "route.closed": gettext_noop("%(actor)s closed the route “%(route)s”"),
    "route.opened": gettext_noop("%(actor)s opened the route “%(route)s” again"),
    "transfer.sent": gettext_noop(
        "%(actor)s sent transfer %(number)s over “%(route)s” (files: %(count)s): %(purpose)s"
    ),
    "transfer.cleaned": gettext_noop("“%(name)s” of transfer %(number)s was sanitized"),
    "transfer.refused": gettext_noop("“%(name)s” of transfer %(number)s was refused: %(code)s"),
    "transfer.offered": gettext_noop("Transfer %(number)s was offered to %(receiver)s until %(until)s"),
    "transfer.approved": gettext_noop("%(actor)s approved transfer %(number)s: %(purpose)s"),
    "transfer.declined": gettext_noop("%(actor)s did not approve transfer %(number)s: %(reason)s"),
    "transfer.taken": gettext_noop("%(actor)s took “%(name)s” of transfer %(number)s"),
    "transfer.looked_into": gettext_noop(
        "%(actor)s looked into “%(name)s” of transfer %(number)s: %(reason)s"
    ),
    "transfer.original_taken": gettext_noop(
        "%(actor)s took the original of “%(name)s” of transfer %(number)s by an exception"
    ),
    "outside.entered": gettext_noop("%(actor)s entered the code for transfer %(number)s: %(purpose)s"),
    "outside.locked": gettext_noop(
        "The link of transfer %(number)s was locked after too many wrong codes: %(purpose)s"
    ),
    "transfer.expired": gettext_noop("Transfer %(number)s expired"),
    "transfer.copy_destroyed": gettext_noop(
        "The clean copy of “%(name)s” of transfer %(number)s was destroyed"
    ),
    "transfer.original_destroyed": gettext_noop(
        "The original of “%(name)s” of transfer %(number)s was destroyed"
    ),
    "package.made": gettext_noop(
        "Transfer %(number)s was packed as package %(package)s for the other server"
    ),
    "package.written_again": gettext_noop("Package %(package)s with transfer %(number)s was written again"),
    "package.delivered": gettext_noop("Package %(package)s was delivered as transfer %(number)s"),
    "package.refused": gettext_noop("The package %(package)s was refused"),
    "package.missing": gettext_noop("The package %(package)s is missing"),
    "package.looked_again": gettext_noop("%(actor)s had the package %(package)s looked at again"),
    "transfer.redated": gettext_noop(
        "The clock had been ahead: transfer %(number)s lasts from now on as long as its route says"
    ),
    "transfer.unlocked": gettext_noop(
        "%(actor)s opened what was locked within “%(name)s” of transfer %(number)s: %(names)s"
    ),
    "mail.came": gettext_noop("A message from %(sender)s to %(receiver)s came: transfer %(number)s"),
    "mail.unlocked": gettext_noop(
        "The recipients of message %(number)s opened its locked attachments: %(names)s"
    ),
    "mail.passed_on": gettext_noop(
        "The message of transfer %(number)s was passed on to %(count)s recipients"
    ),
    "mail.held": gettext_noop(
        "The message of transfer %(number)s was held, and its %(count)s recipients were told"
    ),
    "hold.placed": gettext_noop("%(actor)s placed a hold on transfer %(number)s: %(reason)s"),
    "hold.ended": gettext_noop("%(actor)s ended the hold on transfer %(number)s: %(reason)s"),
    "alert.surge": gettext_noop("An alert was raised: %(files)s files within an hour, usually %(usual)s"),
    "alert.refusals": gettext_noop(
        "An alert was raised: of %(files)s files that %(sender)s sent within a day, %(refused)s were refused"
    ),
    "alert.attack": gettext_noop(
        "An alert was raised: “%(name)s” of %(sender)s holds a kind of attack that is new here: %(code)s"
    ),
    "alert.answered": gettext_noop("%(actor)s answered an alert: %(reason)s"),
    "exception.asked": gettext_noop("%(actor)s asked about “%(name)s” of transfer %(number)s: %(reason)s"),
    "exception.consented": gettext_noop(
        "%(actor)s agreed to the request about “%(name)s” of transfer %(number)s: %(reason)s"
    ),
    "exception.refused": gettext_noop(
        "%(actor)s refused the request about “%(name)s” of transfer %(number)s: %(reason)s"
    ),
}
ACTS = {**BOOK_ACTS, **CHAIN_ACTS}


def register_notices() -> None:
    """Tell people's notices how ours read."""
    register_kind("transfer_offered", gettext_lazy("%(sender)s sent you files: %(purpose)s"))
    register_kind(
        "transfer_approval", gettext_lazy("%(sender)s asks for your approval of a transfer: %(purpose)s")
    )
    register_kind(
        "transfer_lapsed",
        gettext_lazy("Nobody approved your transfer in time, and its files were destroyed: %(purpose)s"),
    )
    register_kind(
        "transfer_receiver_left",
        gettext_lazy("Whom your transfer is for has left; send it to another person: %(purpose)s"),
    )
    register_kind("transfer_refused", gettext_lazy("No file of your transfer came through: %(purpose)s"))
    register_kind(
        "transfer_outside_locked",
        gettext_lazy("A link you sent was locked after too many wrong codes: %(purpose)s"),
    )
    register_kind("transfer_package", gettext_lazy("A package from the other server needs you: %(package)s"))
    register_kind(
        "transfer_alert_surge",
        gettext_lazy("Far more files than usual: %(files)s within an hour, usually %(usual)s"),
    )
    register_kind(
        "transfer_alert_refusals",
        gettext_lazy("%(refused)s of %(files)s files of %(sender)s were refused today"),
    )
    register_kind(
        "transfer_alert_attack",
        gettext_lazy("A kind of attack that is new here, in “%(name)s” of %(sender)s"),
    )
    register_kind("transfer_exception", gettext_lazy("A file waits for your answer: %(name)s"))
    register_kind("transfer_answered", gettext_lazy("Your question about %(name)s was answered"))
