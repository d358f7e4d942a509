"""Addresses of the standards pages."""

app_name = "standards"
urlpatterns: list = []
