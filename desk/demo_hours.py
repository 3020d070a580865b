"""What hour lists of the demonstration show besides: receipts, rows added, a draft, corrections asked for."""

import io
from datetime import datetime, timedelta
from decimal import Decimal

from PIL import Image, ImageDraw

from assignments import actions as work
from assignments.models import Order, Session
from fees import actions as pay
from fees.models import HourList, RowDraft
from feetables.models import FeeItem
from office.models import User

#: Who shows what: the two experts of the log-ins.
FINNISH, SWEDISH = "tero.lehtimaa@example.org", "ann-sofi.gronvik@example.org"


def load(*, now: datetime) -> None:
    """After the months have been lived through."""
    for language, email in (("fi", FINNISH), ("sv", SWEDISH)):
        expert = User.objects.get(email=email)
        _receipts(expert, now)
        _asked(expert, language, now)
    _added(User.objects.get(email=FINNISH), now)
    _draft(User.objects.get(email=SWEDISH), now)


def ticket(number: int) -> bytes:
    """A photograph of a bus ticket, drawn."""
    picture = Image.new("RGB", (360, 520), "#f4f1e8")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((40, 40, 320, 480), outline="#444", width=4)
    for line in range(8):
        pen.line((70, 110 + 44 * line, 290 - 25 * ((line + number) % 4), 110 + 44 * line), fill="#777", width=6)
    written = io.BytesIO()
    picture.save(written, "JPEG")
    return written.getvalue()


def _by_ticket(session: Session) -> Session:
    """The journey of this time was agreed by public transport."""
    table = session.fee_item.table if session.fee_item else None
    item = FeeItem.objects.get(table=table, purpose=FeeItem.Purpose.TRAVEL, basis="per_km")
    values = {"travel_item": item, "travel_terms": item.terms.to_json(), "travel_cap": Decimal("24.00")}
    Session.objects.filter(pk=session.pk).update(
        travel_km=None, done_km=None, travel_fee=0, travel_price=None, **values
    )
    return Session.objects.select_related("expert__user").get(pk=session.pk)


def _receipts(expert: User, now: datetime) -> None:
    """Two journeys by ticket of lists that are not approved: one with its receipt, one without."""
    own = Session.objects.filter(expert__user=expert, outcome="held", recorded_by=expert, travel_km__isnull=True)
    free = own.exclude(hour_row__hour_list__state__in=["approved", "in_payment", "paid"])
    for number, session in enumerate(free.select_related("fee_item__table").order_by("-starts_at")[:2]):
        costs = Decimal("12.40") + 3 * number
        held = work.tell_costs(_by_ticket(session), costs, by=expert, at=now)
        if number == 0:
            pay.add_receipt(held, ticket(number), by=expert, at=now)


def _asked(expert: User, language: str, now: datetime) -> None:
    """Of what is paid: one correction that waits for an answer, one that was declined."""
    wanted = {"fi": "Kesti vartin pidempään kuin listalla lukee.", "sv": "Det tog en kvart längre än vad listan säger."}
    answer = {"fi": "Sovittiin, että lopetetaan ajallaan.", "sv": "Vi kom överens om att sluta i tid."}
    held = Session.objects.filter(expert__user=expert, outcome="held", hour_row__hour_list__state="paid")
    for number, session in enumerate(held.select_related("expert__user", "unit").order_by("-starts_at")[:2]):
        at = now - timedelta(days=2 - number)
        asked = pay.ask_correction(session, wanted[language], by=expert, at=at)
        if number:
            named = User.objects.filter(grants__unit=session.unit, grants__role="unit_contact").exclude(pk=expert.pk)
            pay.decline_request(asked, answer[language], by=named[0], at=at + timedelta(hours=3))


def _added(expert: User, now: datetime) -> None:
    """Preparation that was not agreed before, of the newest group."""
    held = Session.objects.filter(expert__user=expert, outcome="held", kind="group", starts_at__lt=now)
    sent = HourList.objects.filter(expert__user=expert, state="at_unit").values_list("unit_id", "month")
    for session in held.select_related("order__orderer", "order__expert__user").order_by("-starts_at")[:5]:
        starts = session.starts_at - timedelta(days=1)
        if (session.unit_id, starts.date().replace(day=1)) in set(sent):
            continue
        order: Order = session.order
        pay.add_row(
            order, "preparation", starts, starts + timedelta(hours=1), ordered_by=order.orderer,
            why="Materiaalit piti tehdä uudestaan.", by=expert, at=now,
        )  # fmt: skip
        return


def _draft(expert: User, now: datetime) -> None:
    """A time that was being typed when the telephone rang."""
    open_ones = Session.objects.filter(expert__user=expert, state="agreed", starts_at__lt=now)
    if session := open_ones.order_by("starts_at").first():
        values = {"choice": "changed", "starts": "13", "ends": "15.30", "reason": "Diskussionen fortsatte"}
        RowDraft.objects.create(session=session, written_by=expert, values=values, saved_at=now - timedelta(hours=1))
