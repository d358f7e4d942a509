from django.apps import AppConfig


class StandardsConfig(AppConfig):
    """Versioned packs of criteria and which of them a bureau uses."""

    name = "sekisho.standards"
    label = "standards"
