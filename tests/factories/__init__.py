"""Facts to begin a test with. Each function makes one thing with sensible defaults; name what your test is about.

They write rows directly, in the states that the database accepts; what the office *does* is tested through actions.
Moments: write ``at(2026, 10, 5, 9)`` for nine o'clock in Helsinki; everything is stored and returned in UTC.
"""

import csv
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

from assignments.models import Offer, Order, Session
from assignments.rules import (
    CancellationBasis,
    Event,
    cancellation_deadline,
    consequence,
    minutes,
    outcome_verdict,
)
from assignments.states import OfferState, OrderState, SessionState
from experts.models import Contract, Expert, ExpertTopic, Topic
from feetables.models import FeeItem, FeeTable
from feetables.rules import Basis, choose, price
from office.choices import UNIT_ROLES, Role
from office.kinds import TaskType
from office.models import RoleGrant, ServiceArea, Unit, User
from office.policies import rules_on
from office.workdays import at_wall_clock, local_date

DATA = Path(__file__).parent.parent / "data"
ALL_KINDS = [str(kind) for kind in TaskType]
PASSWORD = "a long password of tests"

_number = count(1)


def at(year: int, month: int, day: int, hour: int = 12, minute: int = 0) -> datetime:
    """The moment, in UTC, when clocks in Helsinki show this."""
    return at_wall_clock(date(year, month, day), time(hour, minute))


LONG_AGO = at(2020, 1, 1, 0)
SENT = at(2026, 9, 2, 9)
WED_7_OCTOBER_10 = at(2026, 10, 7, 10)


# --- people and units ------------------------------------------------------------------------------------------------


def make_service_area(code: str = "", **fields: Any) -> ServiceArea:
    n = next(_number)
    values = {"name_fi": f"Palvelualue {n}", "name_sv": f"Serviceområde {n}"} | fields
    return ServiceArea.objects.create(code=code or f"A{n}", **values)


def make_unit(code: str = "", **fields: Any) -> Unit:
    n = next(_number)
    code = code or f"U{n}"
    values: dict[str, Any] = {
        "name_fi": f"Yksikkö {code}",
        "name_sv": f"Enhet {code}",
        "cost_centre": f"{70000 + n}",
        "place": f"Esimerkkikatu {n}",
    } | fields
    if "service_area" not in values:
        values["service_area"] = make_service_area()
    return Unit.objects.create(code=code, **values)


def make_user(
    email: str = "",
    *,
    roles: Iterable[str | tuple[str, Unit | None]] = (),
    language: str = "en",
    **fields: Any,
) -> User:
    """A person; roles are ``"coordinator"`` or ``("staff", unit)``, in force since long ago."""
    n = next(_number)
    values = {"first_name": f"Pat{n}", "last_name": f"Person{n}"} | fields
    user = User.objects.create_user(email or f"person{n}@county.example.org", language=language, **values)
    for role in roles:
        name, unit = (role, None) if isinstance(role, str) else role
        grant(user, name, unit)
    return user


def grant(
    user: User, role: str, unit: Unit | None = None, *, since: datetime = LONG_AGO, until: datetime | None = None
) -> RoleGrant:
    """A role for a person who is loaded already: forgets the roles that were read before."""
    user.__dict__.pop("holdings", None)
    in_unit = unit if role in UNIT_ROLES else None
    return RoleGrant.objects.create(user=user, role=role, unit=in_unit, valid_from=since, valid_to=until)


# --- registry --------------------------------------------------------------------------------------------------------


def make_topic(name_fi: str = "", **fields: Any) -> Topic:
    n = next(_number)
    values = {"code": f"topic-{n}", "name_sv": f"Tema {n}"} | fields
    return Topic.objects.create(name_fi=name_fi or f"Aihe {n}", **values)


