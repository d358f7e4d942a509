"""What a new installation takes in place of the steps it replaces: one operation a table, which takes half the time."""

import django.db.models.deletion
import django.utils.timezone
import sekisho.people.models
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('gateway', '0001_gateway'), ('gateway', '0002_packages'), ('gateway', '0003_policies_and_turns'), ('gateway', '0004_transition_plan'), ('gateway', '0005_outside_parties'), ('gateway', '0006_tallies_holds_alerts'), ('gateway', '0007_mail'), ('gateway', '0008_other_server')]

    initial = True

    dependencies = [
        ('book', '0005_row_versions'),
        ('people', '0002_gateway'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Zone',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(max_length=32, unique=True, verbose_name='code')),
                ('name', models.CharField(max_length=100, verbose_name='name')),
                ('name_en', models.CharField(blank=True, max_length=100, verbose_name='English name')),
                ('kind', models.CharField(choices=[('mynumber', 'My Number zone'), ('lgwan', 'LGWAN zone'), ('internet', 'Internet zone'), ('cloud', 'Cloud')], max_length=10, verbose_name='kind')),
                ('order', models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                'ordering': ['order', 'id'],
            },
            bases=(sekisho.people.models.TwoNames, models.Model),
        ),
        migrations.CreateModel(
            name='NetworkChoice',
            fields=[
                ('id', models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('model', models.CharField(choices=[('alpha', 'Model α'), ('alpha_dash', 'Model α′'), ('beta', 'Model β'), ('beta_dash', 'Model β′')], default='alpha', max_length=12, verbose_name='model')),
                ('kept_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='network_choice_is_single')],
            },
        ),
        migrations.CreateModel(
            name='OwnPolicy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(max_length=40, unique=True, verbose_name='code')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='policies', to='people.organisation', verbose_name='organisation')),
            ],
            options={
                'ordering': ['code'],
            },
        ),
        migrations.CreateModel(
            name='PlanStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField(choices=[(2, 'Step 2'), (3, 'Step 3')], unique=True)),
                ('model', models.CharField(choices=[('alpha', 'Model α'), ('alpha_dash', 'Model α′'), ('beta', 'Model β'), ('beta_dash', 'Model β′')], max_length=12, verbose_name='model after it')),
                ('due', models.DateField(verbose_name='done until')),
                ('note', models.CharField(blank=True, max_length=500, verbose_name='what it is about')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
            ],
            options={
                'ordering': ['number'],
                'constraints': [models.CheckConstraint(condition=models.Q(('number__in', [2, 3])), name='plan_step_is_known')],
            },
        ),
        migrations.CreateModel(
            name='Tally',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month', models.DateField()),
                ('kind', models.CharField(choices=[('type', 'Files by type'), ('removed', 'Removed content by kind'), ('refused', 'Refusals by reason')], max_length=8)),
                ('key', models.CharField(max_length=80)),
                ('count', models.PositiveIntegerField(default=0)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.organisation')),
            ],
            options={
                'ordering': ['-month', 'kind', '-count'],
                'constraints': [models.UniqueConstraint(fields=('organisation', 'month', 'kind', 'key'), name='transfer_tally_once')],
            },
        ),
        migrations.CreateModel(
            name='Route',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(max_length=40, unique=True, verbose_name='code')),
                ('name', models.CharField(max_length=100, verbose_name='name')),
                ('name_en', models.CharField(blank=True, max_length=100, verbose_name='English name')),
                ('policy', models.CharField(max_length=300, verbose_name='sanitizing policy')),
                ('needs_approval', models.BooleanField(default=False, verbose_name='the superior approves')),
                ('expiry_days', models.PositiveSmallIntegerField(default=7, verbose_name='days offered')),
                ('download_limit', models.PositiveSmallIntegerField(default=5, verbose_name='downloads of each file at most')),
                ('hold_days', models.PositiveSmallIntegerField(default=30, verbose_name='days originals are held')),
                ('closed_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='routes', to='people.organisation', verbose_name='organisation')),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='gateway.zone', verbose_name='from zone')),
                ('target', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='gateway.zone', verbose_name='to zone')),
                ('allows_outside', models.BooleanField(default=False, verbose_name='outside parties may receive, by a link with a code')),
            ],
            options={
                'ordering': ['source__order', 'target__order', 'code'],
                'constraints': [models.CheckConstraint(condition=models.Q(('source', models.F('target')), _negated=True), name='route_crosses_zones'), models.CheckConstraint(condition=models.Q(('download_limit__gte', 1), ('expiry_days__gte', 1), ('hold_days__gte', 1)), name='route_limits_are_positive')],
            },
            bases=(sekisho.people.models.TwoNames, models.Model),
        ),
        migrations.CreateModel(
            name='System',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100, verbose_name='name')),
                ('name_en', models.CharField(blank=True, max_length=100, verbose_name='English name')),
                ('data_class', models.CharField(choices=[('public', 'Public'), ('internal', 'Internal'), ('personal', 'Personal information'), ('specific', 'Personal information with My Number')], default='internal', max_length=10, verbose_name='information held')),
                ('workplace', models.BooleanField(default=False, verbose_name='terminals that staff work on')),
                ('controls', models.JSONField(blank=True, default=list, verbose_name='protections')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='systems', to='book.project')),
                ('zone', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='systems', to='gateway.zone', verbose_name='zone')),
            ],
            options={
                'ordering': ['project_id', 'name', 'id'],
                'constraints': [models.UniqueConstraint(fields=('project', 'name'), name='system_name_once_a_book')],
            },
            bases=(sekisho.people.models.TwoNames, models.Model),
        ),
        migrations.CreateModel(
            name='PolicyVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('text', models.TextField()),
                ('digest', models.CharField(max_length=64)),
                ('reason', models.CharField(max_length=500, verbose_name='what changes, and why')),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('policy', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='gateway.ownpolicy')),
            ],
            options={
                'ordering': ['policy_id', '-number'],
                'constraints': [models.UniqueConstraint(fields=('policy', 'number'), name='policy_version_once'), models.CheckConstraint(condition=models.Q(('number__gte', 1)), name='policy_versions_count_from_one')],
            },
        ),
        migrations.CreateModel(
            name='Transfer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('receiver_kind', models.CharField(choices=[('self', 'Myself'), ('person', 'A person'), ('book', "A project's book"), ('box', 'A shared box'), ('outside', 'An outside party, by a link')], max_length=8)),
                ('purpose', models.CharField(max_length=500, verbose_name='purpose')),
                ('state', models.CharField(choices=[('uploading', 'Being uploaded'), ('checking', 'Being sanitized'), ('approval', 'Waits for approval'), ('offered', 'Ready to receive'), ('handed', 'Handed to the other server'), ('refused', 'Refused'), ('expired', 'Expired'), ('abandoned', 'Not finished')], default='uploading', max_length=10)),
                ('policy', models.CharField(max_length=300)),
                ('policy_digest', models.CharField(max_length=64)),
                ('route_version', models.PositiveIntegerField()),
                ('needs_approval', models.BooleanField(default=False)),
                ('download_limit', models.PositiveSmallIntegerField()),
                ('expiry_days', models.PositiveSmallIntegerField()),
                ('hold_days', models.PositiveSmallIntegerField()),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('offered_at', models.DateTimeField(blank=True, null=True)),
                ('expires_at', models.DateTimeField(blank=True, null=True)),
                ('box', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.organisation')),
                ('project', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='book.project')),
                ('receiver', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('route', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='transfers', to='gateway.route')),
                ('sender', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('policy_version', models.PositiveIntegerField(blank=True, null=True)),
                ('outside', models.EmailField(blank=True, max_length=254, verbose_name='outside party')),
            ],
            options={
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['state', 'expires_at'], name='gateway_tra_state_1e6ab2_idx'), models.Index(fields=['sender', '-id'], name='gateway_tra_sender__89ccae_idx'), models.Index(fields=['route', '-id'], name='gateway_tra_route_i_2fcbca_idx')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('state', 'offered'), _negated=True), models.Q(('expires_at__isnull', False), ('offered_at__isnull', False)), _connector='OR'), name='transfer_offered_until'), models.CheckConstraint(condition=models.Q(models.Q(('box', None), ('outside', ''), ('project', None), ('receiver__isnull', False), ('receiver_kind__in', ['self', 'person'])), models.Q(('box', None), ('outside', ''), ('project__isnull', False), ('receiver', None), ('receiver_kind', 'book')), models.Q(('box__isnull', False), ('outside', ''), ('project', None), ('receiver', None), ('receiver_kind', 'box')), models.Q(('box', None), ('project', None), ('receiver', None), ('receiver_kind', 'outside'), models.Q(('outside', ''), _negated=True)), _connector='OR'), name='transfer_has_one_receiver')],
            },
        ),
        migrations.CreateModel(
            name='Flow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('what', models.CharField(max_length=200, verbose_name='what is handed over')),
                ('data_class', models.CharField(choices=[('public', 'Public'), ('internal', 'Internal'), ('personal', 'Personal information'), ('specific', 'Personal information with My Number')], default='internal', max_length=10, verbose_name='kind of information')),
                ('handover', models.CharField(choices=[('gateway', 'Transfer of files'), ('api', 'Connection between programs'), ('share', 'Shared folder'), ('mail', 'Mail'), ('media', 'USB stick or other medium')], default='gateway', max_length=10, verbose_name='how')),
                ('protocol', models.CharField(blank=True, max_length=60, verbose_name='protocol')),
                ('controls', models.JSONField(blank=True, default=list, verbose_name='protections')),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='leaving', to='gateway.system', verbose_name='from system')),
                ('target', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='arriving', to='gateway.system', verbose_name='to system')),
            ],
            options={
                'ordering': ['source_id', 'target_id', 'id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('source', models.F('target')), _negated=True), name='flow_goes_somewhere')],
            },
        ),
        migrations.CreateModel(
            name='PlannedMove',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('controls', models.JSONField(blank=True, default=list, verbose_name='protections to add')),
                ('task', models.CharField(blank=True, max_length=500, verbose_name='what the project must do')),
                ('planned_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('done_at', models.DateTimeField(blank=True, null=True)),
                ('planned_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('system', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='moves', to='gateway.system', verbose_name='system')),
                ('zone', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='gateway.zone', verbose_name='to zone')),
                ('step', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='moves', to='gateway.planstep', verbose_name='step')),
            ],
            options={
                'ordering': ['step__number', 'system__project_id', 'id'],
                'constraints': [models.UniqueConstraint(fields=('step', 'system'), name='system_moves_once_a_step')],
            },
        ),
        migrations.CreateModel(
            name='Approval',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('covers', models.CharField(max_length=64)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('granted', models.BooleanField()),
                ('reason', models.CharField(blank=True, max_length=500)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('transfer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='approvals', to='gateway.transfer')),
            ],
            options={
                'ordering': ['-at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='TransferFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=300)),
                ('size', models.PositiveBigIntegerField()),
                ('chunk_size', models.PositiveIntegerField()),
                ('sha256', models.CharField(blank=True, max_length=64)),
                ('state', models.CharField(choices=[('uploading', 'Being uploaded'), ('waiting', 'Waiting'), ('working', 'Being sanitized'), ('password', 'Asks for its password'), ('clean', 'Clean'), ('refused', 'Refused'), ('destroyed', 'Destroyed')], default='uploading', max_length=10)),
                ('folder', models.UUIDField(default=uuid.uuid4)),
                ('clean_folder', models.UUIDField(blank=True, null=True)),
                ('clean_name', models.CharField(blank=True, max_length=300)),
                ('clean_size', models.PositiveBigIntegerField(default=0)),
                ('clean_sha256', models.CharField(blank=True, max_length=64)),
                ('method', models.CharField(blank=True, max_length=12)),
                ('wanted_method', models.CharField(blank=True, max_length=12)),
                ('removed', models.JSONField(blank=True, default=list)),
                ('removed_total', models.PositiveIntegerField(default=0)),
                ('personal_warnings', models.PositiveIntegerField(default=0)),
                ('refusal', models.JSONField(blank=True, default=dict)),
                ('report', models.JSONField(blank=True, default=dict)),
                ('held_until', models.DateTimeField(blank=True, null=True)),
                ('checked_at', models.DateTimeField(blank=True, null=True)),
                ('touched_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('original_destroyed_at', models.DateTimeField(blank=True, null=True)),
                ('clean_destroyed_at', models.DateTimeField(blank=True, null=True)),
                ('transfer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='files', to='gateway.transfer')),
                ('tries', models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                'ordering': ['transfer_id', 'id'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('state', 'clean'), _negated=True), models.Q(('clean_folder__isnull', False), models.Q(('clean_sha256', ''), _negated=True)), _connector='OR'), name='clean_file_is_there')],
            },
        ),
        migrations.CreateModel(
            name='Dispatch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveBigIntegerField(unique=True)),
                ('files', models.JSONField(default=list)),
                ('manifest', models.TextField()),
                ('digest', models.CharField(max_length=64)),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('written_at', models.DateTimeField(blank=True, null=True)),
                ('tidied_at', models.DateTimeField(blank=True, null=True)),
                ('transfer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='dispatches', to='gateway.transfer')),
            ],
            options={
                'ordering': ['-number'],
            },
        ),
        migrations.CreateModel(
            name='Arrival',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100)),
                ('seen', models.CharField(max_length=60)),
                ('number', models.PositiveBigIntegerField(blank=True, null=True)),
                ('digest', models.CharField(blank=True, max_length=64)),
                ('state', models.CharField(choices=[('delivered', 'Delivered'), ('refused', 'Refused'), ('missing', 'Missing')], max_length=9)),
                ('reason', models.CharField(blank=True, choices=[('altered', 'Altered on its way, or signed by somebody else'), ('incomplete', 'It ends too early'), ('unreadable', 'Written by a version that this server does not know'), ('repeated', 'It was delivered before'), ('misplaced', 'Its file bears another number'), ('broken_row', 'It does not follow the package before it'), ('unclean', 'A file did not pass the second check'), ('unknown_route', 'This server has no such route'), ('unknown_person', 'This server does not know the sender or the receiver')], max_length=14)),
                ('detail', models.CharField(blank=True, max_length=300)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('transfer', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='arrival', to='gateway.transfer')),
            ],
            options={
                'ordering': ['-at', '-id'],
                'indexes': [models.Index(fields=['number', 'state'], name='gateway_arr_number_5df478_idx')],
                'constraints': [models.UniqueConstraint(fields=('name', 'seen'), name='arrival_looked_at_once'), models.UniqueConstraint(condition=models.Q(('state', 'delivered')), fields=('number',), name='package_delivered_once'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'delivered'), _negated=True), models.Q(('number__isnull', False), ('transfer__isnull', False)), _connector='OR'), name='delivered_package_has_transfer')],
            },
        ),
        migrations.CreateModel(
            name='OutsideLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.UUIDField(default=uuid.uuid4, unique=True)),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('mailed_at', models.DateTimeField(blank=True, null=True)),
                ('code_hash', models.CharField(blank=True, max_length=64)),
                ('code_until', models.DateTimeField(blank=True, null=True)),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('misses', models.PositiveSmallIntegerField(default=0)),
                ('transfer', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='link', to='gateway.transfer')),
            ],
        ),
        migrations.CreateModel(
            name='Alert',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('surge', 'Far more files than usual'), ('refusals', 'One sender with many refused files'), ('attack', 'A kind of attack that was not seen here before')], max_length=8)),
                ('key', models.CharField(max_length=120)),
                ('facts', models.JSONField(default=dict)),
                ('raised_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('seen_at', models.DateTimeField(blank=True, null=True)),
                ('answer', models.CharField(blank=True, max_length=500, verbose_name='what was found')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.organisation')),
                ('seen_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('transfer', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='gateway.transfer')),
            ],
            options={
                'ordering': ['-raised_at', '-id'],
                'constraints': [models.UniqueConstraint(fields=('organisation', 'kind', 'key'), name='alert_raised_once')],
            },
        ),
        migrations.CreateModel(
            name='RetentionHold',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(max_length=500, verbose_name='reason')),
                ('placed_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('ended_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('placed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('transfer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='holds', to='gateway.transfer')),
            ],
            options={
                'ordering': ['-placed_at', '-id'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('transfer',), name='one_hold_at_a_time')],
            },
        ),
        migrations.CreateModel(
            name='MailMessage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(db_index=True, max_length=64)),
                ('sender', models.CharField(blank=True, max_length=320)),
                ('recipients', models.JSONField(default=list)),
                ('relay', models.CharField(max_length=255)),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('sent', 'Passed on, written anew'), ('held', 'Held; the recipients were told')], default='waiting', max_length=7)),
                ('came_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('refused_to', models.JSONField(blank=True, default=list)),
                ('transfer', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='mail', to='gateway.transfer')),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='ExceptionRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('wanted', models.CharField(choices=[('pixel', 'Drawn anew as pictures'), ('text', 'As plain text'), ('original', 'The original, as a one-time exception')], max_length=10)),
                ('reason', models.CharField(max_length=1000)),
                ('asked_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('state', models.CharField(choices=[('open', 'Asked'), ('granted', 'Granted'), ('refused', 'Not granted')], default='open', max_length=8)),
                ('until', models.DateTimeField(blank=True, null=True)),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('file', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='requests', to='gateway.transferfile')),
            ],
            options={
                'ordering': ['-id'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'open')), fields=('file',), name='one_open_request_a_file'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'granted'), ('wanted', 'original'), _negated=True), ('until__isnull', False), _connector='OR'), name='exception_has_an_end')],
            },
        ),
        migrations.CreateModel(
            name='Download',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('original', models.BooleanField(default=False)),
                ('counted', models.BooleanField(default=True)),
                ('reason', models.CharField(blank=True, max_length=500)),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('file', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='downloads', to='gateway.transferfile')),
            ],
            options={
                'ordering': ['-at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='Chunk',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('size', models.PositiveIntegerField()),
                ('sha256', models.CharField(max_length=64)),
                ('file', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='chunks', to='gateway.transferfile')),
            ],
            options={
                'ordering': ['file_id', 'number'],
                'constraints': [models.UniqueConstraint(fields=('file', 'number'), name='chunk_once')],
            },
        ),
        migrations.CreateModel(
            name='Consent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('granted', models.BooleanField()),
                ('reason', models.CharField(max_length=500)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('request', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='consents', to='gateway.exceptionrequest')),
            ],
            options={
                'ordering': ['at', 'id'],
                'constraints': [models.UniqueConstraint(fields=('request', 'person'), name='consent_once')],
            },
        ),
    ]
