"""Addresses of the book and of everything done on it."""

from django.urls import path

from sekisho.book.views import book_page

urlpatterns = [
    path("projects/<str:code>/", book_page.page, name="book"),
    path("projects/<str:code>/ledger/", book_page.ledger, name="ledger"),
    path("projects/<str:code>/act/<slug:name>/", book_page.act, name="act"),
]
