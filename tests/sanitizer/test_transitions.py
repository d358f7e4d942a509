"""Slides follow one another as they did in newer versions of PowerPoint, and as plainly as before in others."""

import io

import pytest

from sekisho.sanitizer.verify import find_complaint

from .attacks.common import MARKER, URL
from .office import opened, presentation, shape
from .passing import clean, codes, replaced

_SPACES = {
    "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
    "p14": "http://schemas.microsoft.com/office/powerpoint/2010/main",
    "p15": "http://schemas.microsoft.com/office/powerpoint/2012/main",
    "p159": "http://schemas.microsoft.com/office/powerpoint/2015/09/main",
}
_DECLARED = " ".join(f'xmlns:{prefix}="{space}"' for prefix, space in _SPACES.items())
_PLAIN = '<p:transition spd="slow"><p:fade/></p:transition>'


def _moving(newer: str, *, needs: str = "p14", plain: str = _PLAIN, declared: str = _DECLARED) -> bytes:
    tail = (
        f'<mc:AlternateContent {declared}><mc:Choice Requires="{needs}">{newer}</mc:Choice><mc:Fallback>{plain}</mc:Fallback>'
        "</mc:AlternateContent>"
    )
    return presentation(shape("words"), tail=tail).build()


@pytest.mark.parametrize(
    ("needs", "inside"),
    [
        ("p14", '<p14:reveal dir="r" thruBlk="1"/>'), ("p14", "<p:fade/>"), ("p15", '<p15:prstTrans prst="peelOff"/>'),
        ("p159", '<p159:morph option="byObject"/>'), ("p159 p14", '<p159:morph option="byWord"/>'),
    ],
)  # fmt: skip
def test_the_newer_transition_stays_beside_the_plain_one(needs: str, inside: str) -> None:
    newer = f'<p:transition spd="slow" p14:dur="2000" advTm="3000">{inside}</p:transition>'
    output, result = clean(_moving(newer, needs=needs), "a.pptx")
    written = opened(output).decode()
    assert f'<mc:Choice Requires="{needs}">{newer}</mc:Choice><mc:Fallback>{_PLAIN}</mc:Fallback>' in written
    for prefix in needs.split():
        assert f'xmlns:{prefix}="{_SPACES[prefix]}"' in written
    assert result.report.removed == ()
    assert clean(output, "a.pptx")[0] == output


@pytest.mark.parametrize(
    "inside",
    [
        f'<p14:reveal dir="{URL}"/>', f'<p:sndAc><p:stSnd><p:snd r:embed="rId9" name="{MARKER}"/></p:stSnd></p:sndAc>',
        f'<p14:{MARKER.split("-")[0]} src="{URL}"/>', f'<p159:morph option="{URL}">{MARKER}</p159:morph>',
        f'<p15:prstTrans prst="file://{MARKER}"/>', f'<p:extLst><p:ext uri="{MARKER}"/></p:extLst>',
    ],
)  # fmt: skip
def test_what_acts_in_a_transition_goes(inside: str) -> None:
    told = f"<p:transition>{inside}</p:transition>"
    for data in (_moving(told), _moving("<p:transition/>", plain=told)):
        output, _result = clean(data, "a.pptx")
        inside = opened(output).decode()
        assert MARKER not in inside
        assert URL not in inside


@pytest.mark.parametrize(
    ("newer", "needs", "declared"),
    [
        ("<p:transition/><p:timing/>", "p14", _DECLARED),
        ("<p:transition/>", "p14 mc", _DECLARED),
        ("<p:transition/>", "p14", _DECLARED.replace(_SPACES["p14"], URL)),
        ("", "p14", _DECLARED),
    ],
)
def test_other_branches_leave_the_plain_one(newer: str, needs: str, declared: str) -> None:
    inside = opened(clean(_moving(newer, needs=needs, declared=declared), "a.pptx")[0]).decode()
    assert _PLAIN in inside
    assert "<mc:" not in inside
    assert URL not in inside


def test_a_sound_of_a_newer_transition_is_told() -> None:
    sound = "<p:transition><p14:flash/><p:sndAc><p:endSnd/></p:sndAc></p:transition>"
    assert "ooxml.media" in codes(clean(_moving(sound), "a.pptx")[1])


def test_the_second_opinion_dislikes_what_no_transition_is() -> None:
    output = clean(_moving("<p:transition><p14:flash/></p:transition>"), "a.pptx")[0]
    assert find_complaint(io.BytesIO(output), "pptx") is None
    for old, new in (
        ("<p14:flash/>", '<p14:flash x="1"/>'), ("<p14:flash/>", "<p14:media/>"), ("<p14:flash/>", f"<p14:flash>{MARKER}</p14:flash>"),
        ('Requires="p14"', 'Requires="p14 p14"'), ('Requires="p14"', 'Requires="v"'),
    ):  # fmt: skip
        assert find_complaint(io.BytesIO(replaced(output, old, new)), "pptx") is not None
