"""New installations take the tables of an app at once; those that took every step have the same."""

from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader


def test_tables_made_at_once_are_those_made_step_by_step():
    step_by_step = MigrationLoader(None, replace_migrations=False)
    at_once = MigrationLoader(None)
    assert at_once.replacements
    assert len(at_once.graph.nodes) < len(step_by_step.graph.nodes)
    differences = MigrationAutodetector(step_by_step.project_state(), at_once.project_state())
    assert differences.changes(graph=step_by_step.graph) == {}
