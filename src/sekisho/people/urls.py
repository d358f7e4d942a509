"""Addresses of people: public pages, one's own, administration."""

from django.urls import path

from sekisho.people.views import accounts, administration, own, public

app_name = "people"

urlpatterns = [
    # public
    path("healthz", public.healthz, name="healthz"),
    path("setup/", public.setup, name="setup"),
    path("sample-sign-in/", public.sample_sign_in, name="sample_sign_in"),
    # stands in front of Django's own page of the same address (see config/urls.py)
    path("i18n/setlang/", public.set_language, name="set_language"),
    # one's own
    path("account/", own.account, name="account"),
    path("account/tokens/", own.tokens, name="tokens"),
    path("account/tokens/<int:token_id>/revoke/", own.revoke_token, name="revoke_token"),
    path("notices/", own.notices, name="notices"),
    path("notices/read/", own.read_all, name="read_all"),
    path("notices/<int:notice_id>/read/", own.read_notice, name="read_notice"),
    # administration
    path("administration/", administration.administration, name="administration"),
    path("administration/history/", administration.history, name="history"),
    path("administration/organisations/", administration.organisations, name="organisations"),
    path("administration/organisations/new/", administration.new_organisation, name="new_organisation"),
    path(
        "administration/organisations/<int:organisation_id>/",
        administration.organisation,
        name="organisation",
    ),
    path(
        "administration/organisations/<int:organisation_id>/close/",
        administration.close_organisation,
        name="close_organisation",
    ),
    path(
        "administration/organisations/<int:organisation_id>/reopen/",
        administration.reopen_organisation,
        name="reopen_organisation",
    ),
    path("administration/people/", accounts.people, name="people"),
    path("administration/people/new/", accounts.new_person, name="new_person"),
    path("administration/people/<int:person_id>/", accounts.person, name="person"),
    path("administration/people/<int:person_id>/roles/", accounts.grant_role, name="grant_role"),
    path(
        "administration/people/<int:person_id>/roles/<int:role_id>/end/", accounts.end_role, name="end_role"
    ),
    path("administration/people/<int:person_id>/password/", accounts.set_password, name="set_password"),
    path(
        "administration/people/<int:person_id>/second-factor/remove/",
        accounts.remove_second_factor,
        name="remove_second_factor",
    ),
    path("administration/people/<int:person_id>/close/", accounts.deactivate, name="deactivate"),
    path("administration/people/<int:person_id>/reopen/", accounts.activate, name="activate"),
    path(
        "administration/people/<int:person_id>/tokens/<int:token_id>/revoke/",
        accounts.revoke_token,
        name="revoke_person_token",
    ),
]
