"""Free texts of a wave, grouped by what they speak of."""

from collections.abc import Sequence
from dataclasses import dataclass

from sekisho.analysis import topics
from sekisho.analysis.intervals import Estimate, wilson
from sekisho.voice.definition import Definition, Kind, Question
from sekisho.voice.models import Excerpt, Wave
from sekisho.voice.queries.surveys import counted_in, texts_of

#: texts that are grouped, taken by chance where there are more
READ = Excerpt.KEPT
#: texts shown behind each topic
SHOWN = 50
#: fewer texts than this are no topic, also where a wave would show fewer
LEAST = 3


@dataclass(frozen=True)
class TopicLine:
    """A topic with the texts behind it; ``share`` of the texts that were grouped. The rest has no ``term``."""

    term: str
    words: Sequence[str]
    n: int
    share: Estimate | None
    texts: Sequence[str]


@dataclass(frozen=True)
class QuestionTopics:
    """The topics of one question: ``n`` texts were grouped. ``lines`` is empty where fewer may be shown."""

    question: Question
    n: int
    lines: Sequence[TopicLine]


def wave_topics(wave: Wave) -> list[QuestionTopics]:
    """The topics of every question that asks for words; of an anonymous wave none with fewer texts than its threshold."""
    asked = [q for q in Definition.from_document(wave.document).questions if q.kind == Kind.TEXT]
    if not asked or counted_in(wave) < wave.threshold:
        return []
    texts = texts_of(wave, [question.code for question in asked], most=READ)
    return [_grouped(question, texts[question.code], wave) for question in asked]


def _grouped(question: Question, texts: Sequence[str], wave: Wave) -> QuestionTopics:
    least = max(LEAST, wave.threshold if wave.anonymous else 1)
    if len(texts) < wave.threshold:
        return QuestionTopics(question, 0, ())
    found = topics.group(texts, least=least)
    lines = [_line(topic.term, topic.words, topic.texts, texts) for topic in found.topics]
    if found.rest:
        lines.append(_line("", (), found.rest, texts))
    return QuestionTopics(question, len(texts), lines)


def _line(term: str, words: Sequence[str], places: Sequence[int], texts: Sequence[str]) -> TopicLine:
    shown = [texts[place] for place in places[:SHOWN]]
    return TopicLine(term, words, len(places), wilson(len(places), len(texts)), shown)
