"""Addresses of the portfolio, under ``portfolio/``."""

from django.urls import path

from sekisho.portfolio.public.views import office
from sekisho.portfolio.views import behind, dashboards, operation, reports, signs, week

app_name = "portfolio"
urlpatterns = [
    path("", dashboards.page, name="overview"),
    path("behind/", behind.page, name="behind"),
    path("behind.csv", behind.table, name="behind_csv"),
    path("wall/", dashboards.wall, name="wall"),
    path("week/", week.page, name="week"),
    path("services/", operation.services, name="services"),
    path("reports/files/<int:job_id>/", reports.file, name="report_file"),
    path("reports/<slug:kind>/", reports.page, name="report"),
    path("reports/<slug:kind>/make/", reports.make, name="report_make"),
    path("reports/<slug:kind>/<str:about>/", reports.page, name="report"),
    path("reports/<slug:kind>/<str:about>/make/", reports.make, name="report_make"),
    path("publishing/", office.page, name="publishing"),
    path("publishing/check/", office.check, name="publishing_check"),
    path("publishing/services/", office.services, name="publishing_services"),
    path("publishing/services/<str:code>/", office.service, name="publishing_service"),
    path("publishing/services/<str:code>/preview/", office.preview, name="publishing_preview"),
    path("publishing/decisions/<int:pk>/take-back/", office.take_back, name="publishing_take_back"),
    path("operation/upload/", operation.upload, name="operation_upload"),
    path("operation/upload/confirm/", operation.confirm, name="operation_confirm"),
    path("operation/<str:code>/", operation.page, name="operation"),
    path("operation/<str:code>/charts/<slug:name>.<slug:kind>", operation.chart, name="operation_chart"),
    path("operation/<str:code>/incidents/", operation.incident, name="incident"),
    path("signs/<str:code>/", signs.page, name="signs"),
    path("signs/<str:code>/answers/<int:pk>/take-back/", signs.take_back, name="signs_take_back"),
    path("charts/<slug:page>/<slug:name>.svg", dashboards.svg, name="svg"),
    path("charts/<slug:page>/<slug:name>.png", dashboards.png, name="png"),
    path("charts/<slug:page>/<slug:name>.csv", dashboards.csv, name="csv"),
    path("<slug:name>/", dashboards.page, name="page"),
]
