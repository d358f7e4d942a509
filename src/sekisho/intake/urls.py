"""Addresses of import and export."""

from django.urls import path

from sekisho.intake import views

app_name = "intake"

urlpatterns = [
    path("", views.imports, name="imports"),
    path("new/<slug:source>/", views.upload, name="upload"),
    path("<int:run_id>/", views.run, name="run"),
    path("<int:run_id>/columns/", views.mapping, name="mapping"),
    path("<int:run_id>/confirm/", views.confirm, name="confirm"),
    path("<int:run_id>/abandon/", views.abandon, name="abandon"),
    path("export/files/<int:job_id>/", views.export_file, name="export_file"),
    path("export/<slug:fmt>/", views.export, name="export"),
]
