"""Statistics of what users say and do: pure functions over arrays, with the source of each formula. No Django."""
