"""What a survey asks, as an immutable document, and the check of what people answer. Pure: no Django."""

from sekisho.voice.definition.answers import Answers, Checked, check
from sekisho.voice.definition.conditions import Bound, Condition, Joined, ShowIf, terms_of
from sekisho.voice.definition.document import (
    Choice,
    Definition,
    DefinitionError,
    Fault,
    Kind,
    Question,
    Section,
)

__all__ = [
    "Answers",
    "Bound",
    "Checked",
    "Choice",
    "Condition",
    "Definition",
    "DefinitionError",
    "Fault",
    "Joined",
    "Kind",
    "Question",
    "Section",
    "ShowIf",
    "check",
    "terms_of",
]
