"""The office that is measured: experts with their entries of some months, written in bulk."""

from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import count, islice
from typing import Any

from django.db import connection

from assignments.models import Order, Session
from assignments.rules import Event
from assignments.states import OrderState, Outcome
from experts.models import Contract, Expert
from fees import actions
from fees.models import HourList, HourRow, PaymentRun
from fees.rules import first_of
from fees.states import ListState
from office.choices import Role
from office.kinds import TaskType
from office.models import RoleGrant, Unit, User
from office.workdays import at_wall_clock, next_month
from tests.factories import LONG_AGO, make_agreed_session, make_closed_session, make_fee_table, make_unit, make_user

FIRST = ("Aino", "Eero", "Helmi", "Kaisa", "Leo", "Maija", "Onni", "Päivi", "Sofia", "Åke")
LAST = ("Harjula", "Järvenranta", "Koskivaara", "Lehtisuo", "Mäkirinne", "Niittykangas", "Storgård", "Österback")
ALL_KINDS = [str(kind) for kind in TaskType]
IN_A_DAY = 28  # entries before an expert has a second one on a day
ODD_ONES = 5  # every fifth expert has times that were cancelled late or to which nobody came
ROWS = 5000


@dataclass
class Office:
    """Who and what there is. ``month`` is the newest one; its lists are at the units until they are approved."""

    month: date
    now: datetime
    coordinator: User
    patterns: list[Session]
    agreed: Session
    units: list[Unit] = field(default_factory=list)
    named: list[User] = field(default_factory=list)
    staff: list[User] = field(default_factory=list)
    experts: list[Expert] = field(default_factory=list)
    unit_of: dict[int, Unit] = field(default_factory=dict)
    entries: int = 0
    _numbers: Any = field(default_factory=lambda: count(1))

    def number(self) -> int:
        return int(next(self._numbers))


def month_before(month: date, months: int = 1) -> date:
    for _ in range(months):
        month = first_of(month - timedelta(days=1))
    return month


def open_office(now: datetime, months: int) -> Office:
    """An office without people but the coordinator: a fee table, and one example of every kind of entry."""
    month = month_before(first_of(now.date()))
    begin = month_before(month, months + 1)
    make_fee_table(valid_from=begin, name="Palkkiotaulukko")
    coordinator = make_user("coordinator@county.example.org", roles=[Role.COORDINATOR], language="fi")
    unit = make_unit("EXAMPLE")
    expert = make_people([(unit, "Example", 0)], begin)[0]
    start = at_wall_clock(month.replace(day=6), time(10))
    told = start - timedelta(minutes=30)
    common: dict[str, Any] = {"expert": expert, "unit": unit, "orderer": coordinator}

    def entry(day: int, kind: str = TaskType.INDIVIDUAL, minutes: int = 60, **fields: Any) -> Session:
        begins = start + timedelta(days=day)
        return make_closed_session(begins, begins + timedelta(minutes=minutes), kind, **common, **fields)

    patterns = [
        entry(0),
        entry(1, TaskType.PAIR),
        entry(2, TaskType.GROUP, 90),
        entry(3, travel_km=Decimal(24)),
        entry(4, TaskType.APPOINTMENT, 90),
        entry(5, event=Event.ORDERER_CANCELLED, received_at=told + timedelta(days=5)),
        entry(6, TaskType.GROUP, 105),
        entry(7, TaskType.LECTURE, 120, agreed_amount=Decimal("250.00")),
        entry(8, event=Event.NO_SHOW),
        entry(9, TaskType.DEVELOPMENT, 150),
    ]
    agreed = make_agreed_session(start + timedelta(days=10), travel_km=Decimal(24), **common)
    Session.objects.all().delete()  # they are patterns only
    Order.objects.all().delete()
    return Office(month, now, coordinator, patterns, agreed)


def make_people(people: Sequence[tuple[Unit, str, int]], since: date) -> list[Expert]:
    """Experts with account, role and contract; each is (unit, last name, number)."""
    users = User.objects.bulk_create(
        User(
            email=f"expert{number}@example.org",
            password="!",  # noqa: S106 - nobody signs in by it
            first_name=FIRST[number % len(FIRST)],
            last_name=last,
            language="fi",
        )
        for _unit, last, number in people
    )
    RoleGrant.objects.bulk_create(RoleGrant(user=user, role=Role.EXPERT, valid_from=LONG_AGO) for user in users)
    experts = Expert.objects.bulk_create(
        Expert(
            user=user,
            first_name=user.first_name,
            last_name=user.last_name,
            email=user.email,
            language="fi",
            work_languages=["fi"],
            kinds=ALL_KINDS,
            payroll_number=str(10000 + number),
        )
        for user, (_unit, _last, number) in zip(users, people, strict=True)
    )
    Contract.objects.bulk_create(
        Contract(expert=expert, valid_from=since, signed_on=since, kinds=ALL_KINDS, state=Contract.State.IN_FORCE)
        for expert in experts
    )
    return experts


def add_unit(office: Office, experts: int, months: int) -> Unit:
    """A unit with its named employee, who orders, and that many experts."""
    number = len(office.units) + 1
    unit = make_unit(f"{100 + number}", name_fi=f"Mielenterveystoimisto {number}", name_sv=f"Mentalvårdsbyrå {number}")
    office.units.append(unit)
    office.staff.append(make_user(f"staff{number}@county.example.org", roles=[(Role.STAFF, unit)], language="fi"))
    roles = [(Role.UNIT_CONTACT, unit)]
    office.named.append(make_user(f"named{number}@county.example.org", roles=roles, language="fi"))
    people = []
    for _ in range(experts):
        n = office.number()
        people.append((unit, f"{LAST[n % len(LAST)]}-{LAST[n // len(LAST) % len(LAST)]} {n}", n))
    made = make_people(people, month_before(office.month, months + 1))
    office.experts += made
    office.unit_of |= {expert.pk: unit for expert in made}
    return unit


