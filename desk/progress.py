"""How far a piece of work is, told while its transaction is still open."""

from time import monotonic
from types import TracebackType
from typing import Any, Self

from django.db import Error, connection

#: Seconds between two words about it.
EVERY = 0.5
#: How often it is begun before it is taken for what kills its workers.
TRIES = 3
#: The first number of the lock, the second one is the sheet's.
LOCK = 0x5EE7


class Stopped(Exception):
    """Somebody broke the work off, or it is another's turn by now. Nothing of it may stay."""


class Progress:
    """Writes done and total on the sheet's row by a connection of its own: what the work's own connection writes is
    seen by nobody before it is committed. Inside somebody else's transaction it keeps silent.

    That connection also holds a lock: a sheet is worked on by one at a time, and the lock of a worker that is killed
    goes with its connection, so that the clock may begin anew at once.
    """

    def __init__(self, sheet: int, attempt: int) -> None:
        self.sheet, self.attempt = sheet, attempt
        self._own: Any = None
        self._last = 0.0

    def __enter__(self) -> Self:
        if not connection.in_atomic_block:
            self._own = connection.copy()
            try:
                self._begin()
            except BaseException:
                self._end()
                raise
        return self

    def _begin(self) -> None:
        """Raises Stopped when another is at it, when it is over, or when it has been begun often enough."""
        with self._own.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK, self.sheet])
            if not cursor.fetchone()[0]:
                raise Stopped
            cursor.execute(
                "UPDATE desk_uploadedsheet SET tries = tries + 1, done = 0, beat_at = clock_timestamp(), "
                "state = CASE WHEN tries < %(tries)s THEN state ELSE 'stopped' END, "
                "result = CASE WHEN tries < %(tries)s THEN result ELSE 'error' END "
                "WHERE id = %(sheet)s AND attempt = %(attempt)s AND state IN ('looking', 'taking') RETURNING state",
                {"tries": TRIES, "sheet": self.sheet, "attempt": self.attempt},
            )
            if cursor.fetchone() in {None, ("stopped",)}:
                raise Stopped

    def _end(self) -> None:
        try:
            with self._own.cursor() as cursor:  # a connection of a pool lives on
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK, self.sheet])
        except Error:
            pass  # cut: the lock has gone with it
        self._own.close()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._own is not None:
            self._end()

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
