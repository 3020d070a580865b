"""Entries for other calendars: what a strict reader makes of them (T12)."""

from datetime import timedelta

import icalendar
import pytest
import vobject

from office.ical import Entry, Status, host, written
from office.workdays import HELSINKI
from tests.factories import at

CHANGED = at(2026, 9, 1, 9)


def entry(**fields: object) -> Entry:
    values: dict[str, object] = {
        "uid": "session-1@erfa.example.org",
        "starts_at": at(2026, 10, 23, 14),
        "ends_at": at(2026, 10, 23, 16),
        "title": "Ryhmänohjaus",
        "changed_at": CHANGED,
    }
    return Entry(**(values | fields))  # type: ignore[arg-type]


def lines(content: bytes) -> list[str]:
    return content.decode().replace("\r\n ", "").split("\r\n")


def test_every_line_that_the_standard_asks_for() -> None:
    told = lines(written([entry(place="Majakkalaituri 2, Loviisa", url="https://erfa.example.org/x/")], "Erfa"))
    assert told[:3] == ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Erfa//Calendar//EN"]
    assert told.count("BEGIN:VTIMEZONE") == 1
    event = told[told.index("BEGIN:VEVENT") : told.index("END:VEVENT")]
    assert sorted(event) == sorted(
        [
            "BEGIN:VEVENT",
            "UID:session-1@erfa.example.org",
            "DTSTAMP:20260901T060000Z",
            "LAST-MODIFIED:20260901T060000Z",
            "DTSTART;TZID=Europe/Helsinki:20261023T140000",
            "DTEND;TZID=Europe/Helsinki:20261023T160000",
            "SUMMARY:Ryhmänohjaus",
            "STATUS:CONFIRMED",
            "SEQUENCE:0",
            "CLASS:PRIVATE",
            "TRANSP:OPAQUE",
            "LOCATION:Majakkalaituri 2\\, Loviisa",
            "URL:https://erfa.example.org/x/",
        ]
    )


def test_a_strict_reader_takes_it() -> None:
    calendar = vobject.readOne(written([entry(), entry(uid="session-2@erfa.example.org")], "Erfa").decode())
    calendar.validate(raiseException=True)
    assert [event.uid.value for event in calendar.vevent_list] == [
        "session-1@erfa.example.org",
        "session-2@erfa.example.org",
    ]


@pytest.mark.parametrize(
    ("day", "hour", "offset"),
    [
        pytest.param((2026, 10, 24), 14, 3, id="the day before the autumn change"),
        pytest.param((2026, 10, 25), 14, 2, id="the day of the autumn change"),
        pytest.param((2027, 3, 27), 14, 2, id="the day before the spring change"),
        pytest.param((2027, 3, 28), 14, 3, id="the day of the spring change"),
    ],
)
def test_a_reader_without_a_zone_list_of_its_own_sees_the_right_hour(
    day: tuple[int, int, int], hour: int, offset: int
) -> None:
    start = at(*day, hour)
    content = written([entry(starts_at=start, ends_at=start + timedelta(hours=1))], "Erfa")
    # Another name, so that no reader knows the zone by itself: it must go by what our VTIMEZONE says.
    read = vobject.readOne(content.decode().replace("Europe/Helsinki", "Office/Own"))
    seen = read.vevent.dtstart.value
    assert (seen.hour, seen.utcoffset()) == (hour, timedelta(hours=offset))
    assert seen == start


def test_a_cancelled_time_says_so_and_takes_no_time() -> None:
    told = lines(written([entry(status=Status.CANCELLED, sequence=2)], "Erfa"))
    assert {"STATUS:CANCELLED", "SEQUENCE:2", "TRANSP:TRANSPARENT"} <= set(told)


def test_text_cannot_break_out_of_its_line() -> None:
    content = written([entry(title="A;B,C\nEND:VEVENT", place="x" * 300)], "Erfa")
    read = icalendar.Calendar.from_ical(content)
    (event,) = read.walk("VEVENT")
    assert (str(event["SUMMARY"]), str(event["LOCATION"])) == ("A;B,C\nEND:VEVENT", "x" * 300)
    assert max(len(line) for line in content.split(b"\r\n")) <= 75


@pytest.mark.parametrize(
    "place", ["ä" * 200, "Å🌱\\;,\r\nB" * 20, "x" * 66, "x" * 67], ids=["ä", "signs", "full", "over"]
)
def test_a_folded_line_cuts_no_letter_in_two(place: str) -> None:
    content = written([entry(place=place)], "Erfa")
    (event,) = icalendar.Calendar.from_ical(content).walk("VEVENT")
    assert str(event["LOCATION"]) == place.replace("\r\n", "\n")
    assert max(len(line) for line in content.split(b"\r\n")) <= 75
    assert [line.decode() for line in content.split(b"\r\n")][-1] == ""


def test_the_same_entries_give_the_same_bytes_in_any_order() -> None:
    one, two = entry(), entry(uid="session-2@erfa.example.org", starts_at=at(2026, 10, 22, 9))
    assert written([one, two], "Erfa") == written([two, one], "Erfa")


def test_an_empty_calendar_is_one_too() -> None:
    assert "BEGIN:VEVENT" not in lines(written([], "Erfa"))
    assert lines(written([], "Erfa"))[-2] == "END:VCALENDAR"


def test_the_end_is_exclusive_and_local() -> None:
    (event,) = icalendar.Calendar.from_ical(written([entry()], "Erfa")).walk("VEVENT")
    assert event.decoded("DTEND") == at(2026, 10, 23, 16).astimezone(HELSINKI)


def test_the_name_in_uids_is_the_sites() -> None:
    assert host("https://erfa.example.org:8443/x") == "erfa.example.org"
