"""Forms of what users say."""
