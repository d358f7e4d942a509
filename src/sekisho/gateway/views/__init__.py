"""Pages of the gateway, a file per subject."""
