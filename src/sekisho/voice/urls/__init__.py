"""Addresses of the voice of users, one file per subject."""

from sekisho.voice.urls import quality, surveys, usertests

app_name = "voice"
urlpatterns = [*usertests.urlpatterns, *quality.urlpatterns, *surveys.urlpatterns]
