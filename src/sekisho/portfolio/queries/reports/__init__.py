"""What each report says: its queries, and nothing of how it is written down."""
