"""Addresses of user tests, their sessions and problems."""

from django.urls import path

from sekisho.voice.views import problems, sessions, usertests

urlpatterns = [
    path("voice/", usertests.tests, name="tests"),
    path("voice/tests/new/", usertests.new, name="new_test"),
    path("voice/tests/<int:pk>/", usertests.page, name="test"),
    path("voice/tests/<int:pk>/plan/", usertests.plan, name="test_plan"),
    path("voice/tests/<int:pk>/report/", usertests.report, name="test_report"),
    path("voice/tests/<int:pk>/report.pdf", usertests.printed, name="test_pdf"),
    path("voice/tests/<int:pk>/report.xlsx", usertests.workbook, name="test_workbook"),
    path("voice/tests/<int:pk>/do/<slug:name>/", usertests.act, name="test_act"),
    path("voice/participants/<int:pk>/begin/", sessions.begin, name="begin_session"),
    path("voice/sessions/<int:pk>/", sessions.page, name="session"),
    path("voice/sessions/<int:pk>/results/<int:task>/", sessions.result, name="session_result"),
    path("voice/sessions/<int:pk>/do/<slug:name>/", sessions.act, name="session_act"),
    path("voice/problems/<int:pk>/", problems.page, name="problem"),
    path("voice/problems/<int:pk>/do/<slug:name>/", problems.act, name="problem_act"),
]
