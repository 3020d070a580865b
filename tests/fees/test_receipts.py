"""Receipts of journeys: told by content, never run, frozen with the list, looked at by the unit (R23, D2, P5, P14)."""

from collections.abc import Callable
from decimal import Decimal
from html import unescape
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from PIL import Image

from assignments import actions as work
from assignments.models import Session
from assignments.rules import Event
from fees import actions
from fees.models import HourList, Receipt
from fees.receipts import SIDE, kept_form
from office.errors import Refused
from office.models import LogEntry, User
from tests.conftest import Cast, Clock
from tests.factories import at, make_closed_session
from tests.factories.fees import PDF, by_ticket, photograph
from tests.fees.steps import CHECKED, CLOSED, OCTOBER, SENT

SignIn = Callable[[User], Client]
NOW = at(2026, 10, 20, 9)


def text(response: Any) -> str:
    return " ".join(unescape(response.content.decode()).replace("\u00a0", " ").split())


def journey(cast: Cast, day: int = 7, **fields: Any) -> Session:
    common: dict[str, Any] = {"expert": cast.expert, "unit": cast.unit, "orderer": cast.orderer}
    return by_ticket(make_closed_session(at(2026, 10, day, 10), **common | fields))


def told(cast: Cast, amount: str = "12.40", day: int = 7, **fields: Any) -> Session:
    return work.tell_costs(journey(cast, day, **fields), Decimal(amount), by=cast.expert_user, at=NOW)


def upload(content: bytes, name: str = "lippu.jpg", kind: str = "image/jpeg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, kind)


# --- what is kept ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_photograph_is_written_anew_without_what_was_hidden_in_it(kind: str) -> None:
    given = photograph(kind)
    assert b"Mannerheimintie" in given
    suffix, media_type, kept = kept_form(given)
    assert (suffix, media_type) == ("jpg", "image/jpeg")
    assert b"Mannerheimintie" not in kept
    with Image.open(BytesIO(kept)) as picture:
        assert (picture.format, picture.size) == ("JPEG", (60, 40))


def test_a_large_photograph_is_made_smaller() -> None:
    with Image.open(BytesIO(kept_form(photograph(size=(4000, 1000)))[2])) as picture:
        assert picture.size == (SIDE, 500)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"<html><script>alert(1)</script></html>", id="a page"),
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", id="a drawing that runs"),
        pytest.param(b"MZ\x90\x00 program", id="a program"),
        pytest.param(photograph()[:200], id="half a photograph"),
        pytest.param(PDF[:-8], id="half a PDF"),
        pytest.param(b"GIF89a" + b"\0" * 40, id="another kind of picture"),
    ],
)
def test_anything_else_is_refused_whatever_its_name(content: bytes) -> None:
    with pytest.raises(Refused, match=r"Only a PDF, JPEG or PNG file can be kept"):
        kept_form(content)


def test_a_file_that_is_too_large_is_refused() -> None:
    with pytest.raises(Refused, match="too large"):
        kept_form(PDF + b"\0" * (10 * 1024 * 1024))


def test_a_picture_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fees.receipts.MOST_PIXELS", 100)
    with pytest.raises(Refused, match="too large"):
        kept_form(photograph())


# --- the sum ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("receipts", "paid"),
    [("12.40", "12.40"), ("20.00", "20.00"), ("31.00", "20.00")],
    ids=["below what was agreed", "as much", "more: up to what was agreed"],
)
def test_tickets_are_paid_up_to_what_was_agreed(cast: Cast, receipts: str, paid: str) -> None:
    session = told(cast, receipts)
    assert (session.receipts, session.travel_fee) == (Decimal(receipts), Decimal(paid))
    assert session.fee == session.agreed_fee


def test_after_a_late_cancellation_the_costs_are_paid(cast: Cast) -> None:
    late = at(2026, 10, 7, 9)
    session = told(cast, "14.50", event=Event.ORDERER_CANCELLED, received_at=late)
    assert (session.outcome, session.travel_fee) == ("cancelled_late", Decimal("14.50"))


def test_costs_can_be_mended_and_taken_away(cast: Cast) -> None:
    session = told(cast)
    session = work.tell_costs(session, Decimal("9.00"), by=cast.expert_user, at=NOW)
    assert session.travel_fee == Decimal("9.00")
    session = work.tell_costs(session, None, by=cast.expert_user, at=NOW)
    assert (session.receipts, session.travel_fee, session.travel_price) == (None, Decimal("0.00"), None)
    assert LogEntry.objects.filter(kind="session.costs").count() == 3


