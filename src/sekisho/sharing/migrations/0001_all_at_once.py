"""What a new installation takes in place of the steps it replaces: one operation a table, which takes half the time."""

import django.db.models.deletion
import sekisho.people.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('sharing', '0001_initial'), ('sharing', '0002_years'), ('sharing', '0003_listing_end_year')]

    initial = True

    dependencies = [
        ('book', '0005_row_versions'),
        ('people', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Embedding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(db_index=True, max_length=64)),
                ('engine', models.CharField(max_length=40)),
                ('vector', models.BinaryField()),
                ('checked_at', models.DateTimeField()),
                ('project', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='embedding', to='book.project')),
            ],
            options={
                'ordering': ['project_id'],
            },
        ),
        migrations.CreateModel(
            name='Likeness',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('score', models.FloatField()),
                ('money', models.BigIntegerField(default=0)),
                ('found_at', models.DateTimeField()),
                ('projects', models.ManyToManyField(related_name='+', to='book.project')),
            ],
            options={
                'ordering': ['-money', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Platform',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=300, unique=True, verbose_name='name')),
                ('name_en', models.CharField(blank=True, max_length=300, verbose_name='English name')),
                ('does', models.TextField(verbose_name='what it does')),
                ('does_en', models.TextField(blank=True, verbose_name='what it does, in English')),
                ('conditions', models.TextField(blank=True, verbose_name='conditions of use')),
                ('contact', models.CharField(max_length=300, verbose_name='contact')),
                ('asking', models.TextField(verbose_name='how to ask for it')),
                ('is_offered', models.BooleanField(default=True, verbose_name='open to new users')),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='platforms', to='people.organisation', verbose_name='offered by')),
                ('project', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='book.project', verbose_name='its book')),
            ],
            options={
                'ordering': ['name'],
            },
            bases=(sekisho.people.models.TwoNames, models.Model),
        ),
        migrations.CreateModel(
            name='Judgement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('verdict', models.CharField(choices=[('same', 'Same'), ('related', 'Related'), ('different', 'Different')], max_length=10, verbose_name='judgement')),
                ('said_at', models.DateTimeField()),
                ('first', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='book.project')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('second', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='book.project')),
            ],
            options={
                'ordering': ['-said_at', '-id'],
                'constraints': [models.UniqueConstraint(fields=('first', 'second', 'person'), name='judged_once_by_each'), models.CheckConstraint(condition=models.Q(('first__lt', models.F('second'))), name='judged_pair_in_order')],
            },
        ),
        migrations.CreateModel(
            name='Neighbour',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rank', models.PositiveSmallIntegerField()),
                ('score', models.FloatField()),
                ('reasons', models.JSONField(default=list)),
                ('copies', models.PositiveIntegerField(default=0)),
                ('other', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='book.project')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='likest', to='book.project')),
            ],
            options={
                'ordering': ['rank'],
                'constraints': [models.UniqueConstraint(fields=('project', 'other'), name='neighbour_once')],
            },
        ),
        migrations.CreateModel(
            name='Listing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('year', models.PositiveSmallIntegerField(verbose_name='fiscal year')),
                ('name', models.CharField(max_length=500)),
                ('owner', models.TextField(blank=True)),
                ('text', models.TextField(blank=True)),
                ('targets', models.JSONField(default=list)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='listings', to='book.project')),
                ('end_year', models.PositiveSmallIntegerField(null=True)),
            ],
            options={
                'ordering': ['year', 'project_id'],
                'constraints': [models.UniqueConstraint(fields=('year', 'project'), name='listed_once_a_year')],
            },
        ),
        migrations.CreateModel(
            name='Succession',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('from_year', models.PositiveSmallIntegerField()),
                ('to_year', models.PositiveSmallIntegerField()),
                ('kind', models.CharField(choices=[('continued', 'Continued'), ('renamed', 'Renamed'), ('merged', 'Merged'), ('split', 'Split')], max_length=10)),
                ('confidence', models.FloatField()),
                ('reasons', models.JSONField(default=list)),
                ('state', models.CharField(choices=[('open', 'Nobody has said'), ('confirmed', 'Confirmed'), ('rejected', 'Denied')], default='open', max_length=10)),
                ('settled_at', models.DateTimeField(null=True)),
                ('new', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='predecessors', to='book.project')),
                ('old', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='successors', to='book.project')),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['to_year', 'confidence', 'id'],
                'indexes': [models.Index(fields=['to_year', 'state', 'confidence'], name='sharing_suc_to_year_b72920_idx')],
                'constraints': [models.UniqueConstraint(fields=('from_year', 'to_year', 'old', 'new'), name='succession_once'), models.CheckConstraint(condition=models.Q(('state', 'open'), ('settled_at__isnull', False), _connector='OR'), name='settled_succession_has_a_day'), models.CheckConstraint(condition=models.Q(('confidence__gte', 0), ('confidence__lte', 1)), name='succession_confidence_is_a_share')],
            },
        ),
        migrations.CreateModel(
            name='Proposal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=300, verbose_name='title')),
                ('why', models.TextField(verbose_name='what would become common, and why')),
                ('share', models.PositiveSmallIntegerField(verbose_name='share of the cost that is saved (percent)')),
                ('running_cost', models.BigIntegerField(default=0, verbose_name='cost of the common platform a year (yen)')),
                ('assumptions', models.TextField(verbose_name='assumptions of the estimate')),
                ('state', models.CharField(choices=[('proposed', 'Proposed'), ('agreed', 'Agreed'), ('rejected', 'Not pursued'), ('done', 'Carried out')], default='proposed', max_length=10, verbose_name='decision')),
                ('decision_words', models.TextField(blank=True, verbose_name='reason of the decision')),
                ('decided_at', models.DateTimeField(null=True)),
                ('progress', models.TextField(blank=True, verbose_name='progress')),
                ('proposed_at', models.DateTimeField()),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('platform', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='proposals', to='sharing.platform', verbose_name='candidate platform')),
                ('proposed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-proposed_at', '-id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('share__lte', 100)), name='proposal_share_is_a_percentage'), models.CheckConstraint(condition=models.Q(('state', 'proposed'), models.Q(models.Q(('decision_words', ''), _negated=True), ('decided_at__isnull', False)), _connector='OR'), name='proposal_decision_says_why')],
            },
        ),
        migrations.CreateModel(
            name='ReuseEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('offered', 'Offered'), ('considered', 'Under consideration'), ('adopted', 'Adopted'), ('declined', 'Declined')], max_length=10, verbose_name='state')),
                ('reason', models.TextField(blank=True, verbose_name='reason')),
                ('avoided', models.BigIntegerField(blank=True, null=True, verbose_name='cost avoided a year (yen)')),
                ('confirmed', models.BigIntegerField(blank=True, null=True, verbose_name='confirmed by actual budgets (yen)')),
                ('confirmed_year', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='fiscal year')),
                ('satisfaction', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='satisfaction, 1 to 5')),
                ('changed_at', models.DateTimeField()),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('platform', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reuse', to='sharing.platform')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reuse', to='book.project')),
            ],
            options={
                'ordering': ['-changed_at', '-id'],
                'constraints': [models.UniqueConstraint(fields=('project', 'platform'), name='reuse_once'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'declined'), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='declined_platform_says_why'), models.CheckConstraint(condition=models.Q(('satisfaction__isnull', True), ('satisfaction__range', (1, 5)), _connector='OR'), name='platform_satisfaction_1_to_5'), models.CheckConstraint(condition=models.Q(('confirmed__isnull', True), ('confirmed_year__isnull', False), _connector='OR'), name='confirmed_saving_has_a_year')],
            },
        ),
        migrations.CreateModel(
            name='PlatformMatch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('score', models.FloatField()),
                ('close', models.BooleanField()),
                ('reasons', models.JSONField(default=list)),
                ('platform', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='matches', to='sharing.platform')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='platform_matches', to='book.project')),
            ],
            options={
                'ordering': ['-score'],
                'constraints': [models.UniqueConstraint(fields=('project', 'platform'), name='platform_match_once')],
            },
        ),
        migrations.CreateModel(
            name='ProposalMember',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('spends', models.BigIntegerField(default=0, verbose_name='spends a year (yen)')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='proposals', to='book.project')),
                ('proposal', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='members', to='sharing.proposal')),
            ],
            options={
                'ordering': ['-spends', 'id'],
                'constraints': [models.UniqueConstraint(fields=('proposal', 'project'), name='proposal_member_once')],
            },
        ),
    ]
