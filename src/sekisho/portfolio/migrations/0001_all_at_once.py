"""What a new installation takes in place of the steps it replaces: one operation a table, which takes half the time."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('portfolio', '0001_initial'), ('portfolio', '0002_mark_books'), ('portfolio', '0003_publication'), ('portfolio', '0004_incidents'), ('portfolio', '0005_mark_operation'), ('portfolio', '0006_weekly_mail'), ('portfolio', '0007_mark_alarms')]

    initial = True

    dependencies = [
        ('book', '0005_row_versions'),
        ('people', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Touched',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('project', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='book.project')),
            ],
        ),
        migrations.CreateModel(
            name='Entry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('tier', models.CharField(choices=[('focus', 'Focus'), ('standard', 'Standard'), ('light', 'Light')], max_length=10)),
                ('figure', models.CharField(max_length=20)),
                ('year', models.PositiveSmallIntegerField(default=0)),
                ('key', models.CharField(blank=True, max_length=20)),
                ('n', models.IntegerField(default=0)),
                ('amount', models.BigIntegerField(default=0)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='people.organisation')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='book.project')),
            ],
            options={
                'indexes': [models.Index(fields=['figure', 'year', 'key', 'project'], name='portfolio_behind')],
                'constraints': [models.UniqueConstraint(fields=('project', 'figure', 'year', 'key'), name='portfolio_entry_once')],
            },
        ),
        migrations.CreateModel(
            name='OperationMonth',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month', models.DateField(verbose_name='month')),
                ('availability', models.PositiveIntegerField(blank=True, null=True, verbose_name='availability')),
                ('incidents', models.PositiveIntegerField(default=0, verbose_name='incidents')),
                ('requests', models.PositiveIntegerField(default=0, verbose_name='requests for changes and help')),
                ('reported_at', models.DateTimeField()),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='operation_months', to='book.project')),
                ('minutes_down', models.PositiveIntegerField(default=0, verbose_name='minutes down')),
                ('system', models.CharField(blank=True, max_length=100, verbose_name='system')),
            ],
            options={
                'ordering': ['-month', 'system'],
                'constraints': [models.CheckConstraint(condition=models.Q(('availability__isnull', True), ('availability__lte', 10000), _connector='OR'), name='availability_at_most_whole'), models.UniqueConstraint(fields=('project', 'month', 'system'), name='operation_once_a_month')],
            },
        ),
        migrations.CreateModel(
            name='Rollup',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('tier', models.CharField(choices=[('focus', 'Focus'), ('standard', 'Standard'), ('light', 'Light')], max_length=10)),
                ('figure', models.CharField(max_length=20)),
                ('year', models.PositiveSmallIntegerField(default=0)),
                ('key', models.CharField(blank=True, max_length=20)),
                ('n', models.IntegerField(default=0)),
                ('amount', models.BigIntegerField(default=0)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='people.organisation')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('figure', 'year', 'key', 'organisation', 'tier'), name='portfolio_rollup_once')],
            },
        ),
        migrations.CreateModel(
            name='PublicFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, unique=True)),
                ('body', models.BinaryField()),
                ('sha256', models.CharField(max_length=64)),
                ('changed_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='Edition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(default=0)),
                ('at', models.DateTimeField()),
                ('fields', models.JSONField(default=list)),
                ('publisher', models.JSONField(default=dict)),
                ('files_due', models.BooleanField(default=True)),
            ],
            options={
                'ordering': ['id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='one_edition')],
            },
        ),
        migrations.CreateModel(
            name='PublicEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=64, unique=True)),
                ('shown', models.BooleanField(default=False)),
                ('stale', models.BooleanField(default=True)),
                ('document', models.JSONField(default=dict)),
                ('name', models.CharField(blank=True, max_length=500)),
                ('name_en', models.CharField(blank=True, max_length=500)),
                ('phase', models.CharField(blank=True, max_length=12)),
                ('sha256', models.CharField(blank=True, max_length=64)),
                ('published_at', models.DateTimeField(blank=True, null=True)),
                ('changed_at', models.DateTimeField()),
                ('project', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='book.project')),
            ],
            options={
                'ordering': ['name', 'id'],
                'indexes': [models.Index(condition=models.Q(('shown', True)), fields=['name', 'id'], name='public_by_name'), models.Index(condition=models.Q(('stale', True)), fields=['id'], name='public_stale')],
                'constraints': [models.CheckConstraint(condition=models.Q(('shown', True), models.Q(('name', ''), ('name_en', ''), ('phase', ''), ('sha256', '')), _connector='OR'), name='hidden_service_says_nothing')],
            },
        ),
        migrations.CreateModel(
            name='PublicationDecision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('field', models.CharField(blank=True, max_length=20)),
                ('shown', models.BooleanField()),
                ('reason', models.CharField(blank=True, max_length=500, verbose_name='reason')),
                ('decided_at', models.DateTimeField()),
                ('takes_effect_at', models.DateTimeField()),
                ('applied_at', models.DateTimeField(blank=True, null=True)),
                ('taken_back_at', models.DateTimeField(blank=True, null=True)),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='book.project')),
                ('taken_back_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['id'],
                'indexes': [models.Index(fields=['project', 'field'], name='publication_subject'), models.Index(condition=models.Q(('applied_at__isnull', True), ('taken_back_at__isnull', True)), fields=['takes_effect_at'], name='publication_waiting')],
                'constraints': [models.CheckConstraint(condition=models.Q(('project__isnull', False), models.Q(('field', ''), _negated=True), _connector='OR'), name='publication_has_a_subject'), models.CheckConstraint(condition=models.Q(('applied_at__isnull', True), ('taken_back_at__isnull', True), _connector='OR'), name='publication_applied_or_taken_back')],
            },
        ),
        migrations.CreateModel(
            name='Incident',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=100, verbose_name='number')),
                ('system', models.CharField(blank=True, max_length=100, verbose_name='system')),
                ('began_on', models.DateField(verbose_name='began on')),
                ('severity', models.CharField(choices=[('critical', 'Critical'), ('major', 'Major'), ('minor', 'Minor')], max_length=8, verbose_name='severity')),
                ('minutes_down', models.PositiveIntegerField(default=0, verbose_name='minutes down')),
                ('text', models.CharField(blank=True, max_length=500, verbose_name='what happened')),
                ('reported_at', models.DateTimeField()),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='incidents', to='book.project')),
            ],
            options={
                'ordering': ['-began_on', '-id'],
                'indexes': [models.Index(fields=['project', 'began_on'], name='incident_of_month')],
                'constraints': [models.UniqueConstraint(fields=('project', 'key'), name='incident_once'), models.CheckConstraint(condition=models.Q(('severity__in', ['critical', 'major', 'minor'])), name='incident_severity_known')],
            },
        ),
        migrations.CreateModel(
            name='WeeklyMail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('weekday', models.PositiveSmallIntegerField(blank=True, choices=[(0, 'Monday'), (1, 'Tuesday'), (2, 'Wednesday'), (3, 'Thursday'), (4, 'Friday'), (5, 'Saturday'), (6, 'Sunday')], null=True, verbose_name='day of the week')),
                ('chosen', models.BooleanField(default=False)),
                ('sent_on', models.DateField(blank=True, null=True)),
                ('said', models.JSONField(default=dict)),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('weekday__isnull', True), ('weekday__lte', 6), _connector='OR'), name='weekly_mail_on_a_weekday')],
            },
        ),
        migrations.CreateModel(
            name='PublicEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('added', 'Published'), ('changed', 'Changed'), ('withdrawn', 'No longer published')], max_length=9)),
                ('fields', models.JSONField(default=list)),
                ('at', models.DateTimeField()),
                ('entry', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='events', to='portfolio.publicentry')),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
    ]
