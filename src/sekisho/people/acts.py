"""How acts on people and organisations read in a ledger: act -> sentence, "(who) did (what)"."""

from django.utils.translation import gettext_noop

ACTS = {
    "installation.created": gettext_noop("%(actor)s set up Sekisho for %(name)s"),
    "organisation.created": gettext_noop("%(actor)s created the organisation %(name)s"),
    "organisation.changed": gettext_noop("%(actor)s changed the organisation %(name)s"),
    "organisation.moved": gettext_noop("%(actor)s moved the organisation %(name)s: from %(old)s to %(new)s"),
    "organisation.closed": gettext_noop("%(actor)s closed the organisation %(name)s on %(date)s"),
    "organisation.reopened": gettext_noop("%(actor)s reopened the organisation %(name)s"),
    "person.created": gettext_noop("%(actor)s added the person %(person)s"),
    "person.changed": gettext_noop("%(actor)s changed the details of %(person)s"),
    "person.deactivated": gettext_noop("%(actor)s closed the account of %(person)s"),
    "person.activated": gettext_noop("%(actor)s reopened the account of %(person)s"),
    "person.password_set": gettext_noop("%(actor)s set a new password for %(person)s"),
    "person.second_factor_removed": gettext_noop("%(actor)s removed the second factor of %(person)s"),
    "role.granted": gettext_noop(
        "%(actor)s gave %(person)s the role %(role)s for %(organisation)s from %(date)s"
    ),
    "role.ended": gettext_noop(
        "%(actor)s ended the role %(role)s of %(person)s for %(organisation)s on %(date)s"
    ),
    "role.withdrawn": gettext_noop("%(actor)s withdrew the role %(role)s of %(person)s for %(organisation)s"),
    "token.created": gettext_noop("%(actor)s made the API token “%(name)s” for %(person)s"),
    "token.revoked": gettext_noop("%(actor)s revoked the API token “%(name)s” of %(person)s"),
}
