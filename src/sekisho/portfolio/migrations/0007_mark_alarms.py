"""All books are marked, so that what looks arranged is judged anew."""

from typing import Any

from django.db import migrations


def mark(apps: Any, schema_editor: Any) -> None:
    touched, project = apps.get_model("portfolio", "Touched"), apps.get_model("book", "Project")
    keys = project.objects.order_by("pk").values_list("pk", flat=True)
    touched.objects.bulk_create([touched(project_id=pk) for pk in keys], batch_size=1000)


class Migration(migrations.Migration):
    dependencies = [("portfolio", "0006_weekly_mail")]

    operations = [migrations.RunPython(mark, migrations.RunPython.noop)]
