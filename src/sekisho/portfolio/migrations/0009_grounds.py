from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("portfolio", "0008_sign_answers")]

    operations = [
        migrations.CreateModel(
            name="Grounds",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("said", models.JSONField(default=dict)),
            ],
        ),
    ]
