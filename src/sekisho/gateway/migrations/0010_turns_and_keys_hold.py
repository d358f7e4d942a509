from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("gateway", "0009_turns_and_keys"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="transfer",
            index=models.Index(fields=["turn", "-id"], name="gateway_tra_turn_idx"),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.UniqueConstraint(
                condition=~Q(key=""), fields=("sender", "key"), name="transfer_once_by_its_key"
            ),
        ),
    ]
