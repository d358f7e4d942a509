from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Organisations, accounts, roles, permissions, notices."""

    name = "sekisho.people"
    label = "people"
