"""The page shell, components, icons and static assets. Imports no other Sekisho app."""