@pytest.mark.parametrize("fields", [{"event": Event.EXPERT_ILL, "received_at": at(2026, 10, 7, 8)}], ids=["was ill"])
def test_no_costs_where_no_journey_was_made(cast: Cast, fields: dict[str, Any]) -> None:
    with pytest.raises(Refused, match="No receipts are paid for this time"):
        told(cast, **fields)


def test_costs_of_a_journey_by_car_are_refused(cast: Cast) -> None:
    session = make_closed_session(expert=cast.expert, unit=cast.unit, orderer=cast.orderer, travel_km=Decimal(20))
    with pytest.raises(Refused, match="No receipts are paid for this time"):
        work.tell_costs(session, Decimal("5.00"), by=cast.expert_user, at=NOW)


def test_nobody_else_writes_costs(cast: Cast) -> None:
    session = journey(cast)
    with pytest.raises(Refused, match="You may not do this"):
        work.tell_costs(session, Decimal("5.00"), by=cast.second_expert_user, at=NOW)


def test_a_changed_mark_keeps_what_the_receipts_came_to(cast: Cast, client_for: SignIn, clock: Clock) -> None:
    session = told(cast)
    clock(NOW)
    said = {"choice": "changed", "starts": "10", "ends": "11.30", "reason": "It went on"}
    url = reverse("fees:my_month_of", args=["2026-10"])
    client_for(cast.expert_user).post(url, {f"s{session.pk}-{k}": v for k, v in said.items()} | {"act": "save"})
    session.refresh_from_db()
    assert (session.change_reason, session.receipts, session.travel_fee) == (
        "It went on", Decimal("12.40"), Decimal("12.40"),
    )  # fmt: skip


# --- the page --------------------------------------------------------------------------------------------------------


@pytest.fixture
def page(cast: Cast, client_for: SignIn, clock: Clock) -> tuple[Client, Session, str]:
    clock(NOW)
    session = journey(cast)
    return client_for(cast.expert_user), session, reverse("fees:costs", args=[session.pk])


def test_the_expert_writes_the_sum_and_adds_the_photograph(page: tuple[Client, Session, str]) -> None:
    client, session, url = page
    answer = client.post(url, {"receipts": "12,40", "file": upload(photograph())})
    assert answer.status_code == 302
    assert answer["Location"].endswith(f"#time-{session.pk}")
    session.refresh_from_db()
    assert (session.receipts, session.travel_fee) == (Decimal("12.40"), Decimal("12.40"))
    receipt = Receipt.objects.get()
    assert (receipt.session_id, receipt.media_type, receipt.size) == (
        session.pk, "image/jpeg", len(bytes(receipt.content)),
    )  # fmt: skip
    assert "Receipts €12.40 · 1 receipt" in text(client.get(reverse("fees:my_month_of", args=["2026-10"])))


def test_a_wrong_sum_does_not_lose_the_file(page: tuple[Client, Session, str]) -> None:
    """D2: one error, all else kept, files too."""
    client, session, url = page
    answer = client.post(url, {"receipts": "twelve", "file": upload(photograph())})
    assert answer.status_code == 422
    shown = text(answer)
    assert "The receipt was kept." in shown
    assert 'value="twelve"' in shown
    assert Receipt.objects.filter(session=session).count() == 1
    client.post(url, {"receipts": "12,40", "file": upload(photograph())})  # the same file again
    assert Receipt.objects.filter(session=session).count() == 1


def test_a_wrong_file_does_not_lose_the_sum(page: tuple[Client, Session, str]) -> None:
    """D2."""
    client, session, url = page
    answer = client.post(url, {"receipts": "12,40", "file": upload(b"MZ program", "kuitti.pdf", "application/pdf")})
    assert (answer.status_code, Receipt.objects.count()) == (422, 0)
    assert 'value="12,40"' in text(answer)
    session.refresh_from_db()
    assert session.receipts is None


def test_a_receipt_that_was_a_mistake_is_removed(cast: Cast, page: tuple[Client, Session, str]) -> None:
    client, session, _url = page
    receipt = actions.add_receipt(session, photograph(), by=cast.expert_user, at=NOW)
    client.post(reverse("fees:receipt_remove", args=[receipt.pk]))
    assert Receipt.objects.count() == 0
    assert client.post(reverse("fees:receipt_remove", args=[receipt.pk])).status_code == 404


def test_at_most_ten_receipts_a_time(cast: Cast, page: tuple[Client, Session, str]) -> None:
    _client, session, _url = page
    for number in range(10):
        actions.add_receipt(session, photograph(size=(50 + number, 40)), by=cast.expert_user, at=NOW)
    with pytest.raises(Refused, match="At most 10 receipts"):
        actions.add_receipt(session, photograph(size=(90, 40)), by=cast.expert_user, at=NOW)


