"""An order on paper: its confirmation (R4), who gets it and what each reads; the dates of a group to hang up (R9)."""

import io
import re
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.utils import translation
from page import ValidationProfile

from assignments import actions, pdf
from assignments.models import Order, OrderPlan, Session
from tests.conftest import Cast, Clock
from tests.factories import at, make_agreed_session, make_fee_table, make_order
from tests.papers import faults
from tests.stories.reader import Person

NOW = at(2026, 9, 14, 9)
WED_10 = at(2026, 10, 7, 10)


@pytest.fixture(autouse=True)
def office(clock: Clock, db: None) -> None:
    clock(NOW)
    make_fee_table()


@pytest.fixture
def words(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is put on paper, as its template has it; the file itself is made once, below."""
    seen: list[str] = []

    def render(body: str, **kept: Any) -> bytes:
        seen.append(" ".join(body.replace("\u00a0", " ").split()) + f" [{kept['foot']}]".replace("\u00a0", " "))
        return b"%PDF"

    monkeypatch.setattr(pdf, "render", render)
    return seen


def agreed(cast: Cast) -> Order:
    session = make_agreed_session(
        WED_10, kind="lecture", unit=cast.unit, orderer=cast.orderer, expert=cast.expert, travel_km=Decimal(20)
    )
    make_agreed_session(WED_10 + timedelta(days=7), kind="lecture", order=session.order)
    Order.objects.filter(pk=session.order_id).update(
        contact_name="Nina Nurse", contact_phone="040 123 4567", travel_mode="car"
    )
    return session.order


def address(order: Order) -> str:
    return f"/orders/{order.pk}/confirmation/"


def test_who_gets_it(cast: Cast, words: list[str]) -> None:
    order = agreed(cast)
    for person in (cast.orderer, cast.named, cast.deputy, cast.coordinator, cast.expert_user):
        answer = Person(person).client.get(address(order))
        assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
        assert answer["Content-Disposition"] == f'attachment; filename="order-confirmation-{order.pk}.pdf"'
    for person in (cast.stranger, cast.other_named, cast.second_expert_user):
        assert Person(person).client.get(address(order)).status_code == 404
    for person in (cast.finance, cast.supervisor):
        assert Person(person).client.get(address(order)).status_code == 403
    assert len(words) == 5


def test_what_the_unit_reads(cast: Cast, words: list[str]) -> None:
    order = agreed(cast)
    cast.expert.phone = "050 111"
    cast.expert.shown_after = ["phone"]
    cast.expert.save()
    Person(cast.orderer).client.get(address(order))
    (body,) = words
    assert "Free to cancel until Tue 6 Oct 2026 at 15:00" in body
    assert "By car, 20 km each time" in body
    assert "Nina Nurse</td><td>040 123 4567" in body
    assert f"Cost centre</th><td>{cast.unit.cost_centre}" in body
    assert "050 111" in body
    assert cast.expert.email not in body
    assert "600.00" in body  # the fees of both times
    assert "cancelling is free" in body


def test_what_the_expert_reads(cast: Cast, words: list[str]) -> None:
    order = agreed(cast)
    Person(cast.expert_user).client.get(address(order))
    (body,) = words
    assert "the unit may cancel and nothing is paid" in body
    assert "Nina Nurse" in body
    assert "Cost centre" not in body


def test_what_happened_since_stands_on_it(cast: Cast, words: list[str]) -> None:
    order = agreed(cast)
    actions.record_outcome(order.sessions.earliest("pk"), "orderer_cancelled", by=cast.orderer, at=NOW)
    Person(cast.orderer).client.get(address(order))
    (body,) = words
    assert "in time: the limit was" in body
    assert f"[Order {order.pk}, as agreed on Wed 30 Sep 2026 at 10:00]" in body


def test_there_is_none_before_it_is_agreed(cast: Cast) -> None:
    order = make_order(unit=cast.unit, orderer=cast.orderer, state="looking")
    assert Person(cast.orderer).client.get(address(order)).status_code == 404
    with pytest.raises(ValueError, match="Only an agreed order"):
        pdf.confirmation(order, cast.orderer)


@pytest.mark.parametrize(
    ("language", "title"), [("fi", "Tilausvahvistus"), ("sv", "Beställningsbekräftelse"), ("en", "Order confirmation")]
)
def test_it_can_be_kept_and_read_aloud_in_each_language(cast: Cast, language: str, title: str, tmp_path: Path) -> None:
    order = Order.objects.select_related("unit", "orderer", "expert__user").get(pk=agreed(cast).pk)
    with translation.override(language):
        made = pdf.confirmation(order, cast.orderer)
        assert made == pdf.confirmation(order, cast.orderer)
    file = pikepdf.open(io.BytesIO(made))
    assert (str(file.Root["/Lang"]), bool(file.Root["/MarkInfo"]["/Marked"])) == (language, True)
    assert str(file.docinfo["/Title"]) == f"{title} {order.pk}"
    path = tmp_path / "order.pdf"
    path.write_bytes(made)
    for profile in (ValidationProfile.PDF_UA_1, ValidationProfile.PDF_A_3A):
        assert faults(path, profile) == []


# --- the dates to hang up --------------------------------------------------------------------------------------------


def group(cast: Cast, kind: str = "group") -> Order:
    """Three evenings with an employee; the second is cancelled, the third is held elsewhere."""
    first = make_agreed_session(WED_10, kind=kind, unit=cast.unit, orderer=cast.orderer, expert=cast.expert)
    order = first.order
    second, _third = (
        make_agreed_session(WED_10 + timedelta(days=days), kind=kind, order=order, place=place)
        for days, place in ((7, order.place), (14, "Library"))
    )
    OrderPlan.objects.create(
        order=order, first_day=WED_10.date(), last_day=WED_10.date() + timedelta(days=14), co_leader="Nina Nurse"
    )
    Order.objects.filter(pk=order.pk).update(
        task="Evening group", contact_name="Anna Orderer", contact_phone="040 123 4567"
    )
    actions.record_outcome(second, "orderer_cancelled", by=cast.orderer, at=NOW)
    return Order.objects.select_related("unit", "expert", "plan").get(pk=order.pk)


def test_what_hangs_on_the_wall(cast: Cast, words: list[str]) -> None:
    """Dates, place, who leads, whom to ask; no fee, no contact of the expert, no client."""
    cast.expert.phone = "050 111"
    cast.expert.shown_after = ["phone", "last_name"]
    cast.expert.save()
    order = group(cast)
    moved = Session.objects.get(order=order, place="Library")
    later = moved.starts_at + timedelta(days=1)
    move = actions.propose_move(moved, later, later + timedelta(hours=2), by=cast.orderer, at=NOW)
    actions.accept_move(move, by=cast.expert_user, at=NOW)
    answer = Person(cast.expert_user).client.get(f"/orders/{order.pk}/dates/")
    assert answer["Content-Disposition"] == f'attachment; filename="dates-{order.pk}.pdf"'
    (body,) = words
    rows = re.findall(r'<th scope="row">(\w+ \d+ \w+ \d+)</th><td>([^<]*)</td><td>([^<]*)</td><td></td>', body)
    assert rows == [
        ("Wed 7 Oct 2026", "10:00–11:00", ""),
        ("Wed 14 Oct 2026", "10:00–11:00", "Not held"),
        ("Thu 22 Oct 2026", "10:00–12:00", "Library"),
    ]
    assert "Eva E., Nina Nurse" in body
    assert "Anna Orderer, 040 123 4567" in body
    assert [word for word in ("€", "25", "050 111", cast.expert.email, "Eva Expert") if word in body] == []


def test_both_experts_of_a_group_stand_on_it(cast: Cast, words: list[str]) -> None:
    order, other = group(cast), make_agreed_session(WED_10, kind="group", unit=cast.unit, expert=cast.second_expert)
    Order.objects.filter(pk=order.pk).update(companion=other.order)
    Person(cast.orderer).client.get(f"/orders/{order.pk}/dates/")
    assert "Eva E., Otto O., Nina Nurse" in words[0]


@pytest.mark.parametrize("kind", ["group", "appointment", "walk_in", "lecture", "individual"])
def test_only_a_period_has_dates(cast: Cast, words: list[str], kind: str) -> None:
    order = group(cast, kind)
    anna = Person(cast.orderer)
    period = kind in {"group", "appointment", "walk_in"}
    assert anna.client.get(f"/orders/{order.pk}/dates/").status_code == (200 if period else 404)
    for path in (f"/orders/{order.pk}/", f"/orders/sessions/{order.sessions.earliest('pk').pk}/"):
        assert ("The dates to hang up (PDF)" in anna.open(path).sees) is period


def test_others_get_no_dates(cast: Cast, words: list[str]) -> None:
    order = group(cast)
    for person in (cast.stranger, cast.other_named, cast.second_expert_user):
        assert Person(person).client.get(f"/orders/{order.pk}/dates/").status_code == 404
    assert Person(cast.finance).client.get(f"/orders/{order.pk}/dates/").status_code == 403
    with pytest.raises(ValueError, match="Only an agreed period"):
        pdf.dates(make_order(unit=cast.unit, kind="group", state="looking"))


@pytest.mark.parametrize(("language", "title"), [("fi", "Päivät"), ("sv", "Datum")])
def test_the_dates_are_one_sheet_that_can_be_read_aloud(cast: Cast, language: str, title: str, tmp_path: Path) -> None:
    order = group(cast)
    with translation.override(language):
        made = pdf.dates(order)
    file = pikepdf.open(io.BytesIO(made))
    assert (str(file.Root["/Lang"]), len(file.pages)) == (language, 1)
    assert str(file.docinfo["/Title"]) == f"{title}: Evening group"
    path = tmp_path / "dates.pdf"
    path.write_bytes(made)
    for profile in (ValidationProfile.PDF_UA_1, ValidationProfile.PDF_A_3A):
        assert faults(path, profile) == []
