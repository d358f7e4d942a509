"""Reads of what users say."""
