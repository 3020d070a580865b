"""Times as people type them (D13). Pure: no Django, no clock; words are made at the edge.

What could mean two things is refused, never guessed.
"""

import re
from datetime import date, datetime, time, timedelta

from office.workdays import DAY, at_wall_clock, local_date

#: A session that seems longer than this was typed wrong.
LONGEST = timedelta(hours=12)

#: What one digit after a comma can only mean: full and half hours.
HALVES = {"0": "00", "5": "30"}

_TIME = re.compile(r"(?:(?:klo|kl)\.?\s*)?(?:(\d{1,2})(?:\s*[.:,]\s*(\d{1,2}))?|(\d{3,4}))\.?", re.IGNORECASE)


class InputError(ValueError):
    """What was typed is not understood. `code` tells why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def parse_time(text: str, *, end: bool = False) -> time:
    """A clock time: 9, 09, 900, 0900, 9.00, 9:00, 9,00, klo 9; and 9,5, which with a comma is half past nine.

    ``end``: the time at which something ends; there 24.00 can only be midnight (see `span`).

    Raises InputError "time_minutes" (9.5 or 9,3: minutes or parts of an hour?), "time_24" (midnight is 0.00),
    "time_none" (no such time), "time".
    """
    found = _TIME.fullmatch(text.strip())
    if not found:
        raise InputError("time")
    hour, minute, together = found.groups()
    if together:
        hour, minute = together[:-2], together[-2:]
    if minute is not None and len(minute) == 1:
        if "," not in text or minute not in HALVES:
            raise InputError("time_minutes")
        minute = HALVES[minute]
    if int(hour) == 24:
        if end and not int(minute or 0):
            return time(0)
        raise InputError("time_24")
    try:
        return time(int(hour), int(minute or 0))
    except ValueError:
        raise InputError("time_none") from None


def span(day: date, start: time, end: time) -> tuple[datetime, datetime]:
    """From `start` to `end` on `day`, wall clocks in Helsinki, in UTC; an end before the start is the next day (D14).

    Raises InputError "end_same", "too_long" (more than 12 hours: an end typed before the start by mistake),
    "skipped" (an hour that the clock jumps over in spring).
    """
    if start == end:
        raise InputError("end_same")
    try:
        starts_at = at_wall_clock(day, start)
        ends_at = at_wall_clock(day if end > start else day + DAY, end)
    except ValueError:
        raise InputError("skipped") from None
    if ends_at <= starts_at:
        raise InputError("end_same")
    if ends_at - starts_at > LONGEST:
        raise InputError("too_long")
    return starts_at, ends_at


def done_span(agreed: tuple[datetime, datetime], start: time, end: time) -> tuple[datetime, datetime]:
    """What was done of an agreed time (UTC): on its day, or after midnight when it lasts over midnight and the clocks
    typed lie there. Raises InputError as `span`.
    """
    day = local_date(agreed[0])
    found = span(day, start, end)
    if found[1] <= agreed[0] and local_date(agreed[1]) > day:
        later = span(day + DAY, start, end)
        if later[0] < agreed[1]:
            return later
    return found
