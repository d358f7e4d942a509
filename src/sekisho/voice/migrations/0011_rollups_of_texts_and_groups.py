import hashlib

import django.db.models.deletion
from django.db import migrations, models

KEPT = 5000


def keep(apps, schema_editor):
    """The texts of waves counted before: as ``services/excerpts.py`` keeps them, one question at a time."""
    Wave, Response, Excerpt = (apps.get_model("voice", name) for name in ("Wave", "Response", "Excerpt"))
    for wave in Wave.objects.order_by("pk").iterator():
        questions = [one for section in wave.document["sections"] for one in section["questions"]]
        for code in [one["code"] for one in questions if one["kind"] == "text"]:
            found = []
            rows = Response.objects.filter(wave=wave, counted=True).order_by().values_list("id", "answers")
            for key, answers in rows.iterator(chunk_size=2000):
                if text := answers.get(code):
                    found.append((hashlib.sha256(f"{code}{key}".encode()).hexdigest()[:16], text))
                if len(found) > 2 * KEPT:
                    found = sorted(found)[:KEPT]
            fresh = [Excerpt(wave=wave, question=code, place=p, text=t) for p, t in sorted(found)[:KEPT]]
            Excerpt.objects.bulk_create(fresh, batch_size=500)


def count_groups_again(apps, schema_editor):
    """More kinds of questions are broken down than before: the job of the next minute counts every wave again."""
    apps.get_model("voice", "GroupTally").objects.all().delete()
    apps.get_model("voice", "Wave").objects.exclude(grouped_at=None).update(grouped_at=None)


class Migration(migrations.Migration):
    dependencies = [
        ("voice", "0010_half_answers_and_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="Excerpt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("question", models.CharField(max_length=40)),
                ("place", models.CharField(max_length=16)),
                ("text", models.TextField()),
                (
                    "wave",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="excerpts",
                        to="voice.wave",
                    ),
                ),
            ],
            options={
                "ordering": ["question", "place"],
                "indexes": [
                    models.Index(fields=["wave", "question", "place"], name="excerpt_in_order")
                ],
            },
        ),
        migrations.AlterField(
            model_name="grouptally",
            name="question",
            field=models.CharField(max_length=90),
        ),
        migrations.RunPython(count_groups_again, migrations.RunPython.noop, elidable=True),
        migrations.RunPython(keep, migrations.RunPython.noop, elidable=True),
    ]
