"""Database pieces that several apps share."""

from collections.abc import Mapping
from typing import Any

from django.contrib.postgres.fields import RangeBoundary
from django.db import models
from django.db.models import F, Func, Value

#: Finnish order of names (Å Ä Ö last) whatever the database was made with.
FINNISH = "fi-x-icu"


class Int8Range(Func):
    """``int8range(id, id, '[]')``: lets an exclusion constraint compare an id without the extension btree_gist."""

    function = "int8range"
    output_field = models.Field()  # only used inside a constraint

    def __init__(self, column: str, **extra: Any) -> None:
        super().__init__(F(column), F(column), Value("[]"), **extra)

    def replace_expressions(self, replacements: Mapping[Any, Any]) -> Any:
        """Checked before saving, too: Django then offers the value of a foreign key by its name without ``_id``."""
        by_column: dict[Any, Any] = {F(f"{found.name}_id"): value for found, value in replacements.items()}
        return super().replace_expressions({**by_column, **replacements})


class TsTzRange(Func):
    """A half-open range of moments, for exclusion constraints."""

    function = "tstzrange"
    output_field = models.Field()

    def __init__(self, lower: str, upper: str, **extra: Any) -> None:
        super().__init__(F(lower), F(upper), RangeBoundary(), **extra)


class DateRange(Func):
    """A range of days, both ends included (an open end stays open)."""

    function = "daterange"
    output_field = models.Field()

    def __init__(self, lower: str, upper: str, **extra: Any) -> None:
        super().__init__(F(lower), F(upper), RangeBoundary(inclusive_upper=True), **extra)
