"""Records of the gateway."""

from sekisho.gateway.models.network import Flow, NetworkChoice, System, Zone
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
    "Approval",
    "Chunk",
    "Consent",
    "Download",
    "ExceptionRequest",
    "Flow",
    "NetworkChoice",
    "Route",
    "System",
    "Transfer",
    "TransferFile",
    "Zone",
]
