"""Rows added afterwards (frozen with the list), what is being typed, requests to correct, what was told when sent."""

import django.db.models.deletion
import office.validators
from django.conf import settings
from django.db import migrations, models

from office.triggers import refuse

FROZEN = """
  TG_OP = 'UPDATE' OR EXISTS (
    SELECT 1 FROM fees_hourrow r JOIN fees_hourlist l ON l.id = r.hour_list_id
    WHERE r.session_id = CASE WHEN TG_OP = 'INSERT' THEN NEW.session_id ELSE OLD.session_id END
      AND l.state IN ('approved', 'in_payment', 'paid')
      AND NOT (TG_OP = 'DELETE' AND fees_list_over(l.id)))
"""


class Migration(migrations.Migration):

    dependencies = [
        ('assignments', '0006_who_told_it'),
        ('experts', '0005_consent_before_acceptance'),
        ('fees', '0004_receipts'),
        ('office', '0009_messages_perhaps_sent'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='AddedRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('what', models.CharField(choices=[('meeting', 'one more meeting'), ('preparation', 'preparation')], max_length=12, verbose_name='what was done')),
                ('why', models.CharField(max_length=300, validators=[office.validators.no_identity_code], verbose_name='why it was not agreed before')),
                ('added_at', models.DateTimeField(verbose_name='added')),
            ],
            options={
                'ordering': ('session',),
            },
        ),
        migrations.CreateModel(
            name='CorrectionRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('open', 'Waiting for an answer'), ('accepted', 'Accepted'), ('declined', 'Declined'), ('withdrawn', 'Taken back')], default='open', max_length=10, verbose_name='state')),
                ('wanted', models.CharField(max_length=300, validators=[office.validators.no_identity_code], verbose_name='what it should be, and why')),
                ('asked_at', models.DateTimeField(verbose_name='asked')),
                ('answer', models.CharField(blank=True, max_length=300, validators=[office.validators.no_identity_code], verbose_name='answer')),
                ('answered_at', models.DateTimeField(blank=True, null=True, verbose_name='answered')),
            ],
            options={
                'ordering': ('-id',),
            },
        ),
        migrations.CreateModel(
            name='RowDraft',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('values', models.JSONField(default=dict)),
                ('version', models.PositiveIntegerField(default=1)),
                ('saved_at', models.DateTimeField(verbose_name='saved')),
            ],
            options={
                'ordering': ('session',),
            },
        ),
        migrations.AddField(
            model_name='hourrow',
            name='told',
            field=models.JSONField(blank=True, null=True),
        ),
        migrations.AddConstraint(
            model_name='hourlist',
            constraint=models.CheckConstraint(condition=models.Q(('approved_by__isnull', True), ('sent_by__isnull', True), models.Q(('approved_by', models.F('sent_by')), _negated=True), _connector='OR'), name='nobody_approves_what_they_sent', violation_error_message='Who has sent the list does not approve it. Somebody else of the unit does.'),
        ),
        migrations.AddField(
            model_name='addedrow',
            name='added_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='addedrow',
            name='ordered_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='ordered by'),
        ),
        migrations.AddField(
            model_name='addedrow',
            name='session',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='added', to='assignments.session'),
        ),
        migrations.AddField(
            model_name='correctionrequest',
            name='answered_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='correctionrequest',
            name='asked_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='correctionrequest',
            name='correction',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='asked_for', to='fees.correction'),
        ),
        migrations.AddField(
            model_name='correctionrequest',
            name='session',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='correction_requests', to='assignments.session'),
        ),
        migrations.AddField(
            model_name='rowdraft',
            name='session',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='drafts', to='assignments.session'),
        ),
        migrations.AddField(
            model_name='rowdraft',
            name='written_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='addedrow',
            constraint=models.CheckConstraint(condition=models.Q(('why', ''), _negated=True), name='added_row_says_why'),
        ),
        migrations.AddConstraint(
            model_name='correctionrequest',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'open')), fields=('session',), name='one_open_request_a_session', violation_error_message='A correction of this time has been asked for already.'),
        ),
        migrations.AddConstraint(
            model_name='correctionrequest',
            constraint=models.CheckConstraint(condition=models.Q(('wanted', ''), _negated=True), name='request_says_what'),
        ),
        migrations.AddConstraint(
            model_name='correctionrequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('answered_at__isnull', True), ('state', 'open')), models.Q(models.Q(('state', 'open'), _negated=True), ('answered_at__isnull', False), ('answered_by__isnull', False)), _connector='OR'), name='answered_request_has_its_moment'),
        ),
        migrations.AddConstraint(
            model_name='correctionrequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'declined'), _negated=True), models.Q(('answer', ''), _negated=True), _connector='OR'), name='declined_request_says_why'),
        ),
        migrations.AddConstraint(
            model_name='rowdraft',
            constraint=models.UniqueConstraint(fields=('session', 'written_by'), name='one_draft_of_a_row'),
        ),
        refuse("fees_addedrow", "added_row_is_frozen", "INSERT OR UPDATE OR DELETE", condition=FROZEN),
    ]