def make_expert(
    *,
    user: User | bool | None = True,
    contract: bool = True,
    topics: Sequence[Topic] = (),
    published: bool = True,
    kinds: Sequence[str] = ALL_KINDS,
    **fields: Any,
) -> Expert:
    """An active expert with an account (``user=False``: none) and a contract 2026–2027 for all kinds of work."""
    n = next(_number)
    if isinstance(user, User):
        values: dict[str, Any] = {"first_name": user.first_name, "last_name": user.last_name, "email": user.email}
    else:
        values = {"first_name": f"Expert{n}", "last_name": f"Lived{n}", "email": f"expert{n}@example.org"}
    values = (
        values
        | {
            "language": "en",
            "work_languages": ["fi", "sv", "en"],
            "kinds": list(kinds),
            "payroll_number": str(9000 + n),
        }
        | fields
    )
    if user is True:
        user = make_user(
            values["email"],
            roles=[Role.EXPERT],
            language=values["language"],
            first_name=values["first_name"],
            last_name=values["last_name"],
        )
    expert = Expert.objects.create(user=user if isinstance(user, User) else None, **values)
    for topic in topics:
        ExpertTopic.objects.create(expert=expert, topic=topic, published=published)
    if contract:
        make_contract(expert, kinds=kinds)
    return expert


def make_contract(
    expert: Expert,
    *,
    valid_from: date = date(2026, 1, 1),
    valid_to: date | None = date(2027, 12, 31),
    kinds: Sequence[str] = ALL_KINDS,
    state: str = Contract.State.IN_FORCE,
    **fields: Any,
) -> Contract:
    values = {"signed_on": None if state == Contract.State.DRAFT else valid_from} | fields
    return Contract.objects.create(
        expert=expert, valid_from=valid_from, valid_to=valid_to, kinds=list(kinds), state=state, **values
    )


# --- fees ------------------------------------------------------------------------------------------------------------

BASES = {
    "kerta": Basis.PER_MEETING,
    "tunti": Basis.PER_HOUR,
    "tilaisuus": Basis.PER_EVENT,
    "kesto": Basis.BY_DURATION,
    "km": Basis.PER_KM,
}
ITEM_KINDS: dict[str, list[TaskType]] = {
    "yksilötyö": [TaskType.INDIVIDUAL],
    "työpari": [TaskType.PAIR],
    "vastaanotto": [TaskType.APPOINTMENT, TaskType.WALK_IN],
    "ryhmä": [TaskType.GROUP],
    "luento": [TaskType.LECTURE],
    "kehittämistyö": [TaskType.DEVELOPMENT],
    "kokous": [TaskType.MEETING],
    "matka": [],
}


def euros(text: str) -> Decimal | None:
    return Decimal(text.replace(",", ".")) if text else None


