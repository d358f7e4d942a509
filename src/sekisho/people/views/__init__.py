"""Pages of people: public ones, one's own, and administration."""
