from django.db import migrations
from django.db.models import F, OrderBy


class Migration(migrations.Migration):

    dependencies = [
        ('book', '0006_sealed_heads'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='contract',
            options={'ordering': [OrderBy(F('fiscal_year'), descending=True, nulls_last=True), 'id']},
        ),
        migrations.AlterModelOptions(
            name='risk',
            options={'ordering': [OrderBy(F('closed_at'), nulls_first=True), '-weight', 'due_on', 'id']},
        ),
    ]
