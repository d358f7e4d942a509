"""Addresses of my work, the registry and its saved views, and of opening a book."""

from django.urls import path

from sekisho.book.views import new, registry, saved_views, work

urlpatterns = [
    path("", work.page, name="my_work"),
    path("projects/", registry.page, name="registry"),
    path("projects/total/", registry.total, name="registry_total"),
    path("projects/new/", new.page, name="new"),
    path("projects/views/", saved_views.create, name="view_save"),
    path("projects/views/<int:pk>/delete/", saved_views.delete, name="view_delete"),
    path("jump/", registry.jump, name="jump"),
]
