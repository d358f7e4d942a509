"""Give the head of each ledger chain its seal; those that are there are sealed as they are (docs/adr/0018)."""

from django.db import migrations, models

from sekisho.book.seals import seal

_BATCH = 2000


def seal_heads(apps, schema_editor):
    heads = apps.get_model("book", "LedgerHead").objects
    batch = []
    for head in heads.order_by("chain").iterator(chunk_size=_BATCH):
        head.seal = seal(head.chain, head.length, head.last_hash)
        batch.append(head)
        if len(batch) == _BATCH:
            heads.bulk_update(batch, ["seal"])
            batch = []
    heads.bulk_update(batch, ["seal"])


class Migration(migrations.Migration):
    dependencies = [("book", "0005_row_versions")]

    operations = [
        migrations.AddField("ledgerhead", "seal", models.CharField(blank=True, default="", max_length=64)),
        migrations.RunPython(seal_heads, migrations.RunPython.noop),
    ]
