"""Writes of the gateway, a function per act."""
