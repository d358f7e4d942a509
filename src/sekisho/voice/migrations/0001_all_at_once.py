"""What a new installation takes in place of the steps it replaces: one operation a table, which takes half the time."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('voice', '0001_initial'), ('voice', '0002_quality_levels'), ('voice', '0003_surveys'), ('voice', '0004_results'), ('voice', '0005_groups'), ('voice', '0006_populations'), ('voice', '0007_answer_files'), ('voice', '0008_features'), ('voice', '0009_surveys_of_organisations'), ('voice', '0010_half_answers_and_tables'), ('voice', '0011_rollups_of_texts_and_groups'), ('voice', '0012_groups_with_means')]

    initial = True

    dependencies = [
        ('book', '0005_row_versions'),
        ('people', '0002_gateway'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='UserTest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('research', 'User research'), ('prototype', 'Prototyping'), ('usability', 'Usability test')], max_length=10, verbose_name='kind')),
                ('title', models.CharField(max_length=200, verbose_name='title')),
                ('phase', models.CharField(choices=[('plan', 'Plan and budget'), ('requirements', 'Requirements'), ('build', 'Build before release'), ('operate', 'Operation'), ('retire', 'Retirement')], max_length=12, verbose_name='phase')),
                ('purpose', models.TextField(verbose_name='what it is to find out')),
                ('hypotheses', models.TextField(blank=True, verbose_name='hypotheses')),
                ('method', models.CharField(choices=[('in_person', 'In person, with a facilitator'), ('remote', 'Remote, with a facilitator'), ('unmoderated', 'Alone, without a facilitator'), ('interview', 'Interviews'), ('field', 'Observation in the field'), ('desk', 'Desk research')], max_length=12, verbose_name='method')),
                ('place', models.CharField(blank=True, max_length=200, verbose_name='where')),
                ('starts_on', models.DateField(verbose_name='from')),
                ('ends_on', models.DateField(verbose_name='until')),
                ('staff', models.TextField(blank=True, verbose_name='who does what')),
                ('consent', models.TextField(blank=True, verbose_name='what participants agree to')),
                ('without_citizens', models.TextField(blank=True, verbose_name='why no citizens take part')),
                ('conclusions', models.TextField(blank=True, verbose_name='what was learnt')),
                ('state', models.CharField(choices=[('planned', 'Planned'), ('running', 'Under way'), ('done', 'Done'), ('cancelled', 'Cancelled')], default='planned', max_length=10)),
                ('done_on', models.DateField(blank=True, null=True, verbose_name='done on')),
                ('cancelled_why', models.TextField(blank=True, verbose_name='why it was cancelled')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='user_tests', to='book.project')),
                ('release', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='user_tests', to='book.release')),
            ],
            options={
                'ordering': ['-starts_on', '-id'],
                'indexes': [models.Index(fields=['project', 'state', 'kind'], name='user_test_of_project')],
                'constraints': [models.CheckConstraint(condition=models.Q(('ends_on__gte', models.F('starts_on'))), name='user_test_ends_after_start'), models.CheckConstraint(condition=models.Q(models.Q(('done_on__isnull', False), ('state', 'done')), models.Q(models.Q(('state', 'done'), _negated=True), ('done_on__isnull', True)), _connector='OR'), name='user_test_done_has_a_day'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'cancelled'), _negated=True), models.Q(('cancelled_why', ''), _negated=True), _connector='OR'), name='user_test_cancelled_says_why')],
            },
        ),
        migrations.CreateModel(
            name='QualityLevel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('fiscal_year', models.PositiveSmallIntegerField(verbose_name='fiscal year')),
                ('level', models.CharField(max_length=20, verbose_name='quality level')),
                ('rule', models.CharField(max_length=60, verbose_name='rule')),
                ('findings', models.JSONField(default=list)),
                ('judged_at', models.DateTimeField()),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='quality_levels', to='book.project')),
            ],
            options={
                'ordering': ['-fiscal_year'],
                'indexes': [models.Index(fields=['fiscal_year', 'level'], name='quality_of_year')],
                'constraints': [models.UniqueConstraint(fields=('project', 'fiscal_year'), name='quality_level_once_a_year')],
            },
        ),
        migrations.CreateModel(
            name='Survey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=200, verbose_name='title')),
                ('title_en', models.CharField(blank=True, max_length=200, verbose_name='English title')),
                ('document', models.JSONField()),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='surveys', to='book.project')),
                ('organisation', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='surveys', to='people.organisation')),
            ],
            options={
                'ordering': ['-id'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('organisation__isnull', True), ('project__isnull', False)), models.Q(('organisation__isnull', False), ('project__isnull', True)), _connector='OR'), name='survey_has_one_holder')],
            },
        ),
        migrations.CreateModel(
            name='UserGroup',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200, verbose_name='user group')),
                ('citizens', models.BooleanField(default=True, verbose_name='citizens or people from outside')),
                ('wanted', models.PositiveSmallIntegerField(verbose_name='how many')),
                ('needs', models.TextField(blank=True, verbose_name='accessibility needs')),
                ('recruiting', models.TextField(blank=True, verbose_name='how they are found')),
                ('test', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='groups', to='voice.usertest')),
            ],
            options={
                'ordering': ['id'],
                'constraints': [models.UniqueConstraint(fields=('test', 'name'), name='user_group_once_a_test'), models.CheckConstraint(condition=models.Q(('wanted__gte', 1)), name='user_group_wants_someone')],
            },
        ),
        migrations.CreateModel(
            name='Task',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField()),
                ('kind', models.CharField(choices=[('task', 'Task'), ('question', 'Question')], default='task', max_length=8, verbose_name='kind')),
                ('title', models.CharField(max_length=300, verbose_name='task or question')),
                ('scenario', models.TextField(blank=True, verbose_name='what the participant is told')),
                ('success', models.TextField(blank=True, verbose_name='when it counts as done')),
                ('essential', models.BooleanField(default=False, verbose_name='an essential operation')),
                ('test', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tasks', to='voice.usertest')),
            ],
            options={
                'ordering': ['number', 'id'],
                'constraints': [models.UniqueConstraint(fields=('test', 'number'), name='task_number_once')],
            },
        ),
        migrations.CreateModel(
            name='Problem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('title', models.CharField(max_length=300, verbose_name='problem')),
                ('place', models.CharField(blank=True, max_length=200, verbose_name='where in the service')),
                ('severity', models.CharField(choices=[('critical', 'Critical: they cannot go on'), ('serious', 'Serious: they lose much time or do it wrongly'), ('minor', 'Minor: they stumble and go on')], max_length=8, verbose_name='severity')),
                ('due_on', models.DateField(blank=True, null=True, verbose_name='due on')),
                ('state', models.CharField(choices=[('open', 'Open'), ('fixed', 'Fixed, to be tried again'), ('closed', 'Closed')], default='open', max_length=6)),
                ('fix', models.TextField(blank=True, verbose_name='what was changed')),
                ('fixed_at', models.DateTimeField(blank=True, null=True)),
                ('ending', models.CharField(blank=True, choices=[('retested', 'Tried again with users: gone'), ('not_one', 'Not a problem after all')], max_length=8)),
                ('ending_words', models.TextField(blank=True, verbose_name='how that is known')),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='problems', to='book.project')),
                ('retested_in', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='retested_problems', to='voice.usertest')),
                ('test', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='problems', to='voice.usertest')),
            ],
            options={
                'ordering': ['number'],
                'indexes': [models.Index(fields=['project', 'state', 'severity'], name='problem_of_project'), models.Index(fields=['owner', 'state', 'due_on'], name='problem_owed')],
                'constraints': [models.UniqueConstraint(fields=('project', 'number'), name='problem_number_once'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', True), ('ending', ''), ('fixed_at__isnull', True), ('state', 'open')), models.Q(('closed_at__isnull', True), ('ending', ''), ('fixed_at__isnull', False), ('state', 'fixed')), models.Q(('closed_at__isnull', False), ('state', 'closed'), models.Q(('ending', ''), _negated=True)), _connector='OR'), name='problem_state_has_its_dates'), models.CheckConstraint(condition=models.Q(models.Q(('ending', 'retested'), _negated=True), models.Q(('fixed_at__isnull', False), ('retested_in__isnull', False)), _connector='OR'), name='retested_names_its_test')],
            },
        ),
        migrations.CreateModel(
            name='Wave',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('name', models.CharField(max_length=200, verbose_name='name of this wave')),
                ('document', models.JSONField()),
                ('token', models.CharField(max_length=32, unique=True)),
                ('access', models.CharField(choices=[('link', 'Everyone who has the link'), ('staff', 'People who can sign in here'), ('once', 'One-time links')], default='link', max_length=5, verbose_name='who may answer')),
                ('anonymous', models.BooleanField(default=True, verbose_name='anonymous')),
                ('threshold', models.PositiveSmallIntegerField(default=5, verbose_name='fewest answers shown')),
                ('invited', models.PositiveIntegerField(blank=True, null=True, verbose_name='how many were asked')),
                ('secret', models.BinaryField(default=b'')),
                ('opened_at', models.DateTimeField()),
                ('closes_on', models.DateField(blank=True, null=True, verbose_name='closes after')),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('survey', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='waves', to='voice.survey')),
                ('group_by', models.CharField(blank=True, max_length=40, verbose_name='broken down by')),
                ('grouped_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('populations', models.JSONField(blank=True, default=dict)),
                ('source', models.CharField(blank=True, default='', editable=False, max_length=64)),
            ],
            options={
                'ordering': ['-number'],
                'constraints': [models.UniqueConstraint(fields=('survey', 'number'), name='wave_number_once'), models.CheckConstraint(condition=models.Q(('threshold__gte', 1)), name='wave_threshold_is_one_or_more'), models.CheckConstraint(condition=models.Q(('access', 'staff'), ('anonymous', True), _connector='OR'), name='wave_with_names_is_for_staff'), models.UniqueConstraint(condition=models.Q(('source', ''), _negated=True), fields=('survey', 'source'), name='answers_brought_in_once')],
            },
        ),
        migrations.CreateModel(
            name='FeaturePlan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('question', models.CharField(max_length=40)),
                ('feature', models.CharField(max_length=40)),
                ('plan', models.CharField(choices=[('open', 'Not decided'), ('build', 'To be built'), ('done', 'There already'), ('left', 'Not to be built')], default='open', max_length=5, verbose_name='what becomes of it')),
                ('criterion', models.CharField(blank=True, max_length=64, verbose_name='criterion of a gate')),
                ('words', models.CharField(blank=True, max_length=500, verbose_name='in words')),
                ('version', models.PositiveIntegerField(default=0, editable=False)),
                ('release', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='book.release', verbose_name='with release')),
                ('survey', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='feature_plans', to='voice.survey')),
            ],
            options={
                'ordering': ['survey_id', 'question', 'feature'],
                'constraints': [models.UniqueConstraint(fields=('survey', 'question', 'feature'), name='feature_planned_once')],
            },
        ),
        migrations.CreateModel(
            name='KanoTable',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100, verbose_name='name')),
                ('source', models.CharField(blank=True, max_length=500, verbose_name='source')),
                ('rows', models.JSONField()),
                ('added_at', models.DateTimeField()),
                ('added_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('survey', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='kano_tables', to='voice.survey')),
            ],
            options={
                'ordering': ['id'],
                'constraints': [models.UniqueConstraint(fields=('survey', 'name'), name='kano_table_named_once')],
            },
        ),
        migrations.CreateModel(
            name='Participant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField()),
                ('about', models.CharField(blank=True, max_length=300, verbose_name='what matters about them')),
                ('needs', models.CharField(blank=True, max_length=300, verbose_name='accessibility needs')),
                ('consented_on', models.DateField(blank=True, null=True, verbose_name='agreed on')),
                ('withdrew_on', models.DateField(blank=True, null=True, verbose_name='withdrew on')),
                ('group', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='participants', to='voice.usergroup')),
                ('test', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='participants', to='voice.usertest')),
            ],
            options={
                'ordering': ['number'],
                'constraints': [models.UniqueConstraint(fields=('test', 'number'), name='participant_number_once'), models.CheckConstraint(condition=models.Q(('withdrew_on__isnull', True), models.Q(('about', ''), ('needs', '')), _connector='OR'), name='withdrawn_leaves_nothing')],
            },
        ),
        migrations.CreateModel(
            name='Tally',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('question', models.CharField(max_length=90)),
                ('value', models.CharField(max_length=90)),
                ('count', models.PositiveBigIntegerField(default=0)),
                ('wave', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tallies', to='voice.wave')),
            ],
            options={
                'ordering': ['question', 'value'],
                'constraints': [models.UniqueConstraint(fields=('wave', 'question', 'value'), name='tally_once')],
            },
        ),
        migrations.CreateModel(
            name='Response',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('anonymous', models.BooleanField(default=True)),
                ('day', models.DateField()),
                ('place', models.CharField(blank=True, max_length=100)),
                ('language', models.CharField(default='ja', max_length=2)),
                ('answers', models.JSONField(default=dict)),
                ('counted', models.BooleanField(default=False)),
                ('person', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('wave', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='responses', to='voice.wave')),
            ],
            options={
                'ordering': ['id'],
                'indexes': [models.Index(condition=models.Q(('counted', False)), fields=['wave'], name='response_to_count'), models.Index(condition=models.Q(('counted', True)), fields=['wave', 'id'], name='response_by_key')],
                'constraints': [models.CheckConstraint(condition=models.Q(('anonymous', False), ('person__isnull', True), _connector='OR'), name='anonymous_names_nobody'), models.UniqueConstraint(fields=('wave', 'person'), name='a_person_answers_once')],
            },
        ),
        migrations.CreateModel(
            name='Participation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(max_length=64)),
                ('wave', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='participations', to='voice.wave')),
            ],
            options={
                'ordering': ['digest'],
                'constraints': [models.UniqueConstraint(fields=('wave', 'digest'), name='take_part_once')],
            },
        ),
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(max_length=64)),
                ('used', models.BooleanField(default=False)),
                ('wave', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='invitations', to='voice.wave')),
            ],
            options={
                'ordering': ['digest'],
                'constraints': [models.UniqueConstraint(fields=('wave', 'digest'), name='invitation_once')],
            },
        ),
        migrations.CreateModel(
            name='GroupTally',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('group', models.CharField(blank=True, max_length=100)),
                ('question', models.CharField(max_length=90)),
                ('value', models.CharField(blank=True, max_length=40)),
                ('count', models.PositiveBigIntegerField(default=0)),
                ('wave', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='group_tallies', to='voice.wave')),
            ],
            options={
                'ordering': ['question', 'group', 'value'],
                'constraints': [models.UniqueConstraint(fields=('wave', 'question', 'group', 'value'), name='group_tally_once')],
            },
        ),
        migrations.CreateModel(
            name='AnswerFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200)),
                ('folder', models.CharField(max_length=32)),
                ('sha256', models.CharField(max_length=64)),
                ('mapping', models.JSONField(default=list)),
                ('words', models.JSONField(default=dict)),
                ('uploaded_at', models.DateTimeField()),
                ('survey', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='files', to='voice.survey')),
                ('uploaded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('wave', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='voice.wave')),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='HalfAnswer',
            fields=[
                ('name', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('sealed', models.BinaryField()),
                ('day', models.DateField()),
                ('wave', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='halves', to='voice.wave')),
            ],
            options={
                'ordering': ['name'],
                'indexes': [models.Index(fields=['day'], name='half_answer_by_day')],
            },
        ),
        migrations.CreateModel(
            name='Excerpt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('question', models.CharField(max_length=40)),
                ('place', models.CharField(max_length=16)),
                ('text', models.TextField()),
                ('wave', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='excerpts', to='voice.wave')),
            ],
            options={
                'ordering': ['question', 'place'],
                'indexes': [models.Index(fields=['wave', 'question', 'place'], name='excerpt_in_order')],
            },
        ),
        migrations.CreateModel(
            name='UserTestSession',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('planned_for', models.DateTimeField(blank=True, null=True, verbose_name='planned for')),
                ('device', models.CharField(blank=True, max_length=200, verbose_name='device')),
                ('state', models.CharField(choices=[('planned', 'Planned'), ('running', 'Under way'), ('done', 'Done')], default='planned', max_length=8)),
                ('started_at', models.DateTimeField(blank=True, null=True)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('notes', models.TextField(blank=True, verbose_name='notes')),
                ('sus', models.JSONField(blank=True, default=list)),
                ('note_taker', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('participant', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='session', to='voice.participant')),
                ('test', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sessions', to='voice.usertest')),
            ],
            options={
                'ordering': ['participant__number'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('state', 'done'), _negated=True), ('ended_at__isnull', False), _connector='OR'), name='session_done_has_an_end'), models.CheckConstraint(condition=models.Q(('state', 'planned'), ('started_at__isnull', False), _connector='OR'), name='session_under_way_has_a_start')],
            },
        ),
        migrations.CreateModel(
            name='TaskResult',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('outcome', models.CharField(blank=True, choices=[('success', 'Done alone'), ('helped', 'Done with help'), ('failed', 'Not done'), ('skipped', 'Not tried')], max_length=8, verbose_name='outcome')),
                ('seconds', models.FloatField(blank=True, null=True, verbose_name='time on task')),
                ('words', models.TextField(blank=True, verbose_name='what they said')),
                ('task', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='results', to='voice.task')),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='results', to='voice.usertestsession')),
            ],
            options={
                'ordering': ['task__number'],
                'constraints': [models.UniqueConstraint(fields=('session', 'task'), name='task_result_once'), models.CheckConstraint(condition=models.Q(('seconds__isnull', True), models.Q(('seconds__gt', 0), ('seconds__lte', 86400)), _connector='OR'), name='time_on_task_is_possible')],
            },
        ),
        migrations.CreateModel(
            name='SessionFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('attachment', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='test_session', to='book.attachment')),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='files', to='voice.usertestsession')),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='Observation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('client_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('severity', models.CharField(choices=[('critical', 'Critical: they cannot go on'), ('serious', 'Serious: they lose much time or do it wrongly'), ('minor', 'Minor: they stumble and go on'), ('good', 'Works well')], max_length=8, verbose_name='severity')),
                ('place', models.CharField(blank=True, max_length=200, verbose_name='where in the service')),
                ('words', models.TextField(verbose_name='what happened')),
                ('seconds', models.PositiveIntegerField(default=0, verbose_name='seconds into the session')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('problem', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='observations', to='voice.problem')),
                ('task', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='observations', to='voice.task')),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='observations', to='voice.usertestsession')),
            ],
            options={
                'ordering': ['session__participant__number', 'seconds', 'id'],
            },
        ),
    ]
