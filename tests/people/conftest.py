import pytest

from sekisho.people import record


@pytest.fixture
def recorded(monkeypatch):
    """Acts handed to the record: (act, params, before, after)."""
    acts = []

    def keep(actor, act, *, params, before, after):
        acts.append((act, dict(params), dict(before), dict(after)))

    monkeypatch.setattr(record, "_recorders", [keep])
    return acts


@pytest.fixture(autouse=True)
def _set_up(db):
    """An installation that is set up: otherwise every page leads to setting it up."""
    from sekisho.people.models import Installation

    Installation.objects.create(id=1, name="さくら市")
