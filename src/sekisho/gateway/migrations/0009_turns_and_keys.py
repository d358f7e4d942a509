from django.db import migrations, models
from django.db.models import CharField, F
from django.db.models.functions import Cast


def let_senders_take_turns(apps, schema_editor):
    """Files under way keep the turn they have."""
    apps.get_model("gateway", "Transfer").objects.update(turn=Cast(F("sender_id"), CharField(max_length=64)))


class Migration(migrations.Migration):
    dependencies = [
        ("gateway", "0008_other_server"),
    ]

    operations = [
        migrations.AddField(
            model_name="transfer",
            name="key",
            field=models.CharField(blank=True, default="", max_length=64),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="transfer",
            name="turn",
            field=models.CharField(default="", max_length=64),
            preserve_default=False,
        ),
        migrations.RunPython(let_senders_take_turns, migrations.RunPython.noop, elidable=True),
    ]
