"""Days are counted by their month, those that were counted before as well."""

from collections import Counter

from django.db import migrations


def count_by_month(apps, schema_editor):
    tallies = apps.get_model("voice", "Tally").objects
    responses = apps.get_model("voice", "Response").objects.filter(counted=True).order_by()
    for wave in apps.get_model("voice", "Wave").objects.order_by().iterator():
        questions = [one for part in wave.document.get("sections", []) for one in part.get("questions", [])]
        codes = [one["code"] for one in questions if one.get("kind") == "date"]
        if not codes:
            continue
        counts = Counter(
            (f"{code}.month", answers[code][:7])
            for answers in responses.filter(wave=wave).values_list("answers", flat=True).iterator()
            for code in codes
            if answers.get(code)
        )
        rows = [tallies.model(wave=wave, question=key[0], value=key[1], count=n) for key, n in counts.items()]
        tallies.bulk_create(rows, batch_size=500)


class Migration(migrations.Migration):
    dependencies = [("voice", "0012_groups_with_means")]

    operations = [migrations.RunPython(count_by_month, migrations.RunPython.noop)]