# --- who sees one ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("expert_user", 200), ("named", 200), ("deputy", 200), ("coordinator", 200),
        ("second_expert_user", 404), ("other_named", 404), ("orderer", 403), ("finance", 403),
    ],
)  # fmt: skip
def test_a_receipt_is_for_its_expert_unit_and_coordinator(
    cast: Cast, client_for: SignIn, who: str, status: int
) -> None:
    """P5, P14: each look passes the permission check, there is no other address."""
    receipt = actions.add_receipt(journey(cast), photograph(), by=cast.expert_user, at=NOW)
    answer = client_for(getattr(cast, who)).get(reverse("fees:receipt", args=[receipt.pk]))
    assert answer.status_code == status


@pytest.mark.parametrize(
    ("content", "media_type", "shown"),
    [(photograph(), "image/jpeg", "inline"), (PDF, "application/pdf", "attachment")],
    ids=["picture", "PDF"],
)
def test_nothing_of_a_receipt_is_ever_run(
    cast: Cast, client_for: SignIn, content: bytes, media_type: str, shown: str
) -> None:
    receipt = actions.add_receipt(journey(cast), content, by=cast.expert_user, at=NOW)
    answer = client_for(cast.named).get(reverse("fees:receipt", args=[receipt.pk]))
    assert answer["Content-Type"] == media_type
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; style-src 'none'; sandbox"
    assert answer["Content-Disposition"] == f'{shown}; filename="{receipt.filename}"'
    assert answer["Cache-Control"] == "private, no-store"


# --- at the check ----------------------------------------------------------------------------------------------------


def sent(cast: Cast) -> HourList:
    return actions.send_month(cast.expert, OCTOBER, by=cast.expert_user, at=SENT)[0]


def test_the_unit_sees_the_receipt_beside_the_amount(cast: Cast, client_for: SignIn) -> None:
    session = told(cast)
    receipt = actions.add_receipt(session, photograph(), by=cast.expert_user, at=NOW)
    list_ = sent(cast)
    for url in (reverse("fees:check"), reverse("fees:hour_list", args=[list_.pk])):
        shown = text(client_for(cast.named).get(url))
        assert reverse("fees:receipt", args=[receipt.pk]) in shown
        assert "No receipt for" not in shown


def test_a_missing_receipt_is_asked_for_before_approving(cast: Cast, client_for: SignIn, clock: Clock) -> None:
    told(cast)
    list_ = sent(cast)
    clock(CHECKED)
    client = client_for(cast.named)
    assert "No receipt for €12.40" in text(client.get(reverse("fees:check")))
    said = {"list": list_.pk, "rows": "1", "total": str(actions.sums_of([list_.pk])[list_.pk].total)}
    answer = client.post(reverse("fees:approve"), said, follow=True)
    assert "A receipt is missing." in text(answer)
    list_.refresh_from_db()
    assert list_.state == "at_unit"
    client.post(reverse("fees:approve"), said | {"on_paper": list_.pk})
    list_.refresh_from_db()
    assert list_.state == "approved"
    assert "Seen on paper" in text(client.get(reverse("fees:hour_list", args=[list_.pk])))


def test_an_approved_list_keeps_its_receipts_as_they_are(cast: Cast) -> None:
    """L1, L4: refused by the database, not by the form."""
    session = told(cast)
    receipt = actions.add_receipt(session, photograph(), by=cast.expert_user, at=NOW)
    actions.approve([sent(cast)], by=cast.named, at=CHECKED)
    with pytest.raises(Refused, match="its receipts stay as they are"):
        actions.add_receipt(session, PDF, by=cast.expert_user, at=CLOSED)
    with pytest.raises(Refused, match="its receipts stay as they are"):
        actions.remove_receipt(receipt, by=cast.expert_user, at=CLOSED)
    with pytest.raises(Refused):
        work.tell_costs(session, Decimal("19.00"), by=cast.expert_user, at=CLOSED)
    with pytest.raises(IntegrityError), transaction.atomic():
        Receipt.objects.filter(pk=receipt.pk).update(size=1)


def test_the_pages_cost_the_same_for_one_and_many_receipts(
    cast: Cast, client_for: SignIn, django_assert_max_num_queries: Any
) -> None:
    for day in (5, 6, 7, 8, 9):
        session = told(cast, day=day)
        for size in (50, 51):
            actions.add_receipt(session, photograph(size=(size, day)), by=cast.expert_user, at=NOW)
    list_ = sent(cast)
    client = client_for(cast.named)
    for url in (reverse("fees:check"), reverse("fees:hour_list", args=[list_.pk])):
        with django_assert_max_num_queries(10):
            assert client.get(url).status_code == 200
