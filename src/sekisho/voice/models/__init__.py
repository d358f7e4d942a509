"""Records of what users say."""

from sekisho.voice.models.features import FeaturePlan
from sekisho.voice.models.quality import QualityLevel
from sekisho.voice.models.sessions import Observation, Problem, SessionFile, TaskResult, UserTestSession
from sekisho.voice.models.surveys import (
    AnswerFile,
    Excerpt,
    GroupTally,
    HalfAnswer,
    Invitation,
    KanoTable,
    Participation,
    Response,
    Survey,
    Tally,
    Wave,
)
from sekisho.voice.models.usertests import Participant, Task, UserGroup, UserTest

__all__ = [
    "AnswerFile",
    "Excerpt",
    "FeaturePlan",
    "GroupTally",
    "HalfAnswer",
    "Invitation",
    "KanoTable",
    "Observation",
    "Participant",
    "Participation",
    "Problem",
    "QualityLevel",
    "Response",
    "SessionFile",
    "Survey",
    "Tally",
    "Task",
    "TaskResult",
    "UserGroup",
    "UserTest",
    "UserTestSession",
    "Wave",
]
