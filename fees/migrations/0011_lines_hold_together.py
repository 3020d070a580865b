"""What a line names belongs together, looked at once for all lines of a statement; sums by expert stand on the run.

Four foreign keys, and the one to the line that is corrected, were looked at line by line: a third of the time of a
close. In their place one trigger asks for more than they did, and what lines name stays as long as they do. Nothing
that is paid can be emptied by TRUNCATE.
"""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models

from office.triggers import refuse, refuse_truncate

LINES = """
CREATE FUNCTION line_is_of_its_work() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  IF EXISTS (
    SELECT 1 FROM made m
    LEFT JOIN fees_hourlist l ON l.id = m.hour_list_id
    LEFT JOIN fees_hourrow r ON r.session_id = m.session_id
    WHERE m.corrects_id IS NULL AND (
      ROW(l.expert_id, l.unit_id) IS DISTINCT FROM ROW(m.expert_id, m.unit_id)
      OR (m.session_id IS NOT NULL AND r.hour_list_id IS DISTINCT FROM m.hour_list_id))
  ) OR EXISTS (
    SELECT 1 FROM made m LEFT JOIN fees_runline o ON o.id = m.corrects_id
    WHERE m.corrects_id IS NOT NULL
      AND ROW(o.expert_id, o.unit_id, o.hour_list_id, o.session_id)
          IS DISTINCT FROM ROW(m.expert_id, m.unit_id, m.hour_list_id, m.session_id)
  ) THEN
    RAISE EXCEPTION 'fees_runline: line_is_of_its_work'
      USING ERRCODE = '23514', CONSTRAINT = 'line_is_of_its_work', TABLE = 'fees_runline';
  END IF;
  RETURN NULL;
END $body$;
CREATE TRIGGER line_is_of_its_work AFTER INSERT ON fees_runline REFERENCING NEW TABLE AS made
  FOR EACH STATEMENT EXECUTE FUNCTION line_is_of_its_work();

CREATE FUNCTION corrected_line_stays() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  IF EXISTS (SELECT 1 FROM gone g JOIN fees_runline l ON l.corrects_id = g.id) THEN
    RAISE EXCEPTION 'fees_runline: corrected_line_stays'
      USING ERRCODE = '23514', CONSTRAINT = 'corrected_line_stays', TABLE = 'fees_runline';
  END IF;
  RETURN NULL;
END $body$;
CREATE TRIGGER corrected_line_stays AFTER DELETE ON fees_runline REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT EXECUTE FUNCTION corrected_line_stays();
"""
NO_LINES = """
DROP TRIGGER corrected_line_stays ON fees_runline;
DROP FUNCTION corrected_line_stays();
DROP TRIGGER line_is_of_its_work ON fees_runline;
DROP FUNCTION line_is_of_its_work();
"""

BY_EXPERT = """
ALTER TABLE fees_paymentrun DISABLE TRIGGER USER;
UPDATE fees_paymentrun r SET by_expert = coalesce((
  SELECT jsonb_object_agg(s.expert_id, s.euros::text)
  FROM (SELECT expert_id, sum(amount) AS euros FROM fees_runline WHERE run_id = r.id GROUP BY expert_id) s), '{}');
ALTER TABLE fees_paymentrun ENABLE TRIGGER USER;
"""

COLUMNS = (
    "number", "month", "pay_date", "made_at", "made_by_id", "lists", "rows", "experts", "fees", "travel", "total",
    "lines_hash",
)  # fmt: skip


def run_is_frozen(*columns: str) -> str:
    new, old = (", ".join(f"{row}.{name}" for name in columns) for row in ("NEW", "OLD"))
    return f"""
CREATE OR REPLACE FUNCTION run_is_never_changed() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  IF TG_OP = 'DELETE' OR OLD.state = 'paid' OR ROW({new}) IS DISTINCT FROM ROW({old})
     OR (OLD.sent_at IS NOT NULL AND (NEW.state = 'made'
         OR ROW(NEW.sent_at, NEW.sent_by_id) IS DISTINCT FROM ROW(OLD.sent_at, OLD.sent_by_id))) THEN
    RAISE EXCEPTION 'fees_paymentrun: run_is_never_changed'
      USING ERRCODE = '23514', CONSTRAINT = 'run_is_never_changed', TABLE = 'fees_paymentrun';
  END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  RETURN NEW;
END $body$;
"""


def key(to: str, *, null: bool = False, index: bool = True, name: str = "lines") -> "models.ForeignKey[Any, Any]":
    return models.ForeignKey(
        db_constraint=False,
        db_index=index,
        null=null,
        on_delete=django.db.models.deletion.PROTECT,
        related_name=name,
        to=to,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("assignments", "0009_yeses_lapse_and_decisions_have_a_person"),
        ("desk", "0004_old_records_may_go"),
        ("experts", "0005_consent_before_acceptance"),
        ("fees", "0010_fee_table_sv"),
        ("office", "0013_text_messages"),
    ]
    operations = [
        migrations.RemoveConstraint("runline", "session_paid_once"),
        migrations.AlterField("runline", "corrects", key("fees.runline", null=True, index=False, name="corrections")),
        migrations.AlterField("runline", "expert", key("experts.expert", name="run_lines")),
        migrations.AlterField("runline", "hour_list", key("fees.hourlist", null=True)),
        migrations.AlterField("runline", "session", key("assignments.session", null=True, index=False)),
        migrations.AlterField("runline", "unit", key("office.unit", name="run_lines")),
        migrations.AddIndex(
            "runline",
            models.Index(condition=models.Q(("corrects__isnull", False)), fields=["corrects"], name="line_corrects"),
        ),
        migrations.AddConstraint(
            "runline",
            models.UniqueConstraint(
                models.F("session"),
                models.F("kind"),
                models.Case(
                    models.When(kind__in=["fee", "travel"], then=0),
                    default=models.F("id"),
                    output_field=models.BigIntegerField(),
                ),
                name="session_paid_once",
            ),
        ),
        migrations.AddField("rejection", "payroll_number", models.CharField(max_length=20, blank=True, default="")),
        migrations.AlterField("rejection", "payroll_number", models.CharField(max_length=20, blank=True)),
        migrations.AddField("paymentrun", "by_expert", models.JSONField(default=dict)),
        migrations.RunSQL(BY_EXPERT, migrations.RunSQL.noop),
        migrations.RunSQL(run_is_frozen(*COLUMNS, "by_expert"), run_is_frozen(*COLUMNS)),
        migrations.RunSQL(LINES, NO_LINES),
        refuse(
            "fees_hourlist",
            "paid_list_stays",
            "DELETE",
            condition="EXISTS (SELECT 1 FROM fees_runline l WHERE l.hour_list_id = OLD.id)",
        ),
        refuse(
            "assignments_session",
            "paid_session_stays",
            "DELETE",
            condition="EXISTS (SELECT 1 FROM fees_runline l WHERE l.session_id = OLD.id)",
        ),
        *[
            refuse_truncate(f"fees_{table}")
            for table in ("runline", "paymentrun", "rundocument", "correction", "rejection", "hourlist", "hourrow")
        ],
    ]
