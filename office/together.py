"""Many small questions to the database in one round trip.

A page that asks every app what waits would ask once for each of them. Here the questions travel together: each is a
``values_list`` queryset, and each gets its own rows back, in its order, as it would alone.
"""

import json
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connection, models
from django.db.models import QuerySet

Row = tuple[Any, ...]


def ask_together(questions: Sequence["QuerySet[Any, Any]"]) -> list[list[Row]]:
    """The rows of each question (``values_list`` querysets of any models), in one query. None for no questions."""
    parts: list[str] = []
    params: list[Any] = []
    fields: list[list[models.Field[Any, Any]] | None] = []
    for question in questions:
        compiler = question.query.get_compiler(DEFAULT_DB_ALIAS)
        try:
            sql, given = compiler.as_sql()
        except EmptyResultSet:  # nothing can fit, and Django would not ask either
            fields.append(None)
            continue
        fields.append([column[0].output_field for column in compiler.select])
        names = ", ".join(f"c{number}" for number in range(len(compiler.select)))
        # Django's own SQL with its parameters. An aggregate over a sorted subquery takes its rows in that order.
        parts.append(f"(SELECT coalesce(json_agg(json_build_array({names})), '[]') FROM ({sql}) AS q({names}))")  # noqa: S608
        params += given
    if not parts:
        return [[] for _question in questions]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", params)
        told = iter(cursor.fetchone() or ())
    return [[] if columns is None else _rows(next(told), columns) for columns in fields]


def _rows(told: Any, columns: Sequence["models.Field[Any, Any]"]) -> list[Row]:
    rows = json.loads(told, parse_float=Decimal) if isinstance(told, str) else told
    return [tuple(_value(value, field) for value, field in zip(row, columns, strict=True)) for row in rows]


def _value(value: Any, field: "models.Field[Any, Any]") -> Any:
    """As the field would give it: JSON knows neither days nor moments nor exact amounts."""
    if value is None:
        return None
    if isinstance(field, models.DateTimeField):
        return datetime.fromisoformat(value)
    if isinstance(field, models.DateField):
        return date.fromisoformat(value)
    return Decimal(str(value)) if isinstance(field, models.DecimalField) else value
