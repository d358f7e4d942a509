"""The list of everything that holds data at retirement."""

import unicodedata
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from sekisho.book.models import Project, RetirementItem
from sekisho.book.services.acting import acting_on
from sekisho.book.services.common import changed, choice, expect, filled, plain, read_again, readable
from sekisho.errors import Invalid, StaleWrite

FIELDS = (
    "kind",
    "name",
    "location",
    "classification",
    "method",
    "done_on",
    "done_by",
    "witness",
    "certificate",
)
_WORDS = ("location", "done_by", "witness", "certificate")
_LONGEST = 300


def set_retirement_item(
    user: Any,
    project: Project,
    values: Mapping[str, Any],
    *,
    item: RetirementItem | None = None,
    expected_version: int | None = None,
) -> RetirementItem:
    """Add or change one line of the list. ``values`` may hold any of ``FIELDS``.

    Raises:
        Invalid: an unknown choice, a date in the future, the doer as own witness, or a method too weak for the
            highest class.
    """
    with acting_on(user, project) as act:
        act.require("retire")
        item = (
            RetirementItem.objects.select_for_update(of=("self",)).get(pk=item.pk)
            if item
            else RetirementItem(project=act.project, version=0)
        )
        if expected_version is not None and item.version != expected_version:
            raise StaleWrite(
                _("Someone else changed this line in the meantime."),
                current=plain({name: getattr(item, name) for name in (*FIELDS, "version")}),
                yours=plain({name: value for name, value in values.items() if name in FIELDS}),
            )
        current = {name: getattr(item, name) for name in FIELDS}
        for name in FIELDS:
            if name in values:
                setattr(item, name, values[name])
        _check(item, act.today)
        before, after = changed(current, {name: getattr(item, name) for name in FIELDS})
        if after or item.pk is None:
            item.version += 1
            item.save()
            params = {"name": item.name, "item_id": item.pk}
            act.write("retirement.item_set", params, before=before, after=after)
    return item


def _check(item: RetirementItem, today: Any) -> None:
    item.name = filled(item.name, "name")
    for name in ("name", *_WORDS):
        setattr(item, name, readable(getattr(item, name)))
        if (length := len(getattr(item, name))) > _LONGEST:
            limit = {"limit": _LONGEST, "length": length}
            raise Invalid(_("At most %(limit)d characters fit here; this is %(length)d.") % limit, field=name)
    choice(item.kind, RetirementItem.Kind, "kind")
    choice(item.classification, RetirementItem.Classification, "classification")
    if item.method:
        choice(item.method, RetirementItem.Method, "method")
    _require_enough(item)
    if item.done_on and item.done_on > today:
        raise Invalid(_("This day lies ahead. Record what has been done."), field="done_on")
    if item.witness and _same_name(item.witness, item.done_by):
        raise Invalid(_("The witness must be someone else than who did it."), field="witness")


def _require_enough(item: RetirementItem) -> None:
    """Refuse a method too weak for the class: the guideline's classes of erasing, in the terms of NIST SP 800-88."""
    classes, methods = RetirementItem.Classification, RetirementItem.Method
    if item.classification == classes.RESIDENT and item.method not in ("", methods.DESTROY):
        raise Invalid(
            _("Residents' data of the My Number zone must be physically destroyed."), field="method"
        )
    if item.classification == classes.CLASS_2_UP and item.method == methods.CLEAR:
        raise Invalid(
            _("Data of class 2 or higher must be erased so that no laboratory could restore them."),
            field="method",
        )


def _same_name(one: str, other: str) -> bool:
    """Whether two names are one, however wide or spaced they are written."""
    plain = ["".join(unicodedata.normalize("NFKC", name).split()).casefold() for name in (one, other)]
    return plain[0] == plain[1]


def remove_retirement_item(user: Any, item: RetirementItem, *, expected_version: int | None = None) -> None:
    """Take a line off the list, when it was entered by mistake. The ledger keeps it."""
    with acting_on(user, item.project) as act:
        act.require("retire")
        read_again(item)
        expect(item, expected_version, {}, {}, _("Someone else changed this line in the meantime."))
        before = {name: getattr(item, name) for name in FIELDS}
        params = {"name": item.name, "item_id": item.pk}
        item.delete()
        act.write("retirement.item_removed", params, before=before)
