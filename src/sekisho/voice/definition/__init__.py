"""What a survey asks, as an immutable document, and the check of what people answer. Pure: no Django."""

from sekisho.voice.definition.answers import Answers, Checked, check
from sekisho.voice.definition.document import (
    Choice,
    Definition,
    DefinitionError,
    Fault,
    Kind,
    Question,
    Section,
    ShowIf,
)

__all__ = [
    "Answers",
    "Checked",
    "Choice",
    "Definition",
    "DefinitionError",
    "Fault",
    "Kind",
    "Question",
    "Section",
    "ShowIf",
    "check",
]
