"""Every field of every form that names a row: the id of another unit's row is not there, as in an address (P6).

The forms are found on the pages themselves, so that a new field is tried without being listed; a field whose numbers
name something unknown here fails ``test_every_field_that_names_a_row_is_known``.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from django.db import models, transaction
from django.utils import translation

from assignments.actions import meetings
from assignments.models import Process
from fees import actions as pay
from fees.models import HourList
from induction.models import ChecklistRow
from office.models import LogEntry, OutboxMessage
from tests.conftest import Clock
from tests.conftest import cast as cast_fixture
from tests.factories import at, make_agreed_session, make_closed_session, make_offer, make_order
from tests.factories.induction import make_induction, make_row
from tests.matrices.forms import FormOnPage, filled, forms_of
from tests.matrices.test_urls import NAMES, address
from tests.matrices.world import NOW, World, build

pytestmark = pytest.mark.django_db

WHO = ("named", "staff", "expert", "finance", "supervisor")
#: Fields whose numbers name a row of a unit, and the foreign row that is put there.
ROWS = {
    "unit": "unit",
    "order": "order",
    "ordered_by": "employee",
    "list": "list",
    "meeting": "coordination",
    "on": "row",
}
#: The same field names something else in another form.
ROWS_OF = {("/induction/checklists/", "on"): "item"}
#: Fields whose numbers name what the whole county has in common (R2), or no row at all.
COMMON = {"area", "areas", "expert", "experts", "topic", "topics"}
NO_ROWS = {"done", "expected", "finish", "give", "rows", "seen", "weekday", "weeks", "year"}
#: Choices that stand on a page only for who has several.
HIDDEN = [("calendars:calendar", "unit"), ("calendars:calendar", "expert"), ("assignments:processes", "unit")]
#: A key that no row has.
NOBODYS = 999_999_999


@dataclass(frozen=True)
class Two:
    """The world of the first unit, and rows of the other unit by what they are."""

    world: World
    foreign: dict[str, models.Model]

    def facts(self) -> list[Any]:
        """What must not change: the foreign rows, the history, the messages."""
        rows = [type(row)._base_manager.filter(pk=row.pk).values().get() for row in self.foreign.values()]
        return [rows, LogEntry.objects.count(), OutboxMessage.objects.count()]


def _foreign(world: World, cast: Any) -> dict[str, models.Model]:
    """Rows of the other unit and its expert, of every sort that a field names."""
    theirs: dict[str, Any] = {"unit": cast.other_unit, "orderer": cast.stranger, "expert": cast.second_expert}
    session = make_agreed_session(at(2026, 12, 2, 15), agreed_at=at(2026, 11, 1, 9), **theirs)
    make_closed_session(at(2026, 10, 8, 10), **theirs)
    pay.send_month(cast.second_expert, date(2026, 10, 1), by=cast.second_expert_user, at=at(2026, 11, 2, 9))
    theirs_only = {"unit": cast.other_unit, "orderer": cast.stranger}
    offered = make_order(**theirs_only, state="looking", times=[(at(2026, 12, 14, 10), at(2026, 12, 14, 11))])
    met = meetings.write_meeting(cast.other_unit, held_at=NOW, since=at(2026, 10, 1, 9), by=cast.coordinator, at=NOW)
    row = make_row(cast.other_unit, "Vieras", sort=ChecklistRow.Sort.READINESS)
    return {
        "unit": cast.other_unit,
        "order": session.order,
        "session": session,
        "process": Process.objects.create(order=session.order),
        "offer": make_offer(offered, cast.second_expert, sent_at=at(2026, 11, 4, 9)),
        "employee": cast.stranger,
        "list": HourList.objects.get(expert=cast.second_expert),
        "coordination": met,
        "row": row,
        "item": make_induction(cast.second_expert, cast.other_unit, [row], by=cast.stranger).items.get(),
    }


@pytest.fixture(scope="module")
def two(django_db_setup: None, django_db_blocker: Any) -> Iterator[Two]:
    """Built once, rolled back; each request is rolled back by itself."""
    with django_db_blocker.unblock(), translation.override("en"), transaction.atomic():
        cast = cast_fixture.__wrapped__(None)  # type: ignore[attr-defined]  # the fixture's own function
        world = build(cast)
        yield Two(world, _foreign(world, cast))
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def found(two: Two) -> list[tuple[str, str, FormOnPage]]:
    """Each form of each page: who sees it, where it goes, the form."""
    made = []
    with pytest.MonkeyPatch.context() as patch:
        Clock(patch)(NOW)
        for name in NAMES:
            path = address(name, two.world)
            for who in WHO:
                made += [(who, form.action or path, form) for form in _forms(two.world, who, path)]
    return made


def _forms(world: World, who: str, path: str) -> list[FormOnPage]:
    with transaction.atomic():
        answer = world.clients[who].get(path)
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]  # files
        transaction.set_rollback(True)
    if answer.status_code != 200 or not answer["Content-Type"].startswith("text/html"):
        return []
    return forms_of(content.decode())


def _names_no_row(name: str) -> bool:
    return name in COMMON | NO_ROWS or name.endswith("_FORMS")


def _row_in(path: str, name: str) -> str:
    return next(
        (row for (start, field), row in ROWS_OF.items() if path.startswith(start) and field == name), ROWS[name]
    )


def test_every_field_that_names_a_row_is_known(found: list[tuple[str, str, FormOnPage]]) -> None:
    """A field with numbers is in ROWS, or told to name nothing of a unit."""
    numbers = {name for _who, _path, form in found for name in form.choices if not _names_no_row(name)}
    assert numbers == set(ROWS)


def test_the_row_of_another_unit_is_not_there(two: Two, found: list[tuple[str, str, FormOnPage]], clock: Clock) -> None:
    """P6: 404 in every form, and nothing has changed."""
    clock(NOW)
    before, wrong, tried = two.facts(), [], set()
    for who, path, form in found:
        for name in set(form.choices) & set(ROWS):
            data = filled(form, **{name: two.foreign[_row_in(path, name)].pk})
            status, after = _sent(two, who, form.method, path, data)
            tried.add(name)
            if status != 404 or after != before:
                wrong.append((who, form.method, path, name, status, after == before))
    assert (wrong, tried) == ([], set(ROWS))


@pytest.mark.parametrize(("name", "field"), HIDDEN)
@pytest.mark.parametrize("who", ["named", "staff", "expert"])
def test_what_the_page_does_not_offer_is_not_there_either(
    two: Two, clock: Clock, who: str, name: str, field: str
) -> None:
    clock(NOW)
    foreign = two.foreign["unit"].pk if field == "unit" else two.world.objects["expert"]
    before = two.facts()
    assert _sent(two, who, "get", address(name, two.world), {field: foreign}) == (404, before)


@pytest.mark.parametrize("who", ["named", "staff", "expert"])
@pytest.mark.parametrize(
    ("path", "row"),
    [
        ("/orders/{}/", "order"),
        ("/orders/{}/what/", "order"),
        ("/orders/{}/copy/", "order"),
        ("/orders/{}/cancel/", "order"),
        ("/orders/{}/confirmation/", "order"),
        ("/orders/units/{}/", "unit"),
        ("/orders/sessions/{}/", "session"),
        ("/orders/sessions/{}/mark/orderer_cancelled/", "session"),
        ("/orders/sessions/{}/move/", "session"),
        ("/orders/sessions/{}/series/cancel/", "session"),
        ("/orders/processes/{}/", "process"),
        ("/orders/processes/{}/end/", "process"),
        ("/orders/offers/{}/", "offer"),
        ("/orders/offers/{}/accept/", "offer"),
        ("/orders/meetings/{}/", "coordination"),
        ("/calendar/sessions/{}.ics", "session"),
    ],
)
def test_the_address_of_another_units_row_is_not_there(two: Two, clock: Clock, who: str, path: str, row: str) -> None:
    """P5: answered as an id that nothing has; who may not do it at all is refused before it is looked up."""
    clock(NOW)
    before = two.facts()
    for method in ("get", "post"):
        status, after = _sent(two, who, method, path.format(two.foreign[row].pk), {})
        nothing, _same = _sent(two, who, method, path.format(NOBODYS), {})
        assert (status, after) == (nothing, before)
        assert status in {403, 404, 405}


def _sent(two: Two, who: str, method: str, path: str, data: dict[str, Any]) -> tuple[int, list[Any]]:
    with transaction.atomic():
        answer = getattr(two.world.clients[who], method)(path, data)
        after = two.facts()
        transaction.set_rollback(True)
    return answer.status_code, after
