"""Rows beside many times: in which of some spans a row lies, and whether it meets one of them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import EmptyResultSet
from django.db.models import BooleanField, DateTimeField, F, Func, IntegerField, Value


def span_number(field: str, begins: Sequence[datetime]) -> Func:
    """From 1 on: in which of the spans that begin at these moments (rising, UTC) the field lies; 0: before them.

    Cheaper than turning every moment into local time, and by the same midnights as everywhere.
    """
    moments = Value(list(begins), output_field=ArrayField(DateTimeField()))
    return Func(F(field), moments, function="width_bucket", output_field=IntegerField())


class MeetsOne(Func):
    """Whether one of many pairs of moments or days fits: ``MeetsOne("{0} < %s AND {1} > %s", columns, pairs)``.

    The same SQL as as many ``Q`` with "or", written once: of a dozen times these cost Django more than the answer costs
    PostgreSQL. No rows: nothing meets, and nothing is asked.
    """

    output_field = BooleanField()

    def __init__(self, condition: str, columns: Sequence[str], rows: Sequence[tuple[date | datetime, ...]]) -> None:
        super().__init__(*columns)
        self.condition, self.rows = condition, rows

    def as_sql(  # type: ignore[override]  # Func's own arguments mean nothing here
        self,
        compiler: Any,
        connection: Any,  # noqa: ARG002 - Django's call
        **_extra: Any,
    ) -> tuple[str, list[Any]]:
        if not self.rows:
            raise EmptyResultSet
        one = self.condition.format(*(compiler.compile(column)[0] for column in self.source_expressions))
        return f"({' OR '.join([f'({one})'] * len(self.rows))})", [value for row in self.rows for value in row]
