"""Acts on the network: the chosen model, zones, and the systems and flows of books."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from sekisho.book.models import Project
from sekisho.book.services import ledger
from sekisho.book.services.acting import acting_on
from sekisho.book.services.common import Act, choice, filled, fitting
from sekisho.errors import Conflict, Invalid, NotPermitted
from sekisho.gateway.models import Flow, NetworkChoice, System, Zone
from sekisho.gateway.models.network import DataClass
from sekisho.gateway.services.planning import mark_done
from sekisho.people.permissions import actor_of, require

#: how a model is written in every language
SIGNS = {"alpha": "α", "alpha_dash": "α′", "beta": "β", "beta_dash": "β′"}
#: the zones most governments have; made once, when the first is needed
USUAL = (
    ("mynumber", "マイナンバー利用事務系", "My Number zone"),
    ("lgwan", "LGWAN接続系", "LGWAN zone"),
    ("internet", "インターネット接続系", "Internet zone"),
    ("cloud", "外部クラウド", "Cloud"),
)


def make_usual_zones(user: Any) -> None:
    """Make the four usual zones where there is none yet; and choose model α until another is chosen."""
    actor = actor_of(user)
    if not actor.may_anywhere("edit_routes"):
        raise NotPermitted(_("Routes are for the information security officer."))
    with transaction.atomic():
        if Zone.objects.exists():
            raise Conflict(_("There are zones already."))
        NetworkChoice.objects.get_or_create(pk=1)
        for order, (kind, name, name_en) in enumerate(USUAL):
            Zone.objects.create(code=kind, kind=kind, name=name, name_en=name_en, order=order)
        ledger.append(actor, None, "zone.made", params={"zones": "、".join(name for _k, name, _e in USUAL)})


def choose_model(user: Any, model: str) -> None:
    """Choose the model of separated networks that the check goes by.

    Raises:
        NotPermitted: not an information security officer of the whole government. Invalid: no such model.
    """
    from sekisho.people.models import Organisation

    roots = list(Organisation.objects.filter(parent=None, closed_on=None))
    actor = require(user, "edit_routes", path=roots[0].path if roots else "")
    with transaction.atomic():
        row, _made = NetworkChoice.objects.select_for_update().get_or_create(pk=1)
        before, row.model = row.model, choice(model, NetworkChoice.Model, "model")
        row.save(update_fields=["model"])
        ledger.append(
            actor, None, "network.model_chosen", params={"model": SIGNS[row.model]}, before={"model": before},
            after={"model": row.model},
        )  # fmt: skip


def _chosen(values: Any, choices: Any, field: str) -> list[str]:
    return sorted({choice(value, choices, field) for value in values or ()})


def _system_parts(said: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "zone": said["zone"],
        "name": fitting(filled(said["name"], "name"), 100, "name"),
        "name_en": fitting(said.get("name_en"), 100, "name_en"),
        "data_class": choice(said.get("data_class", "internal"), DataClass, "data_class"),
        "workplace": bool(said.get("workplace")),
        "controls": _chosen(said.get("controls"), System.Control, "controls"),
    }


def place_system(user: Any, project: Project, **said: Any) -> System:
    """Place a system of a book in a zone. Raises ``Invalid`` for a name used twice."""
    with acting_on(user, project) as act:
        act.require("edit")
        parts = _system_parts(said)
        if System.objects.filter(project=act.project, name=parts["name"]).exists():
            raise Invalid(_("This book has a system of that name already."), field="name")
        system = System.objects.create(project=act.project, **parts)
        _write(act, "system.placed", system)
    return system


def change_system(user: Any, system: System, **said: Any) -> System:
    """Change a system, or move it to another zone."""
    with acting_on(user, system.project) as act:
        act.require("edit")
        system = System.objects.select_related("zone").get(pk=system.pk)
        parts = _system_parts(said)
        if System.objects.filter(project=act.project, name=parts["name"]).exclude(pk=system.pk).exists():
            raise Invalid(_("This book has a system of that name already."), field="name")
        _write(act, "system.changed", system, **_changed(system, parts))
        mark_done(act, system)
    return system


def _changed(row: System | Flow, parts: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Save a row with these parts. Returns what moved, ``before`` and ``after``."""
    before = {key: _said(getattr(row, key)) for key in parts}
    for key, value in parts.items():
        setattr(row, key, value)
    row.save()
    after = {key: _said(value) for key, value in parts.items()}
    moved = [key for key in after if before[key] != after[key]]
    return {"before": {key: before[key] for key in moved}, "after": {key: after[key] for key in moved}}


def _said(value: Any) -> Any:
    return value.name if isinstance(value, Zone | System) else value


def remove_system(user: Any, system: System) -> None:
    """Take a system off the map, with its flows; the ledger keeps what it was."""
    with acting_on(user, system.project) as act:
        act.require("edit")
        _write(act, "system.removed", system)
        system.delete()


def _write(act: Act, name: str, system: System, **sides: Any) -> None:
    act.write(name, {"name": system.name, "zone": system.zone.name, "system_id": system.pk}, **sides)


def _flow_parts(source: System, target: System, said: Mapping[str, Any]) -> dict[str, Any]:
    if source.pk == target.pk:
        raise Invalid(_("A flow leads from one system to another. Choose two."), field="target")
    return {
        "source": source,
        "target": target,
        "what": fitting(filled(said["what"], "what"), 200, "what"),
        "data_class": choice(said.get("data_class", "internal"), DataClass, "data_class"),
        "handover": choice(said.get("handover", "gateway"), Flow.Handover, "handover"),
        "protocol": fitting(said.get("protocol"), 60, "protocol"),
        "controls": _chosen(said.get("controls"), Flow.Control, "controls"),
    }


def add_flow(user: Any, source: System, target: System, **said: Any) -> Flow:
    """Add a flow that leaves a system of a book. Raises ``Invalid``."""
    with acting_on(user, source.project) as act:
        act.require("edit")
        flow = Flow.objects.create(**_flow_parts(source, target, said))
        _write_flow(act, "flow.added", flow)
    return flow


def change_flow(user: Any, flow: Flow, source: System, target: System, **said: Any) -> Flow:
    """Change a flow, as to give it the protection that a rule demands; it stays in its book. Raises ``Invalid``."""
    with acting_on(user, flow.source.project) as act:
        act.require("edit")
        if source.project_id != act.project.pk:
            raise Invalid(_("A flow leaves a system of its own book."), field="source")
        flow = Flow.objects.select_related("source", "target").get(pk=flow.pk)
        parts = _flow_parts(source, target, said)
        _write_flow(act, "flow.changed", flow, **_changed(flow, parts))
    return flow


def remove_flow(user: Any, flow: Flow) -> None:
    """Take a flow off the map."""
    with acting_on(user, flow.source.project) as act:
        act.require("edit")
        _write_flow(act, "flow.removed", flow)
        flow.delete()


def _write_flow(act: Act, name: str, flow: Flow, **sides: Any) -> None:
    told = {"what": flow.what, "source": flow.source.name, "target": flow.target.name, "flow_id": flow.pk}
    act.write(name, told, **sides)
