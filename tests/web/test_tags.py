"""Template tags and filters of the shell."""

import re
from datetime import date, timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django import forms
from django.template import Context, Template
from django.utils import timezone
from django.utils.translation import override

import sekisho.web
from sekisho.people.models import Organisation
from sekisho.web import formats
from sekisho.web.road import Road, Station
from sekisho.web.states import STATES

WEB = Path(sekisho.web.__file__).parent
ICONS = {s.get("id") for s in ElementTree.parse(WEB / "static/web/icons.svg").getroot()}


class ProjectForm(forms.Form):
    name = forms.CharField(label="Name", help_text="As citizens know it.")
    note = forms.CharField(label="Note", required=False)
    audience = forms.ChoiceField(label="Audience", choices=[("c", "Citizens")], widget=forms.RadioSelect)
    agreed = forms.BooleanField(label="Agreed", required=False)
    proof = forms.FileField(label="Proof", required=False)
    key = forms.CharField(widget=forms.HiddenInput, required=False)


def render(source: str, lang: str = "en", **context) -> str:
    with override(lang):
        return Template("{% load web %}" + source).render(Context(context))


def test_an_icon_is_silent_unless_it_is_named():
    assert 'aria-hidden="true"' in render('{% icon "book" %}')
    assert 'role="img" aria-label="Locked"' in render('{% icon "lock" label="Locked" %}')


def test_a_browser_cuts_nothing_that_is_pasted_into_a_field():
    class Short(forms.Form):
        line = forms.CharField(max_length=5)
        words = forms.CharField(max_length=5, widget=forms.Textarea)

    text = render(
        "{% field form.line %}{% field form.words %}", form=Short({"line": "あ" * 9, "words": "い" * 9})
    )
    assert "maxlength" not in text
    assert "あ" * 9 in text
    assert "い" * 9 in text


def test_nothing_chosen_reads_the_same_in_every_list(db):
    class Place(forms.Form):
        place = forms.ModelChoiceField(Organisation.objects.all(), required=False)
        named = forms.ModelChoiceField(Organisation.objects.all(), required=False, empty_label="Nobody yet")

    text = render("{% field form.place %}{% field form.named %}", form=Place())
    assert '<option value="" selected>–</option>' in text
    assert '<option value="" selected>Nobody yet</option>' in text


def test_every_icon_used_in_our_templates_exists():
    used = set()
    for path in WEB.parent.rglob("templates/**/*.html"):
        used |= set(re.findall(r'{% icon "([\w-]+)"', path.read_text()))
    assert used - ICONS == set()


def repeated_acts(source: str) -> list[str]:
    """Buttons inside a loop of a template, which stand on the page once a row."""
    parts = re.finditer(r"{% (for|endfor)\b.*?%}|<button\b.*?</button>", source, re.DOTALL)
    found, depth = [], 0
    for part in parts:
        if part[1]:
            depth += 1 if part[1] == "for" else -1
        elif depth:
            found.append(part[0])
    return found


#: the clock stands in a section that names its task, and its script writes its words
SAID_BY_THEIR_SECTION = {"data-start"}


def test_a_button_repeated_in_rows_says_to_screen_readers_which_row_it_acts_on():
    nameless = [
        f"{path.name}: {button}"
        for path in WEB.parent.rglob("templates/**/*.html")
        for button in repeated_acts(path.read_text())
        if not re.search(r"{{|{% (blocktranslate|public_field)", button.split(">", 1)[1])
        and "aria-label" not in button
        and not any(mark in button for mark in SAID_BY_THEIR_SECTION)
    ]
    assert nameless == []


@pytest.mark.parametrize("code", sorted(STATES))
def test_every_state_shows_a_shape_and_a_word(code):
    mark = render("{% state_mark code %}", code=code)
    shape, word = re.fullmatch(
        r'<span class="state state-\w+"><span [^>]+>(.)</span>(.+)</span>', mark
    ).groups()
    assert shape.strip()
    assert word.strip()


def test_a_state_mark_takes_another_word_and_escapes_it():
    assert "3 &lt;unmet&gt;" in render('{% state_mark "barred" word=w extra="boxed" %}', w="3 <unmet>")


def test_an_unknown_state_is_shown_as_undecided():
    assert "Undecided" in render('{% state_mark "from-the-future" %}')


def test_the_road_tag_draws_the_road():
    road = Road((Station("plan", "Plan", "here_open"),), "Plan")
    assert "road-band" in render('{% road r size="band" %}', r=road)


def test_a_field_ties_label_help_and_error_together():
    html = render("{% field form.name %}", form=ProjectForm({}))
    assert '<label for="id_name">Name<span class="required-word">Required</span></label>' in html
    assert re.search(r'<input[^>]*aria-describedby="id_name-help id_name-error"', html)
    assert re.search(r'<input[^>]*aria-invalid="true"', html)
    assert 'id="id_name-help"' in html
    assert 'id="id_name-error"' in html


