"""Rows that are put and changed by SQL that is written once: the log, messages, each step of a state machine.

Django's own INSERT and UPDATE take several times as long to write as to carry out. These do the same with the model's
own fields (their checks of type, their columns), and keep the SQL. Docs: decision 0028.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections, models
from django.db.models.expressions import DatabaseDefault

Model = type[models.Model]


@cache
def _columns(model: Model) -> tuple[Any, ...]:
    """The columns that a new row is given; the database makes its key."""
    return tuple(field for field in model._meta.concrete_fields if not field.primary_key)


def _names(fields: Sequence[Any]) -> str:
    return ", ".join(f'"{field.column}"' for field in fields)


@cache
def _insert(model: Model, rows: int, once: str) -> str:
    fields = _columns(model)
    row = f"({', '.join(_place(field) for field in fields)})"
    conflict = f' ON CONFLICT ("{once}") DO NOTHING' if once else ""
    told = f'"id", "{once}"' if once else '"id"'
    return f'INSERT INTO "{model._meta.db_table}" ({_names(fields)}) VALUES {", ".join([row] * rows)}{conflict} RETURNING {told}'  # noqa: S608, E501 - names of our own columns


@cache
def _update(model: Model, names: tuple[str, ...], where: tuple[str, ...]) -> tuple[str, tuple[Any, ...]]:
    fields: tuple[Any, ...] = tuple(model._meta.get_field(name) for name in (*names, *where))
    new = ", ".join(f'"{field.column}" = {_place(field)}' for field in fields[: len(names)])
    old = " AND ".join(f'"{field.column}" = {_place(field)}' for field in fields[len(names) :])
    return f'UPDATE "{model._meta.db_table}" SET {new} WHERE {old}', fields  # noqa: S608 - names of our own columns


def _place(field: Any) -> str:
    """A list is told its type, as Django does."""
    return str(field.get_placeholder(None, None, connection)) if hasattr(field, "get_placeholder") else "%s"


def _values(pairs: Iterable[tuple[Any, Any]]) -> list[Any]:
    """Values of fields as the database takes them."""
    own = connections[DEFAULT_DB_ALIAS]
    return [
        field.get_db_prep_save(value.pk if isinstance(value, models.Model) else value, connection=own)
        for field, value in pairs
    ]


def put(rows: Sequence[models.Model]) -> None:
    """New rows of one model in one statement, in their order; each gets its key. No signals."""
    if rows:
        model = type(rows[0])
        for row, (key,) in zip(rows, _put(model, rows, ""), strict=True):
            _is_there(row, key)


def put_once(rows: Sequence[models.Model], unique: str) -> None:
    """The same, but a row that is there already (by its ``unique`` column) stays as it is; every row gets its key."""
    if not rows:
        return
    model = type(rows[0])
    keys = {name: key for key, name in _put(model, rows, unique)}
    if lacking := [name for row in rows if (name := getattr(row, unique)) not in keys]:
        there = model._default_manager.filter(**{f"{unique}__in": lacking})
        keys |= dict(there.values_list(unique, "pk"))
    for row in rows:
        _is_there(row, keys[getattr(row, unique)])


def _put(model: Model, rows: Sequence[models.Model], once: str) -> list[Any]:
    values = _values((field, _given(row, field)) for row in rows for field in _columns(model))
    with connection.cursor() as cursor:
        cursor.execute(_insert(model, len(rows), once), values)
        return list(cursor.fetchall())


def _given(row: models.Model, field: Any) -> Any:
    """What the row says of the field; what it leaves to the database becomes the plain value it would take."""
    value = getattr(row, field.attname)
    if isinstance(value, DatabaseDefault):
        value = field.db_default
        setattr(row, field.attname, value)
    return value


def _is_there(row: models.Model, key: Any) -> None:
    row.pk, row._state.adding, row._state.db = key, False, connection.alias


def change(model: Model, where: Mapping[str, Any], new: Mapping[str, Any]) -> int:
    """Changes the rows whose fields have these values; tells how many. Values only, no expressions, no None to find."""
    sql, fields = _update(model, tuple(new), tuple(where))
    values = _values(zip(fields, [*new.values(), *where.values()], strict=True))
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return int(cursor.rowcount)
