from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class JobsConfig(AppConfig):
    """Background work. Each app's handlers live in its ``jobs.py`` and are found at start."""

    name = "sekisho.jobs"
    label = "jobs"

    def ready(self) -> None:
        autodiscover_modules("jobs")
