"""Calendar entries for other programs (RFC 5545). Pure: no clock, no database.

Titles hold nothing sensitive: no topic, no task, no name. Times go out in Europe/Helsinki with its VTIMEZONE, ends are
exclusive, an entry keeps its UID however often it is moved, and SEQUENCE grows with every change (T12).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from icalendar import Calendar, Timezone, TimezoneDaylight, TimezoneStandard

from office.workdays import HELSINKI

REFRESH = timedelta(hours=1)
LINE = 75  # bytes
END = b"END:VCALENDAR\r\n"


class Status(StrEnum):
    """As calendars know them."""

    CONFIRMED = "CONFIRMED"
    TENTATIVE = "TENTATIVE"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True)
class Entry:
    """One time in a calendar. Times are aware; ``changed_at`` is the last change, ``sequence`` how many there were."""

    uid: str
    starts_at: datetime
    ends_at: datetime
    title: str
    changed_at: datetime
    sequence: int = 0
    status: Status = Status.CONFIRMED
    place: str = ""
    url: str = ""


def host(site: str) -> str:
    """The name in UIDs: the site's own, without scheme and port."""
    return site.rsplit("//", maxsplit=1)[-1].split("/", maxsplit=1)[0].split(":", maxsplit=1)[0]


def _zone() -> Timezone:
    """Europe/Helsinki by the rule of the European Union since 1996.

    Written here, because the library's own lists dates for some years and begins summer time an hour late.
    """
    zone = Timezone()
    zone.add("tzid", "Europe/Helsinki")
    for part, name, start, month, before, after in (
        (TimezoneDaylight(), "EEST", datetime(1997, 3, 30, 3), 3, 2, 3),  # noqa: DTZ001 - local on both sides
        (TimezoneStandard(), "EET", datetime(1996, 10, 27, 4), 10, 3, 2),  # noqa: DTZ001
    ):
        part.add("dtstart", start)
        part.add("rrule", {"freq": "yearly", "bymonth": month, "byday": "-1su"})
        part.add("tzname", name)
        part.add("tzoffsetfrom", timedelta(hours=before))
        part.add("tzoffsetto", timedelta(hours=after))
        zone.add_component(part)
    return zone


def _escaped(text: str) -> str:
    """Text as the standard wants it: no line of its own, no separator."""
    for sign, written_as in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r\n", "\\n"), ("\n", "\\n"), ("\r", "\\n")):
        text = text.replace(sign, written_as)
    return text


def _folded(line: str) -> str:
    """At most 75 bytes a line, no letter cut in two; what goes on begins with a space."""
    if len(line.encode()) <= LINE:
        return line
    parts, part, size = [], "", 0
    for letter in line:
        wide = len(letter.encode())
        if size + wide > LINE:
            parts.append(part)
            part, size = " ", 1
        part, size = part + letter, size + wide
    return "\r\n".join([*parts, part])


def _event(entry: Entry) -> str:
    """One entry as its lines. Written here: the library takes thirty times as long, and a unit's calendar is long."""
    changed = f"{entry.changed_at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    told = [
        "BEGIN:VEVENT",
        f"SUMMARY:{_escaped(entry.title)}",
        f"DTSTART;TZID=Europe/Helsinki:{entry.starts_at.astimezone(HELSINKI):%Y%m%dT%H%M%S}",
        f"DTEND;TZID=Europe/Helsinki:{entry.ends_at.astimezone(HELSINKI):%Y%m%dT%H%M%S}",
        f"DTSTAMP:{changed}",
        f"UID:{_escaped(entry.uid)}",
        f"SEQUENCE:{entry.sequence}",
        "CLASS:PRIVATE",
        f"LAST-MODIFIED:{changed}",
        f"STATUS:{entry.status.value}",
        f"TRANSP:{'TRANSPARENT' if entry.status == Status.CANCELLED else 'OPAQUE'}",
    ]
    if entry.place:
        told.append(f"LOCATION:{_escaped(entry.place)}")
    if entry.url:
        told.append(f"URL:{entry.url}")
    return "".join(f"{_folded(line)}\r\n" for line in [*told, "END:VEVENT"])


def written(entries: Iterable[Entry], name: str) -> bytes:
    """A whole calendar; ``name`` is what calendar programs call it. The same entries give the same bytes."""
    rows = sorted(entries, key=lambda entry: (entry.starts_at, entry.uid))
    calendar = Calendar()
    calendar.add("prodid", "-//Erfa//Calendar//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", "Europe/Helsinki")
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add_component(_zone())
    frame = bytes(calendar.to_ical()).removesuffix(END)
    return frame + "".join(_event(row) for row in rows).encode() + END
