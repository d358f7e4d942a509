"""Answers to signs; all books are marked, so that signs and availability are counted anew."""

from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def mark(apps: Any, schema_editor: Any) -> None:
    touched, project = apps.get_model("portfolio", "Touched"), apps.get_model("book", "Project")
    keys = project.objects.order_by("pk").values_list("pk", flat=True)
    touched.objects.bulk_create([touched(project_id=pk) for pk in keys], batch_size=1000)


class Migration(migrations.Migration):

    dependencies = [
        ('book', '0006_sealed_heads'),
        ('portfolio', '0007_mark_alarms'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='SignAnswer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sign', models.CharField(max_length=20, verbose_name='sign')),
                ('since', models.DateField(verbose_name='since')),
                ('reason', models.CharField(max_length=1000, verbose_name='reason')),
                ('answered_at', models.DateTimeField()),
                ('taken_back_at', models.DateTimeField(blank=True, null=True)),
                ('answered_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sign_answers', to='book.project')),
            ],
            options={
                'ordering': ['-answered_at', '-id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='sign_answer_says_why')],
            },
        ),
        migrations.RunPython(mark, migrations.RunPython.noop),
    ]
