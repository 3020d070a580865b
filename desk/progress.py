"""How far a piece of work is, told while its transaction is still open."""

from time import monotonic
from types import TracebackType
from typing import Any, Self

from django.db import connection

#: Seconds between two words about it.
EVERY = 0.5


class Stopped(Exception):
    """Somebody broke the work off, or it is another's turn by now. Nothing of it may stay."""


class Progress:
    """Writes done and total on the sheet's row by a connection of its own: what the work's own connection writes is
    seen by nobody before it is committed. Inside somebody else's transaction it keeps silent.
    """

    def __init__(self, sheet: int, attempt: int) -> None:
        self.sheet, self.attempt = sheet, attempt
        self._own: Any = None
        self._last = 0.0

    def __enter__(self) -> Self:
        if not connection.in_atomic_block:
            self._own = connection.copy()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._own is not None:
            self._own.close()

    def __call__(self, done: int, *, total: int) -> None:
        """Raises Stopped when the row says so."""
        now = monotonic()
        if self._own is None or (now - self._last < EVERY and done < total):
            return
        self._last = now
        with self._own.cursor() as cursor:
            cursor.execute(
                "UPDATE desk_uploadedsheet SET done = %s, total = %s, beat_at = clock_timestamp() "
                "WHERE id = %s AND attempt = %s AND state IN ('looking', 'taking')",
                [done, total, self.sheet, self.attempt],
            )
            if not cursor.rowcount:
                raise Stopped
