"""Addresses of the standards pages."""

from django.urls import path

from sekisho.standards import views

app_name = "standards"
urlpatterns = [
    path("", views.packs, name="packs"),
    path("in-force/", views.in_force, name="in_force"),
    path("compare/", views.compare_versions, name="compare"),
    path("<slug:pack>/<str:version>/", views.version, name="version"),
]
