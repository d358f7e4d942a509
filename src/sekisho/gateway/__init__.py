"""Files and systems across network zones: zones, systems and flows with their rules, and the transfer of files."""
