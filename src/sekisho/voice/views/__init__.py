"""Pages of what users say."""
