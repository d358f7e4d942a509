"""Records of the gateway."""

from sekisho.gateway.models.mail import MailMessage
from sekisho.gateway.models.network import Flow, NetworkChoice, System, Zone
from sekisho.gateway.models.outside import OutsideLink
from sekisho.gateway.models.packages import Arrival, Dispatch
from sekisho.gateway.models.plan import PlannedMove, PlanStep
from sekisho.gateway.models.policies import OwnPolicy, PolicyVersion
from sekisho.gateway.models.records import Alert, RetentionHold, Tally
from sekisho.gateway.models.routes import Route
from sekisho.gateway.models.transfers import (
    Approval,
    Chunk,
    Consent,
    Download,
    ExceptionRequest,
    Transfer,
    TransferFile,
)

__all__ = [
    "Alert",
    "Approval",
    "Arrival",
    "Chunk",
    "Consent",
    "Dispatch",
    "Download",
    "ExceptionRequest",
    "Flow",
    "MailMessage",
    "NetworkChoice",
    "OutsideLink",
    "OwnPolicy",
    "PlanStep",
    "PlannedMove",
    "PolicyVersion",
    "RetentionHold",
    "Route",
    "System",
    "Tally",
    "Transfer",
    "TransferFile",
    "Zone",
]
