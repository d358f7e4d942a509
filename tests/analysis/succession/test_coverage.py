"""Of whose projects a list speaks."""

from sekisho.analysis.succession.coverage import coverage

CITY = [("市", "道路局", "管理課"), ("市", "福祉局", "介護課"), ("市", "港湾局", "計画課")]


def test_a_list_of_one_bureau_speaks_for_that_bureau_alone() -> None:
    told = coverage(CITY, {2025: [CITY[0]]})
    assert [told.speaks_for(path, 2025) for path in CITY] == [True, False, False]


def test_a_list_of_most_bureaus_speaks_for_all_so_that_a_dissolved_one_ends() -> None:
    assert coverage(CITY, {2025: CITY[:2]}).speaks_for(CITY[2], 2025)


def test_each_year_s_list_speaks_for_itself() -> None:
    told = coverage(CITY, {2024: CITY, 2025: CITY[:1]})
    assert told.speaks_for(CITY[1], 2024)
    assert not told.speaks_for(CITY[1], 2025)


def test_width_and_case_make_no_other_bureau() -> None:
    told = coverage([("ICT局",), ("福祉局",)], {2025: [("ＩＣＴ局",)]})
    assert told.speaks_for(("ICT局",), 2025)


def test_an_office_of_one_bureau_speaks_for_itself_whatever_it_is_called_now() -> None:
    assert coverage([("旧局",)], {2025: [("新局",)]}).speaks_for(("旧局",), 2025)
    assert coverage([], {2025: [("新局",)]}).speaks_for((), 2025)
