"""Addresses of user tests."""

from django.urls import path

from sekisho.voice.views import usertests

urlpatterns = [
    path("voice/", usertests.tests, name="tests"),
]
