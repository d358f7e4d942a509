"""Records of what users say."""

from sekisho.voice.models.quality import QualityLevel
from sekisho.voice.models.sessions import Observation, Problem, SessionFile, TaskResult, UserTestSession
from sekisho.voice.models.usertests import Participant, Task, UserGroup, UserTest

__all__ = [
    "Observation",
    "Participant",
    "Problem",
    "QualityLevel",
    "SessionFile",
    "Task",
    "TaskResult",
    "UserGroup",
    "UserTest",
    "UserTestSession",
]