@pytest.mark.parametrize(
    ("name", "en", "ja"),
    [
        ("name", "Fill in “Your name”.", "「Your name」を入力してください。"),
        ("audience", "Choose something for “Your name”.", "「Your name」を選んでください。"),
        ("agreed", "Tick “Your name”.", "「Your name」にチェックを入れてください。"),
        ("proof", "Choose a file for “Your name”.", "「Your name」のファイルを選んでください。"),
    ],
)
def test_what_is_missing_is_said_with_the_name_of_its_field_and_what_to_do(name, en, ja):
    for lang, said in (("en", en), ("ja", ja)):
        form = ProjectForm({})
        form.fields[name].required = True
        html = render(f'{{% field form.{name} "" "your name" %}}', lang, form=form)
        assert said in html
    own = forms.Form({})
    own.fields["why"] = forms.CharField(error_messages={"required": "Say why."})
    assert "Say why." in render("{% field form.why %}", form=own)


class Spoiled(forms.Form):
    name = forms.CharField(label="title", max_length=3)
    code = forms.SlugField(label="code")
    kind = forms.ChoiceField(label="kind", choices=[("a", "A")])


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("name", "“Title” holds at most 3 characters, but has 4. Shorten it."),
        ("code", "“Code” takes only the letters A to Z, digits, “-” and “_”. Leave out the rest."),
        ("kind", "What was chosen for “Kind” is not on offer. Choose again."),
    ],
)
def test_what_does_not_fit_is_said_with_the_name_of_its_field_and_what_to_do(name, said):
    form = Spoiled({"name": "abcd", "code": "a b", "kind": "z"})
    assert said in render(f"{{% field form.{name} %}}", form=form)


def test_sentences_stand_in_a_row_as_the_language_has_it():
    source = "{% sentences %}{{ a }} <b>{{ b }}</b>{% endsentences %}"
    assert render(source, a="二組です。", b="<3") == "二組です。<b>&lt;3</b>"
    assert render(source, a="Two groups.", b="3") == "Two groups. <b>3</b>"


def test_a_label_begins_with_a_capital_as_a_heading_does():
    assert ">What changes<" in render('{% field form.note "" "what changes" %}', form=ProjectForm())


def test_an_optional_field_without_faults_claims_nothing():
    html = render("{% field form.note %}", form=ProjectForm())
    assert "Required" not in html
    assert "aria-describedby" not in html
    assert "aria-invalid" not in html


def test_choices_are_grouped_under_a_legend():
    html = render("{% field form.audience %}", form=ProjectForm())
    assert "<fieldset" in html
    assert "<legend>Audience" in html


def test_other_widgets_take_the_shape_that_fits_them():
    form = ProjectForm()
    assert 'class="choice"' in render("{% field form.agreed %}", form=form)
    assert "file-drop" in render("{% field form.proof %}", form=form)
    assert render("{% field form.key %}", form=form).strip().startswith('<input type="hidden"')


def test_yen_shows_the_exact_figure_on_hover():
    html = render("{{ 123456789|yen }}", lang="ja")
    assert html == '<data value="123456789" title="123,456,789円">1億2,346万円</data>'


@pytest.mark.parametrize(
    ("language", "amount", "shown"),
    [
        ("ja", 42_4251_180_000, "4,242億5,118万円"),
        ("ja", 5_000, "5,000円"),
        ("ja", -3_0000_0000, "-3億円"),
        ("ja", 1_0002_0000_0000, "1兆2億円"),
        ("en", 123_450_000, "¥123.45M"),
        ("en", -5_000, "-¥5,000"),
    ],
)
def test_an_amount_in_a_sentence_stays_on_one_line(language, amount, shown):
    said = f"<b>{formats.yen_short(amount, language)}です。2026年度に5件"
    html = render("{{ said|unbroken }}", lang=language, said=said)
    assert html == f'&lt;b&gt;<span class="nowrap">{shown}</span>です。2026年度に5件'


def test_missing_values_are_said_quietly():
    for filter_name in ("yen", "date_long", "date_time", "relative_day", "or_not_entered"):
        html = render("{{ value|" + filter_name + " }}", value=None)
        assert html == '<span class="not-entered">not entered</span>'


def test_dates_are_machine_readable():
    assert (
        render("{{ d|date_long }}", d=date(2026, 11, 23))
        == '<time datetime="2026-11-23">Mon 23 Nov 2026</time>'
    )
    assert ">tomorrow<" in render("{{ d|relative_day }}", d=timezone.localdate() + timedelta(1))


@pytest.mark.parametrize("name", ["400.html", "500.html"])
def test_errors_without_a_context_still_make_a_whole_page(name):
    from django.template.loader import render_to_string

    html = render_to_string(name)
    assert "<main" in html
    assert "{{" not in html
    assert "{%" not in html


def test_no_template_carries_inline_script_style_or_handlers():
    forbidden = re.compile(r"""\sstyle=|<style|\son\w+=["']|hx-on|<script(?![^>]*src=)|javascript:""")
    found = [str(p) for p in (WEB / "templates").rglob("*.html") if forbidden.search(p.read_text())]
    assert found == []


def test_vendored_assets_carry_their_licence_and_are_listed():
    listed = (WEB / "static/vendor/README.md").read_text()
    for version in (WEB / "static/vendor").glob("*/*/"):
        assert (version / "LICENSE").exists()
        assert version.name in listed
