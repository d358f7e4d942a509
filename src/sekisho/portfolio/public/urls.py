"""Addresses of the public side: open to everybody, and stable."""

from django.urls import path

from sekisho.portfolio.public.views import citizens

app_name = "public"
urlpatterns = [
    path("robots.txt", citizens.robots, name="robots"),
    path("public/", citizens.front, name="front"),
    path("public/sitemap.xml", citizens.sitemap, name="sitemap"),
    path("public/data/services/<str:code>.json", citizens.record, name="record"),
    path("public/data/<slug:name>", citizens.dataset, name="dataset"),
    path("public/data/<str:name>", citizens.file, name="file"),
    path("public/<slug:language>/", citizens.services, name="services"),
    path("public/<slug:language>/data/", citizens.data, name="data"),
    path("public/<slug:language>/changes.atom", citizens.feed, name="feed"),
    path("public/<slug:language>/services/<str:code>/", citizens.service, name="service"),
]
