"""Addresses of quality levels."""

from django.urls import path

from sekisho.voice.views import quality

urlpatterns = [
    path("voice/quality/", quality.roadmap, name="quality"),
    path("voice/quality/<str:code>/", quality.service, name="quality_service"),
]
