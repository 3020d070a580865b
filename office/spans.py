"""Between which of some moments a row lies: days and months of Helsinki without local time in the database."""

from collections.abc import Sequence
from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db.models import DateTimeField, F, Func, IntegerField, Value


def span_number(field: str, begins: Sequence[datetime]) -> Func:
    """From 1 on: in which of the spans that begin at these moments (rising, UTC) the field lies; 0: before them.

    Cheaper than turning every moment into local time, and by the same midnights as everywhere.
    """
    moments = Value(list(begins), output_field=ArrayField(DateTimeField()))
    return Func(F(field), moments, function="width_bucket", output_field=IntegerField())
