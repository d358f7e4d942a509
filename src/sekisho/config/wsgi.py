"""WSGI entry point: pages and API are served over WSGI (ADR 0001)."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sekisho.config.settings")
application = get_wsgi_application()
