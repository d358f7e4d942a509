"""All addresses of the application."""

from django.urls import include, path

#: asked for by allauth
handler429 = "sekisho.config.errors.too_many"

urlpatterns = [
    path("", include("sekisho.book.urls")),
    path("", include("sekisho.people.urls")),
    path("standards/", include("sekisho.standards.urls")),
    path("import/", include("sekisho.intake.urls")),
    path("", include("sekisho.voice.urls")),
    path("", include("sekisho.portfolio.public.urls")),
    path("portfolio/", include("sekisho.portfolio.urls")),
    path("", include("sekisho.sharing.urls")),
    path("", include("sekisho.gateway.urls")),
    path("jobs/", include("sekisho.jobs.urls")),
    path("api/v1/", include("sekisho.config.api_urls")),
    path("accounts/", include("allauth.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
]
