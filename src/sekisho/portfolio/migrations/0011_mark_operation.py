"""Books with months in use are marked, so that their minutes down are counted."""

from typing import Any

from django.db import migrations


def mark(apps: Any, schema_editor: Any) -> None:
    touched = apps.get_model("portfolio", "Touched")
    months = apps.get_model("portfolio", "OperationMonth")
    keys = months.objects.order_by("project").values_list("project", flat=True).distinct()
    touched.objects.bulk_create([touched(project_id=pk) for pk in keys], batch_size=1000)


class Migration(migrations.Migration):
    dependencies = [("portfolio", "0010_incidents")]

    operations = [migrations.RunPython(mark, migrations.RunPython.noop)]
