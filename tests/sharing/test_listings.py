"""Which years listed a book, and as what, told from its ledger."""

from sekisho.sharing.listings import Entry, State, listed

NOW = State(2026, "今の名", "局\n課", "今の目的", "今の概要")


def imported(year, source="RS", **after):
    return Entry("project.imported", {"source": f"{source} {year}"}, {}, after, 2026)


def renamed(year, old, new):
    return Entry(
        "project.renamed",
        {"source": f"RS {year}", "old": old, "new": new},
        {"name": old},
        {"name": new},
        2026,
    )


def years(states):
    return [state.year for state in states]


def test_a_source_lists_a_book_from_its_first_year_to_its_last():
    found = listed([imported(2023, name="甲"), imported(2024)], NOW, last_listed=2025)
    assert years(found) == [2023, 2024, 2025]


def test_a_book_that_vanished_is_not_listed_until_it_comes_back():
    gone = Entry("project.vanished", {"source": "RS", "year": 2024}, {}, {}, 2026)
    assert years(listed([imported(2023, name="甲"), gone], NOW)) == [2023]
    assert years(listed([imported(2023), gone, imported(2026)], NOW, last_listed=2026)) == [2023, 2026]


def test_a_book_that_people_opened_counts_until_it_is_closed():
    opened = Entry("project.created", {}, {}, {"name": "甲"}, 2024)
    assert years(listed([opened], NOW)) == [2024, 2025, 2026]
    assert years(listed([opened], NOW, closed_in=2025)) == [2024, 2025]


def test_each_year_has_the_name_and_owner_of_its_time():
    moved = Entry(
        "project.reorganised", {"source": "RS 2025"}, {"owner": "旧局 / 旧課"}, {"owner": "新局 / 新課"}, 2026
    )
    entries = [imported(2023, name="甲", owner="旧局 / 旧課"), renamed(2024, "甲", "乙"), moved]
    found = listed(entries, NOW)
    assert [state.name for state in found] == ["甲", "乙", "乙"]
    assert [state.owner for state in found] == ["旧局\n旧課", "旧局\n旧課", "新局\n新課"]


def test_a_list_taken_in_after_later_ones_tells_of_its_own_year_alone():
    late = imported(2023, listed_year=2023, listed_name="旧名", listed_owner="旧局 / 旧課")
    found = listed([imported(2024, name="甲", owner="局 / 課"), late], NOW, last_listed=2025)
    assert [(state.year, state.name) for state in found] == [(2023, "旧名"), (2024, "甲"), (2025, "甲")]
    assert [state.owner for state in found] == ["旧局\n旧課", "局\n課", "局\n課"]


def test_what_people_changed_later_is_not_told_of_earlier_years():
    edited = Entry("project.updated", {"fields": ["name"]}, {"name": "甲"}, {"name": "今の名"}, 2026)
    assert [state.name for state in listed([imported(2023, name="甲"), edited], NOW, last_listed=2024)] == [
        "甲",
        "甲",
    ]


def test_a_book_whose_ledger_says_no_name_has_todays():
    assert [state.name for state in listed([imported(2023)], NOW)] == ["今の名"]


def test_targets_are_those_said_by_each_year():
    def goal(target):
        return [{"kind": "outcome", "text": "利用率", "target": target, "unit": "%"}]

    found = listed([imported(2023, goals=goal("60")), imported(2024, goals=goal("70"))], NOW)
    key = ("outcome", "利用率")
    assert [state.targets[key] for state in found] == [("60", "%"), ("70", "%")]


def test_sources_without_a_year_count_as_acts_of_people():
    entry = Entry("project.imported", {"source": "excel"}, {}, {"name": "甲"}, 2025)
    assert years(listed([entry], NOW)) == [2025, 2026]
