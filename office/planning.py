"""How PostgreSQL plans a statement (docs/decisions/0029)."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def by_its_values() -> Iterator[None]:
    """Statements inside are planned with their values each time, never prepared.

    For a question whose best way hangs on the values: a general plan looks through everybody's sessions for an hour's.
    """
    connection.ensure_connection()
    link = connection.connection
    before, link.prepare_threshold = link.prepare_threshold, None
    try:
        yield
    finally:
        link.prepare_threshold = before
