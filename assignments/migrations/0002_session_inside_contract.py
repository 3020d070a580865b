"""No work is agreed outside a contract's validity or for a kind of work it does not name (R26)."""

from django.db import migrations

COVERED = """
  EXISTS (
    SELECT 1 FROM experts_contract c
    WHERE c.expert_id = s.expert_id AND c.state IN ('in_force', 'ended')
      AND c.valid_from <= (s.starts_at AT TIME ZONE 'Europe/Helsinki')::date
      AND (c.valid_to IS NULL OR (s.starts_at AT TIME ZONE 'Europe/Helsinki')::date <= c.valid_to)
      AND s.kind = ANY (c.kinds)
  )
"""


class Migration(migrations.Migration):
    dependencies = [("assignments", "0001_initial"), ("experts", "0001_initial")]
    operations = [
        migrations.RunSQL(
            sql=f"""
            CREATE FUNCTION session_inside_contract() RETURNS trigger LANGUAGE plpgsql AS $body$
            DECLARE s assignments_session := NEW;
            BEGIN
              IF NEW.state NOT IN ('agreed', 'closed') THEN RETURN NEW; END IF;
              IF TG_OP = 'UPDATE' AND OLD.state IN ('agreed', 'closed') AND OLD.expert_id = NEW.expert_id
                 AND OLD.starts_at = NEW.starts_at AND OLD.kind = NEW.kind THEN RETURN NEW; END IF;
              IF NOT {COVERED} THEN
                RAISE EXCEPTION 'no contract covers session %', NEW.id
                  USING ERRCODE = '23514', CONSTRAINT = 'session_inside_contract', TABLE = 'assignments_session';
              END IF;
              RETURN NEW;
            END $body$;
            CREATE TRIGGER session_inside_contract BEFORE INSERT OR UPDATE ON assignments_session
              FOR EACH ROW EXECUTE FUNCTION session_inside_contract();

            CREATE FUNCTION contract_keeps_its_sessions() RETURNS trigger LANGUAGE plpgsql AS $body$
            BEGIN
              IF EXISTS (
                SELECT 1 FROM assignments_session s
                WHERE s.expert_id = OLD.expert_id
                  AND (s.state = 'agreed'
                       OR (s.state = 'closed' AND s.outcome IN ('held', 'no_show', 'nobody_came', 'shortened_late')))
                  AND OLD.valid_from <= (s.starts_at AT TIME ZONE 'Europe/Helsinki')::date
                  AND (OLD.valid_to IS NULL OR (s.starts_at AT TIME ZONE 'Europe/Helsinki')::date <= OLD.valid_to)
                  AND s.kind = ANY (OLD.kinds)
                  AND NOT {COVERED}
              ) THEN
                RAISE EXCEPTION 'contract % has agreed sessions', OLD.id
                  USING ERRCODE = '23514', CONSTRAINT = 'contract_keeps_its_sessions', TABLE = 'experts_contract';
              END IF;
              RETURN NULL;
            END $body$;
            CREATE TRIGGER contract_keeps_its_sessions AFTER UPDATE OR DELETE ON experts_contract
              FOR EACH ROW EXECUTE FUNCTION contract_keeps_its_sessions();
            """,
            reverse_sql="""
            DROP TRIGGER session_inside_contract ON assignments_session;
            DROP FUNCTION session_inside_contract();
            DROP TRIGGER contract_keeps_its_sessions ON experts_contract;
            DROP FUNCTION contract_keeps_its_sessions();
            """,
        )
    ]
