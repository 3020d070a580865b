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


def refuse_truncate(table: str) -> RunSQL:
    """A trigger that refuses TRUNCATE, which triggers of rows do not see; it is called <table>_is_never_emptied."""
    name = f"{table}_is_never_emptied"
    return RunSQL(
        sql=f"""
        CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $body$
        BEGIN
          RAISE EXCEPTION '{table}: {name}' USING ERRCODE = '23514', CONSTRAINT = '{name}', TABLE = '{table}';
        END $body$;
        CREATE TRIGGER {name} BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {name}();
        """,
        reverse_sql=f"DROP TRIGGER {name} ON {table}; DROP FUNCTION {name}();",
    )


def let_old_go(table: str, name: str, *, over: str, others: str = "UPDATE", unless: str = "FALSE") -> RunSQL:
    """Lets rows of a guarded table be deleted when the SQL ``over`` (over OLD; a function's answer) holds.

    ``others``: what the trigger guards besides DELETE; ``unless``: an SQL condition (over OLD and NEW) it lets pass.
    The trigger's function, and so its words, stay as they are. See docs/decisions.
    """
    early = f"{name}_early"
    return RunSQL(
        sql=f"""
        DROP TRIGGER {name} ON {table};
        CREATE TRIGGER {name} BEFORE {others} ON {table} FOR EACH ROW
          {"" if unless == "FALSE" else f"WHEN (NOT ({unless}))"} EXECUTE FUNCTION {name}();
        CREATE TRIGGER {early} BEFORE DELETE ON {table} FOR EACH ROW WHEN (NOT ({over})) EXECUTE FUNCTION {name}();
        """,
        reverse_sql=f"""
        DROP TRIGGER {early} ON {table};
        DROP TRIGGER {name} ON {table};
        CREATE TRIGGER {name} BEFORE {others} OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {name}();
        """,
    )
