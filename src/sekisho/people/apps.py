from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Organisations, accounts, roles, permissions, notices."""

    name = "sekisho.people"
    label = "people"

    def ready(self) -> None:
        from django.db.models.signals import post_save

        from sekisho.people.adapters import vouch_for_address

        post_save.connect(vouch_for_address, sender="people.User", dispatch_uid="people.vouch_for_address")
