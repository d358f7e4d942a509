"""Similar products and common platforms: neighbours of a book, the catalogue, proposals, the reuse ledger."""
