"""The public side: what citizens may see of services, decided per field, kept as a snapshot of its own."""
