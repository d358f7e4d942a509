"""Sekisho (関所): the Project Sharing Book of a government's digital office."""

__version__ = "0.1.0"
