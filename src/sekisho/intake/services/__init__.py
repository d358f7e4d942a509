"""Every act of import and export."""