def example_items() -> list[dict[str, Any]]:
    """The rows of the example fee table as fields of FeeItem."""
    with (DATA / "fee_table.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    items = []
    for row in rows:
        over, up_to = row["Huom."].split("-") if row["Yksikkö"] == "kesto" else ("", "")
        purpose = {"VALM": FeeItem.Purpose.PREPARATION, "KM": FeeItem.Purpose.TRAVEL}.get(
            row["Tunnus"], FeeItem.Purpose.SESSION
        )
        items.append(
            {
                "code": row["Tunnus"],
                "name_fi": row["Nimi (fi)"],
                "name_sv": row["Nimi (sv)"],
                "purpose": purpose,
                "kinds": [str(kind) for kind in ITEM_KINDS[row["Tehtävälaji"]]],
                "basis": BASES[row["Yksikkö"]].value,
                "amount": euros(row["Määrä"]),
                "amount_max": euros(row["Enintään"]),
                "minimum_minutes": int(row["Vähintään tuntia"] or 0) * 60,
                "step_minutes": int(row["Pyöristys min"] or 0),
                "over_minutes": int(over) * 60 if over else None,
                "up_to_minutes": int(up_to) * 60 if up_to else None,
                "income_type": row["Tulolaji"],
            }
        )
    return items


def make_fee_table(
    *,
    valid_from: date = date(2026, 1, 1),
    valid_to: date | None = None,
    approved: bool = True,
    items: Iterable[dict[str, Any]] | None = None,
    **fields: Any,
) -> FeeTable:
    """The example table (YKS PARI VO RYH VALM LUE KEH1–3 KOK KM) from 1.1.2026, approved by the county board."""
    values: dict[str, Any] = {
        "name": f"Palkkiotaulukko {valid_from.year}",
        "name_sv": f"Arvodestabell {valid_from.year}",
        "decided_by": "Aluehallitus",
        "decided_on": valid_from - timedelta(days=20),
        "section": "§ 12",
        "diary_number": f"EX/12/{valid_from.year}",
    } | fields
    table = FeeTable.objects.create(valid_from=valid_from, valid_to=valid_to, **values)
    wanted = example_items() if items is None else items
    FeeItem.objects.bulk_create(FeeItem(table=table, **item) for item in wanted)
    if approved:
        approve = {"state": FeeTable.State.APPROVED, "approved_at": at_wall_clock(values["decided_on"], time(12))}
        FeeTable.objects.filter(pk=table.pk).update(**approve)
        table.refresh_from_db()
    return table


def fee_table_on(day: date) -> FeeTable:
    """The table in force on the day; the example table when there is none yet."""
    return FeeTable.objects.in_force(day) or make_fee_table(valid_from=min(day, date(2026, 1, 1)))


# --- orders and sessions ---------------------------------------------------------------------------------------------


def make_order(
    *,
    unit: Unit | None = None,
    orderer: User | None = None,
    state: str = OrderState.DRAFT,
    times: Sequence[tuple[datetime, datetime]] = (),
    **fields: Any,
) -> Order:
    """An order in the given state, with planned sessions at ``times``. Not for agreed ones: see make_agreed_session."""
    unit = unit or make_unit()
    orderer = orderer or make_user(roles=[(Role.STAFF, unit)])
    created_at = fields.pop("created_at", at(2026, 9, 1, 9))
    values: dict[str, Any] = {
        "kind": str(TaskType.INDIVIDUAL),
        "task": "Support in everyday life after rehabilitation",
        "language": "fi",
        "place": unit.place,
    } | fields
    if state != OrderState.DRAFT:
        values = {"submitted_at": created_at} | values
    if state in {OrderState.LOOKING, OrderState.OFFERED, OrderState.AGREED}:
        values = {"confirmed_at": created_at, "confirmed_by": orderer} | values
    order = Order.objects.create(unit=unit, orderer=orderer, state=state, created_at=created_at, **values)
    Session.objects.bulk_create(
        Session(order=order, unit=unit, kind=order.kind, starts_at=start, ends_at=end, place=order.place)
        for start, end in times
    )
    return order


def make_offer(order: Order, expert: Expert, *, sent_at: datetime = SENT, **fields: Any) -> Offer:
    """A waiting offer; the order is brought to the state that it must have."""
    if order.state != OrderState.OFFERED:
        Order.objects.filter(pk=order.pk).update(
            state=OrderState.OFFERED, expert=expert, confirmed_at=sent_at, confirmed_by=order.orderer
        )
        order.refresh_from_db()
    first = order.sessions.order_by("starts_at").values_list("starts_at", flat=True).first()
    values = {"answer_by": first or sent_at + timedelta(days=3), "state": OfferState.WAITING} | fields
    return Offer.objects.create(order=order, expert=expert, sent_at=sent_at, **values)


def make_agreed_session(
    starts_at: datetime = WED_7_OCTOBER_10,
    ends_at: datetime | None = None,
    kind: str = TaskType.INDIVIDUAL,
    *,
    expert: Expert | None = None,
    unit: Unit | None = None,
    orderer: User | None = None,
    agreed_at: datetime | None = None,
    agreed_amount: Decimal | None = None,
    fee_declined: bool = False,
    travel_km: Decimal | None = None,
    order: Order | None = None,
    **fields: Any,
) -> Session:
    """An agreed order of one session (or one more session of ``order``), frozen as accepting it would have done.

    One hour long and agreed two weeks before, when nothing else is said.
    """
    ends_at = ends_at or starts_at + timedelta(hours=1)
    agreed_at = agreed_at or starts_at - timedelta(days=14)
    kind = str(kind)
    if kind == TaskType.LECTURE and agreed_amount is None:
        agreed_amount = Decimal("300.00")
    if order is None:
        unit = unit or make_unit()
        order = make_order(
            unit=unit,
            orderer=orderer,
            expert=expert or make_expert(),
            kind=kind,
            state=OrderState.AGREED,
            created_at=agreed_at,
            agreed_amount=agreed_amount,
            fee_declined=fee_declined,
            travel_km=travel_km,
        )
    day = local_date(starts_at)
    items = list(fee_table_on(day).items.all())
    mine = [item for item in items if item.purpose == FeeItem.Purpose.SESSION and kind in item.kinds]
    agreed_minutes = minutes(starts_at, ends_at)
    chosen = choose([item.terms for item in mine], agreed_minutes)
    travel_item = next(item for item in items if item.purpose == FeeItem.Purpose.TRAVEL) if travel_km else None
    rules = rules_on(day)
    frozen = consequence(
        outcome_verdict(Event.HELD, task_type=TaskType(kind), free_until=starts_at),
        terms=[item.terms for item in mine],
        agreed_minutes=agreed_minutes,
        done_minutes=agreed_minutes,
        agreed_amount=agreed_amount,
        fee_declined=fee_declined,
        travel_terms=travel_item.terms if travel_item else None,
        travel_km_agreed=travel_km,
        travel_km_made=travel_km,
    )
    values: dict[str, Any] = {
        "place": order.place,
        "agreed_at": agreed_at,
        "free_until": cancellation_deadline(
            starts_at,
            basis=CancellationBasis(rules.cancellation_basis),
            at_time=rules.cancellation_time,
            closing_days=rules.closing_days,
        ),
        "fee_item": next(item for item in mine if item.code == chosen.code),
        "terms": [item.terms.to_json() for item in mine],
        "agreed_amount": agreed_amount,
        "fee_declined": fee_declined,
        "travel_item": travel_item,
        "travel_terms": travel_item.terms.to_json() if travel_item else None,
        "travel_km": travel_km,
        "agreed_fee": price(chosen, agreed_minutes, agreed_amount).amount if not fee_declined else Decimal("0.00"),
        "fee": frozen.fee.amount,
        "price": frozen.fee.to_json(),
        "travel_fee": frozen.travel.amount if frozen.travel else Decimal("0.00"),
        "travel_price": frozen.travel.to_json() if frozen.travel else None,
    } | fields
    return Session.objects.create(
        order=order,
        unit=order.unit,
        expert=order.expert,
        kind=kind,
        starts_at=starts_at,
        ends_at=ends_at,
        state=SessionState.AGREED,
        **values,
    )


def make_closed_session(
    starts_at: datetime = WED_7_OCTOBER_10,
    ends_at: datetime | None = None,
    kind: str = TaskType.INDIVIDUAL,
    *,
    event: str = Event.HELD,
    received_at: datetime | None = None,
    done: tuple[datetime, datetime] | None = None,
    done_km: Decimal | None = None,
    receipts: Decimal | None = None,
    recorded_at: datetime | None = None,
    recorded_by: User | None = None,
    **agreed: Any,
) -> Session:
    """A session whose outcome is marked (held as agreed when nothing else is said), priced by the rules."""
    session = make_agreed_session(starts_at, ends_at, kind, **agreed)
    assert session.free_until is not None
    assert session.expert is not None
    verdict = outcome_verdict(
        Event(event),
        task_type=TaskType(session.kind),
        received_at=received_at,
        free_until=session.free_until,
    )
    took_place = verdict.outcome in {"held", "no_show", "nobody_came", "shortened_late"}
    done = done or ((session.starts_at, session.ends_at) if verdict.outcome == "held" else None)
    if done_km is None and took_place:
        done_km = session.travel_km
    pays = consequence(
        verdict,
        terms=session.price_terms,
        agreed_minutes=minutes(session.starts_at, session.ends_at),
        done_minutes=minutes(*done) if done else None,
        agreed_amount=session.agreed_amount,
        fee_declined=session.fee_declined,
        travel_terms=session.frozen_travel_terms,
        travel_km_agreed=session.travel_km,
        travel_km_made=done_km,
        receipts=receipts,
    )
    for name, value in {
        "state": SessionState.CLOSED,
        "outcome": str(verdict.outcome),
        "rule": verdict.rule[:10],
        "done_starts_at": done[0] if done else None,
        "done_ends_at": done[1] if done else None,
        "received_at": received_at,
        "recorded_at": recorded_at or received_at or session.ends_at,
        "recorded_by": recorded_by or session.expert.user,
        "done_km": done_km,
        "receipts": receipts,
        "fee": pays.fee.amount,
        "price": pays.fee.to_json(),
        "travel_fee": pays.travel.amount if pays.travel else Decimal("0.00"),
        "travel_price": pays.travel.to_json() if pays.travel else None,
    }.items():
        setattr(session, name, value)
    session.save()
    return session
