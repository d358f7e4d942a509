"""The ``sekisho`` command."""

from sekisho.cli.main import main

__all__ = ["main"]
