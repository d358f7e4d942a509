"""The walls around each child, the warm parent that forks it, and the warden who watches."""
