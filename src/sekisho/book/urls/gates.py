"""Addresses of gates and of everything done on them."""

from django.urls import path

from sekisho.book.views import conditions, gate_acts, gates, reviewing

urlpatterns = [
    path("gates/", gates.index, name="gates"),
    path("gates/<int:gate_id>/", gates.page, name="gate"),
    path("gates/<int:gate_id>/snapshots/<int:number>/", gates.snapshot, name="snapshot"),
    path("gates/<int:gate_id>/answers/<slug:code>/", gates.answer, name="answer"),
    path("gates/<int:gate_id>/answers/<slug:code>/evidence/", gates.add_evidence, name="evidence_add"),
    path("gates/<int:gate_id>/answers/<slug:code>/waiver/", gate_acts.waive, name="waive"),
    path("evidence/<int:pk>/remove/", gates.remove_evidence, name="evidence_remove"),
    path("waivers/<int:pk>/revoke/", gate_acts.revoke_waiver, name="waiver_revoke"),
    path("gates/<int:gate_id>/due/", gate_acts.set_due, name="gate_due"),
    path("gates/<int:gate_id>/submit/", gate_acts.submit, name="gate_submit"),
    path("gates/<int:gate_id>/withdraw/", gate_acts.withdraw, name="gate_withdraw"),
    path("gates/<int:gate_id>/upgrade/", gate_acts.upgrade, name="gate_upgrade"),
    path("gates/<int:gate_id>/invite/", reviewing.invite, name="gate_invite"),
    path("gates/<int:gate_id>/review/", reviewing.review, name="gate_review"),
    path("gates/<int:gate_id>/decide/", reviewing.decide, name="gate_decide"),
    path("findings/<int:pk>/reply/", reviewing.reply, name="finding_reply"),
    path("findings/<int:pk>/resolve/", reviewing.resolve, name="finding_resolve"),
    path("conditions/<int:pk>/", conditions.page, name="condition"),
]
