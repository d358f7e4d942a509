from django.apps import AppConfig


class IntakeConfig(AppConfig):
    """Importers and exporters."""

    name = "sekisho.intake"
    label = "intake"
