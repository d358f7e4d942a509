"""Networks compared with the rule pack, without a database."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.gateway.rules import Flow, Network, PackError, System, check, shipped_pack
from sekisho.gateway.rules.pack import pack_from
from sekisho.gateway.rules.values import (
    DATA_CLASSES,
    FLOW_CONTROLS,
    HANDOVERS,
    MODELS,
    SYSTEM_CONTROLS,
    ZONE_KINDS,
)

CONTROLS = frozenset(FLOW_CONTROLS)


def codes(source, target, model="alpha", **flow):
    systems = {1: System(1, source), 2: System(2, target)}
    network = Network(model, systems, (Flow(1, 1, 2, **flow),))
    return {f.code for f in check(network, shipped_pack()) if f.about == "flow"}


def of_system(model="alpha", **parts):
    found = check(Network(model, {1: System(1, **parts)}), shipped_pack())
    return {f.code: f.missing for f in found}


def test_the_internet_never_reaches_the_my_number_zone_whatever_the_controls():
    assert "NET-001" in codes("internet", "mynumber", controls=CONTROLS)
    assert "NET-002" in codes("mynumber", "cloud", controls=CONTROLS)


def test_files_that_enter_lgwan_are_sanitized():
    assert codes("internet", "lgwan") == {"NET-010"}
    assert codes("internet", "lgwan", controls=frozenset({"sanitizing"})) == set()
    assert codes("internet", "lgwan", handover="api") == set()


def test_my_number_asks_for_sanitizing_and_approval():
    assert codes("lgwan", "mynumber", controls=frozenset({"sanitizing"})) == {"NET-011"}
    assert codes("lgwan", "mynumber", controls=frozenset({"sanitizing", "approval"})) == set()


def test_a_breakout_to_the_cloud_depends_on_the_model():
    assert codes("lgwan", "cloud", "alpha", handover="api") == {"NET-016"}
    assert codes("lgwan", "cloud", "alpha_dash", handover="api") == {"NET-017"}
    assert codes("lgwan", "cloud", "alpha_dash", handover="api", controls=frozenset({"encryption"})) == set()
    assert codes("lgwan", "cloud", "beta", handover="api") == set()


def test_beta_asks_for_epp_and_edr_on_terminals_and_beta_dash_on_systems_too():
    terminal = {"zone_kind": "internet", "workplace": True}
    assert of_system("beta", **terminal) == {"NET-020": ("edr", "epp")}
    assert of_system("beta", **terminal, controls=frozenset({"epp"})) == {"NET-020": ("edr",)}
    assert of_system("beta", zone_kind="internet") == {}
    assert set(of_system("beta_dash", zone_kind="internet")) == {"NET-021"}
    assert set(of_system("alpha", **terminal)) == {"NET-022"}


def test_what_stays_in_one_zone_crosses_nothing():
    for zone in ("lgwan", "internet", "mynumber"):
        assert codes(zone, zone, data_class="personal", handover="mail") == set()


def test_every_rule_reads_in_both_languages_and_says_how_to_mend():
    pack = shipped_pack()
    for rule in pack.rules:
        assert all(rule.title[lang] and rule.mend[lang] for lang in ("ja", "en"))
    assert "参考" in pack.title["ja"]
    assert set(pack.models) == set(MODELS)


@given(
    st.sampled_from(MODELS),
    st.lists(st.tuples(st.sampled_from(ZONE_KINDS), st.sampled_from(DATA_CLASSES), st.booleans()), min_size=1, max_size=6),
    st.lists(
        st.tuples(st.integers(0, 7), st.integers(0, 7), st.sampled_from(HANDOVERS), st.sampled_from(DATA_CLASSES)),
        max_size=6,
    ),
)  # fmt: skip
def test_controls_only_ever_help(model, systems, flows):
    """More controls never make more findings, and a second look finds the same."""

    def found(on_systems, on_flows):
        placed = {n: System(n, z, d, on_systems, w) for n, (z, d, w) in enumerate(systems)}
        going = tuple(Flow(n, a, b, d, h, on_flows) for n, (a, b, h, d) in enumerate(flows))
        network = Network(model, placed, going)
        assert check(network, shipped_pack()) == check(network, shipped_pack())
        return {(f.code, f.about, f.key) for f in check(network, shipped_pack())}

    assert found(frozenset(SYSTEM_CONTROLS), CONTROLS) <= found(frozenset(), frozenset())


WORDS = {"ja": "x", "en": "x"}
GOOD = {"code": "X", "about": "flow", "title": WORDS, "mend": WORDS, "forbid": True}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"about": "zone"}, "about: flow or system"),
        ({"from": ["moon"]}, "knows mynumber"),
        ({"forbid": False}, "either forbid"),
        ({"require": ["sanitizing"]}, "either forbid"),
        ({"mend": {"ja": "x"}}, "mend needs words in ja and en"),
        ({"colour": "red"}, "colour is not known"),
        ({"from": "lgwan"}, "must be a list"),
    ],
)
def test_a_broken_pack_names_the_rule_and_the_mend(change, said):
    document = {"id": "p", "version": "1", "title": WORDS, "note": WORDS, "rules": [{**GOOD, **change}]}
    with pytest.raises(PackError, match=said) as error:
        pack_from(document)
    assert "rule 1 (X)" in str(error.value)