# --- entries ---------------------------------------------------------------------------------------------------------


def moment_of(month: date, entry: int, expert: int) -> datetime:
    return at_wall_clock(month.replace(day=1 + entry % IN_A_DAY), time(8 + 3 * (entry // IN_A_DAY), expert % 6 * 10))


def pattern_of(office: Office, expert: int, entry: int) -> Session:
    pattern = office.patterns[entry % len(office.patterns)]
    odd = pattern.outcome != Outcome.HELD
    return office.patterns[0] if odd and expert % ODD_ONES else pattern


def copied(pattern: Session, starts_at: datetime, order: Order) -> Session:
    """The pattern for another order and time: prices, rule and distance to the limit are the same."""
    session = copy(pattern)
    session._state = copy(pattern._state)
    session._state.fields_cache = {}
    session.pk = None
    session._state.adding = True
    shift = starts_at - pattern.starts_at
    for name in ("starts_at", "ends_at", "agreed_at", "free_until", "done_starts_at", "done_ends_at", "received_at"):
        if (moment := getattr(pattern, name)) is not None:
            setattr(session, name, moment + shift)
    if pattern.recorded_at is not None:
        session.recorded_at = session.ends_at
        session.recorded_by_id = order.orderer_id
    session.order_id, session.unit_id, session.expert_id = order.pk, order.unit_id, order.expert_id
    return session


def orders_of(office: Office, experts: Iterable[Expert], month: date) -> list[Order]:
    moment = at_wall_clock(month_before(month), time(9))
    staff = {unit.pk: person for unit, person in zip(office.units, office.staff, strict=True)}
    return Order.objects.bulk_create(
        Order(
            unit=office.unit_of[expert.pk],
            orderer=staff[office.unit_of[expert.pk].pk],
            expert=expert,
            kind=TaskType.INDIVIDUAL,
            task="Tukea arkeen kuntoutuksen jälkeen",
            place="Esimerkkikatu 1",
            state=OrderState.AGREED,
            created_at=moment,
            submitted_at=moment,
            confirmed_at=moment,
            confirmed_by=office.coordinator,
        )
        for expert in experts
    )


def add_month(office: Office, experts: Sequence[Expert], month: date, entries: int) -> None:
    """The month's entries of these experts, marked and on lists that are at the units."""
    sent = at_wall_clock(next_month(month), time(9))
    sessions = [
        copied(pattern_of(office, number, entry), moment_of(month, entry, number), order)
        for number, order in enumerate(orders_of(office, experts, month))
        for entry in range(entries)
    ]
    lists = HourList.objects.bulk_create(
        HourList(
            expert=expert,
            unit=office.unit_of[expert.pk],
            month=month,
            state=ListState.AT_UNIT,
            sent_at=sent,
            sent_by_id=expert.user_id,
        )
        for expert in experts
    )
    of_expert = {list_.expert_id: list_ for list_ in lists}
    waiting = iter(sessions)
    while some := Session.objects.bulk_create(islice(waiting, ROWS)):
        HourRow.objects.bulk_create(
            HourRow(hour_list=of_expert[session.expert_id or 0], session=session) for session in some
        )
    office.entries += len(sessions)


def add_agreed(office: Office, how_many: int) -> list[Session]:
    """Agreed times that have begun and wait for their outcome, in the newest month, of the first unit's experts."""
    mine = [expert for expert in office.experts if office.unit_of[expert.pk] == office.units[0]]
    orders = orders_of(office, mine, office.month)
    sessions = []
    for number in range(how_many):
        order = orders[number % len(orders)]
        day = 1 + number // len(orders) % IN_A_DAY
        hour = 18 + number // len(orders) // IN_A_DAY
        starts_at = at_wall_clock(office.month.replace(day=day), time(hour))
        sessions.append(copied(office.agreed, starts_at, order))
    return Session.objects.bulk_create(sessions)


def approve(office: Office, month: date) -> None:
    """All lists of the month, without a word to anybody."""
    HourList.objects.filter(month=month, state=ListState.AT_UNIT).update(
        state=ListState.APPROVED, approved_at=at_wall_clock(next_month(month), time(12)), approved_by=office.coordinator
    )


def close(office: Office, month: date) -> PaymentRun:
    """The month as a payment run without documents."""
    return actions.make_run(month, by=office.coordinator, at=office.now, documents=False)


def unmake(run: PaymentRun, *, documents_only: bool = False) -> None:
    """What no action can do and the database refuses: as if the run (or its documents) had never been. Bench only."""
    tables = ("fees_rundocument", "fees_runline", "fees_paymentrun", "fees_hourlist")
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute("DELETE FROM fees_rundocument WHERE run_id = %s", [run.pk])
        if not documents_only:
            cursor.execute("DELETE FROM fees_runline WHERE run_id = %s", [run.pk])
            cursor.execute("UPDATE fees_hourlist SET run_id = NULL, state = 'approved' WHERE run_id = %s", [run.pk])
            cursor.execute("DELETE FROM fees_paymentrun WHERE id = %s", [run.pk])
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def settle() -> None:
    """What the database does by itself overnight."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
