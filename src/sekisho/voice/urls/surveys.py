"""Addresses of surveys: made and read inside, answered at a short public address."""

from django.urls import path

from sekisho.voice.views import (
    answering,
    breakdown,
    comparison,
    features,
    incoming,
    kano,
    series,
    surveys,
    topics,
    waves,
    xlsforms,
)

urlpatterns = [
    path("voice/surveys/", surveys.surveys, name="surveys"),
    path("voice/surveys/new/", surveys.new, name="new_survey"),
    path("voice/surveys/import/", xlsforms.bring, name="import_survey"),
    path("voice/surveys/<int:pk>/", surveys.page, name="survey"),
    path("voice/surveys/<int:pk>/do/<slug:name>/", surveys.act, name="survey_act"),
    path("voice/surveys/<int:pk>/answers/", incoming.upload, name="bring_answers"),
    path("voice/answers/<int:pk>/", incoming.answers, name="answers"),
    path("voice/answers/<int:pk>/do/<slug:name>/", incoming.act, name="answers_act"),
    path("voice/features/<str:code>/", features.page, name="features"),
    path(
        "voice/organisations/<str:code>/satisfaction/",
        series.page,
        {"organisation": True},
        name="organisation_satisfaction",
    ),
    path(
        "voice/organisations/<str:code>/satisfaction/chart.<slug:kind>",
        series.file,
        {"organisation": True},
        name="organisation_satisfaction_file",
    ),
    path("voice/satisfaction/<str:code>/", series.page, name="satisfaction"),
    path("voice/satisfaction/<str:code>/chart.<slug:kind>", series.file, name="satisfaction_file"),
    path("voice/surveys/<int:pk>/xlsform.xlsx", xlsforms.workbook, name="survey_xlsform"),
    path("voice/waves/<int:pk>/", waves.page, name="wave"),
    path("voice/waves/<int:pk>/poster/", waves.poster, name="wave_poster"),
    path("voice/waves/<int:pk>/answers.xlsx", waves.workbook, name="wave_workbook"),
    path("voice/waves/<int:pk>/kano/", kano.page, name="wave_kano"),
    path("voice/waves/<int:pk>/kano/tables/", kano.tables, name="wave_kano_tables"),
    path("voice/waves/<int:pk>/kano/<slug:question>.<slug:kind>", kano.file, name="wave_kano_file"),
    path("voice/waves/<int:pk>/compare/", comparison.page, name="wave_compare"),
    path("voice/waves/<int:pk>/groups/", breakdown.page, name="wave_groups"),
    path("voice/waves/<int:pk>/topics/", topics.page, name="wave_topics"),
    path("voice/waves/<int:pk>/do/<slug:name>/", waves.act, name="wave_act"),
    path("s/<str:token>/", answering.answer, name="answer"),
    path("s/<str:token>/thanks/", answering.thanks, name="answer_thanks"),
    path("s/<str:token>/<str:code>/", answering.answer, name="answer_once"),
]
