"""How long records are kept, and that only what is over its time can be removed from the history.

``retention_over(class, ended, months)``: whether a record that ended on a day is over its time. Only inside a
transaction of the retention job, which sets ``erfa.retention`` to its day; a day to come counts as today. ``months``
is the default of the class (office.rights) where the county has set none.
"""

from django.db import migrations, models

from office.triggers import let_old_go

OVER = """
CREATE FUNCTION retention_over(class text, ended date, months integer) RETURNS boolean LANGUAGE sql STABLE AS $body$
  SELECT coalesce(
    (ended + make_interval(months => coalesce(
      (SELECT p.months FROM office_retentionperiod p WHERE p.record_class = class), retention_over.months)))::date
    < least(nullif(current_setting('erfa.retention', true), '')::date, (now() AT TIME ZONE 'Europe/Helsinki')::date)
    AND coalesce(current_setting('erfa.retention', true), '') <> '', FALSE)
$body$;
"""

#: An erasure may take a name out of the facts of a row, and change nothing else of it.
NAMES_ONLY = """
  coalesce(current_setting('erfa.erasure', true), '') = 'on'
  AND ROW(NEW.id, NEW.at, NEW.actor_id, NEW.on_behalf_of_id, NEW.kind, NEW.object_type, NEW.object_id, NEW.from_state,
          NEW.to_state, NEW.reason)
      IS NOT DISTINCT FROM
      ROW(OLD.id, OLD.at, OLD.actor_id, OLD.on_behalf_of_id, OLD.kind, OLD.object_type, OLD.object_id, OLD.from_state,
          OLD.to_state, OLD.reason)
"""


class Migration(migrations.Migration):
    dependencies = [("office", "0004_messages_to_people_without_account")]
    operations = [
        migrations.CreateModel(
            name="RetentionPeriod",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("record_class", models.SlugField(max_length=40, unique=True, verbose_name="records")),
                ("months", models.PositiveSmallIntegerField(verbose_name="months")),
            ],
            options={"ordering": ("record_class",)},
        ),
        migrations.RunSQL(OVER, "DROP FUNCTION retention_over(text, date, integer);"),
        let_old_go(
            "office_logentry",
            "log_is_append_only",
            over="retention_over('history', (OLD.at AT TIME ZONE 'Europe/Helsinki')::date, 120)",
            unless=NAMES_ONLY,
        ),
    ]
