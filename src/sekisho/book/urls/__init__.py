"""Addresses of the book, one file per subject."""

from sekisho.book.urls import book, gates, lists

app_name = "book"
urlpatterns = [*lists.urlpatterns, *gates.urlpatterns, *book.urlpatterns]
