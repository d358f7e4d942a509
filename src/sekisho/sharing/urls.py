"""Addresses of similar projects, the catalogue, proposals and the reuse ledger."""

from django.urls import path

from sekisho.sharing.views import catalogue, life, proposals, similar, years

app_name = "sharing"
urlpatterns = [
    path("projects/<str:code>/similar/", similar.page, name="similar"),
    path("projects/<str:code>/similar/judge/", similar.judge, name="judge"),
    path("projects/<str:code>/platforms/<int:pk>/", similar.answer, name="answer"),
    path("projects/<str:code>/platforms/<int:pk>/offer/", similar.offer, name="offer"),
    path("projects/<str:code>/years/", life.page, name="life"),
    path("sharing/", catalogue.page, name="catalogue"),
    path("sharing/new/", catalogue.new, name="new_platform"),
    path("sharing/groups/", proposals.groups, name="groups"),
    path("sharing/reuse/", catalogue.reuse, name="reuse"),
    path("sharing/reuse/<int:pk>/confirm/", catalogue.confirm, name="confirm"),
    path("sharing/proposals/", proposals.listing, name="proposals"),
    path("sharing/proposals/new/", proposals.new, name="new_proposal"),
    path("sharing/proposals/<int:pk>/", proposals.page, name="proposal"),
    path("sharing/proposals/<int:pk>/act/<slug:name>/", proposals.act, name="proposal_act"),
    path("sharing/years/", years.page, name="years"),
    path("sharing/years/<int:pk>/settle/", years.settle, name="settle"),
    path("sharing/<int:pk>/", catalogue.platform, name="platform"),
    path("sharing/<int:pk>/change/", catalogue.change, name="change_platform"),
]
