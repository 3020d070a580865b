"""Who told a cancellation by telephone (R14: both names are kept); agreed individual and pair work gets its process."""

from django.db import migrations, models

import office.validators

#: Stages by what has been held; see assignments.actions.processes.
PROCESSES = """
INSERT INTO assignments_process (order_id, state, closing_word)
SELECT o.id,
       CASE WHEN EXISTS (SELECT 1 FROM assignments_session s WHERE s.order_id = o.id AND s.outcome = 'held')
            THEN 'running' ELSE 'planned' END,
       ''
FROM assignments_order o
WHERE o.state = 'agreed' AND o.source = '' AND o.kind IN ('individual', 'pair')
  AND NOT EXISTS (SELECT 1 FROM assignments_process p WHERE p.order_id = o.id)
"""


class Migration(migrations.Migration):
    dependencies = [("assignments", "0005_asking_and_tickets")]

    operations = [
        migrations.AddField(
            model_name="session",
            name="told_by",
            field=models.CharField(
                blank=True,
                default="",
                max_length=120,
                validators=[office.validators.no_identity_code],
                verbose_name="who told it",
            ),
            preserve_default=False,
        ),
        migrations.RunSQL(PROCESSES, migrations.RunSQL.noop),
    ]
