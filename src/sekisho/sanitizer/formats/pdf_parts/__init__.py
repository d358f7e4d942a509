"""The parts of a PDF, each read with pikepdf and written anew from what its grammar allows (ISO 32000-1)."""
