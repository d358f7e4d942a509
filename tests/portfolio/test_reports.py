"""The annual report: set as tagged PDF, for the person who asked, whatever people wrote."""

import pypdfium2
import pytest
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from sekisho.book.services import planning
from sekisho.errors import Invalid, NotFound
from sekisho.jobs.models import Job
from sekisho.people.models import Installation
from sekisho.people.permissions import actor_of
from sekisho.people.roles import SYSTEM
from sekisho.portfolio.queries.figures import read_filters
from sekisho.portfolio.services import reports
from tests.book.factories import make_project

pytestmark = pytest.mark.django_db


def read(content):
    document = pypdfium2.PdfDocument(content)
    try:
        return "".join(page.get_textpage().get_text_bounded() for page in document)
    finally:
        document.close()


def report(user, **query):
    asked = QueryDict(mutable=True)
    asked.update(query)
    return reports.annual_report(actor_of(user), read_filters(asked))


def test_a_report_on_nothing_says_so(people):
    assert "Nothing is overdue." in read(report(people.executive))


def test_a_report_lists_what_one_may_read_in_ones_language(people, bureau, other_bureau):
    Installation.objects.create(name="関野市")
    project = make_project(bureau, name="住民票の交付")
    make_project(other_bureau, name="よその事業")
    month = timezone.localdate().replace(day=1)
    planning.report_status(SYSTEM, project, month=month, schedule=1, cost=1, scope=1, quality=1, words="遅れ")
    with override("ja"):
        text = read(report(people.member))
    assert "関野市" in text
    assert "住民票の交付" in text
    assert "工程ごとの事業数" in text
    assert "よその事業" not in text
    assert "よその事業" in read(report(people.executive))


@pytest.mark.parametrize(
    "name", ["#pagebreak() $x$ *a* `b` @c <d>", '"); #import "x.typ"', "\\u{202e}逆", "🏯" * 120]
)
def test_what_people_write_is_never_read_as_a_template(people, bureau, name):
    make_project(bureau, name=name)
    content = report(people.executive)
    assert content.startswith(b"%PDF")


def test_an_office_adapts_the_template(people, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    own = tmp_path / "reports" / "annual.typ"
    own.parent.mkdir()
    own.write_text('#let data = json(bytes(sys.inputs.data))\n#set document(title: "x")\nOurs: #data.title')
    assert "Ours: Annual report" in read(report(people.executive))
    own.write_text("#nonsense(")
    with pytest.raises(Invalid) as refusal:
        report(people.executive)
    assert "annual.typ" in str(refusal.value)


def test_the_report_is_made_in_the_background_and_given_to_its_owner(
    client, people, bureau, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    Installation.objects.create(name="関野市")
    client.force_login(people.executive)
    answer = client.post(reverse("portfolio:report"), {"query": "tier=focus"})
    job = Job.objects.get(kind=reports.KIND)
    assert answer.url == reverse("jobs:job", args=[job.pk])
    seen = []
    reports.run_report(
        people.executive, progress=lambda done, total: seen.append((done, total)), **job.params
    )
    assert seen[-1] == (4, 4)
    Job.objects.filter(pk=job.pk).update(state="done", finished_at=timezone.now())
    address = reverse("portfolio:report_file", args=[job.pk])
    answer = client.get(address)
    assert answer["Content-Type"] == "application/pdf"
    assert b"".join(answer.streaming_content).startswith(b"%PDF")
    client.force_login(people.member)
    assert client.get(address).status_code == 404
    with pytest.raises(NotFound):
        reports.finished_report(people.member, job.pk)
