"""Addresses of the portfolio, under ``portfolio/``."""

from django.urls import path

from sekisho.portfolio.public.views import office
from sekisho.portfolio.views import behind, dashboards, operation, reports

app_name = "portfolio"
urlpatterns = [
    path("", dashboards.page, name="overview"),
    path("behind/", behind.page, name="behind"),
    path("behind.csv", behind.table, name="behind_csv"),
    path("wall/", dashboards.wall, name="wall"),
    path("report/", reports.make, name="report"),
    path("report/<int:job_id>.pdf", reports.file, name="report_file"),
    path("publishing/", office.page, name="publishing"),
    path("publishing/check/", office.check, name="publishing_check"),
    path("publishing/services/", office.services, name="publishing_services"),
    path("publishing/services/<str:code>/", office.service, name="publishing_service"),
    path("publishing/services/<str:code>/preview/", office.preview, name="publishing_preview"),
    path("publishing/decisions/<int:pk>/take-back/", office.take_back, name="publishing_take_back"),
    path("operation/<str:code>/", operation.page, name="operation"),
    path("charts/<slug:page>/<slug:name>.svg", dashboards.svg, name="svg"),
    path("charts/<slug:page>/<slug:name>.png", dashboards.png, name="png"),
    path("charts/<slug:page>/<slug:name>.csv", dashboards.csv, name="csv"),
    path("<slug:name>/", dashboards.page, name="page"),
]
