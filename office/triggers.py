"""SQL for the triggers by which the database refuses what must not be. Used by migrations only.

Refusals carry SQLSTATE 23514, so that Django raises IntegrityError, and a constraint name to recognise them by.
"""

from django.db.migrations import RunSQL


def refuse(table: str, name: str, when: str, *, condition: str = "TRUE") -> RunSQL:
    """A trigger that refuses ``when`` ("UPDATE OR DELETE") on rows for which the SQL ``condition`` (over OLD) holds."""
    return RunSQL(
        sql=f"""
        CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $body$
        BEGIN
          IF {condition} THEN
            RAISE EXCEPTION '{table}: {name}' USING ERRCODE = '23514', CONSTRAINT = '{name}', TABLE = '{table}';
          END IF;
          IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
          RETURN NEW;
        END $body$;
        CREATE TRIGGER {name} BEFORE {when} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}();
        """,
        reverse_sql=f"DROP TRIGGER {name} ON {table}; DROP FUNCTION {name}();",
    )
