"""Receipts of journeys; frozen with the list (R23), and gone with it when its time is over (decision 0014)."""

import django.db.models.deletion
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
        ('desk', '0004_old_records_may_go'),
        ('fees', '0003_sent_and_rejected'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Receipt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('filename', models.CharField(max_length=80, verbose_name='file')),
                ('media_type', models.CharField(max_length=40)),
                ('content', models.BinaryField()),
                ('sha256', models.CharField(max_length=64)),
                ('size', models.PositiveIntegerField(verbose_name='size')),
                ('added_at', models.DateTimeField(verbose_name='added')),
                ('added_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='added by')),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='receipt_files', to='assignments.session')),
            ],
            options={
                'ordering': ('session', 'id'),
                'constraints': [models.UniqueConstraint(fields=('session', 'sha256'), name='receipt_once', violation_error_message='This receipt is here already.'), models.CheckConstraint(condition=models.Q(('media_type__in', ['application/pdf', 'image/jpeg'])), name='receipt_is_pdf_or_picture')],
            },
        ),
        refuse("fees_receipt", "receipt_is_frozen", "INSERT OR UPDATE OR DELETE", condition=FROZEN),
    ]
