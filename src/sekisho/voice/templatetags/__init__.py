"""Template tags of the voice of users."""
