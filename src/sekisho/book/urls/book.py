"""Addresses of the book and of everything done on it."""

from django.urls import path

from sekisho.book.views import book_page, files, ledger, releases

urlpatterns = [
    path("projects/<str:code>/", book_page.page, name="book"),
    path("projects/<str:code>/ledger/", ledger.page, name="ledger"),
    path("projects/<str:code>/releases/<int:release_id>/", releases.page, name="release"),
    path("projects/<str:code>/act/<slug:name>/", book_page.act, name="act"),
    path("files/<int:pk>/", files.page, name="file"),
    path("files/<int:pk>/copy/", files.copy, name="file_copy"),
    path("files/<int:pk>/again/", files.again, name="file_again"),
]
