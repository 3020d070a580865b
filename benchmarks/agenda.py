"""A year of sessions over today, with what else takes time: open questions, absences, supervision."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from django.db import connection
from django.utils import timezone

from assignments.models import Offer, Order, OrderPlan, Session
from assignments.states import OfferState, OrderState
from benchmarks import office
from benchmarks.office import IN_A_DAY, Office, moment_of, month_before
from benchmarks.registry import describe, lists_of_the_county
from experts.models import Absence, Expert
from office.choices import Role
from office.kinds import TaskType
from office.workdays import DAY, at_wall_clock, local_date, next_month
from supervision.models import Attendance, SupervisionGroup, SupervisionMeeting
from tests.factories import make_user

AHEAD = 3  # months with agreed times, this one among them
ASKED = 200  # open questions at any time
IN_GROUP = 8
EVENING = 18


def opened(experts: int, in_unit: int, months: int) -> Office:
    """The people, units and lists of the county, without a session."""
    made = office.open_office(timezone.now(), months)
    lists_of_the_county()
    while (left := experts - len(made.experts)) > 0:
        office.add_unit(made, min(left, in_unit), months)
    describe(made.experts, made.now.date())
    return made


def months_of(made: Office, how_many: int) -> list[date]:
    """So many months with the newest ``AHEAD`` from this one on, the oldest first."""
    last = this_month(made)
    for _ in range(AHEAD - 1):
        last = next_month(last)
    return [month_before(last, back) for back in range(how_many - 1, -1, -1)]


def this_month(made: Office) -> date:
    return local_date(made.now).replace(day=1)


def moment(month: date, entry: int, expert: int) -> datetime:
    """Another day for each entry of an expert, and all hours of the working day."""
    return moment_of(month, (entry + expert) % IN_A_DAY, expert) + timedelta(hours=expert % 8)


def add_sessions(made: Office, experts: Sequence[Expert], month: date, entries: int) -> None:
    """The month's sessions: what is past has its outcome, what comes is agreed."""
    sessions = []
    for order in office.orders_of(made, experts, month):
        number = made.experts.index(order.expert)  # type: ignore[arg-type]  # an order here has its expert
        for entry in range(entries):
            starts_at = moment(month, entry, number)
            pattern = made.agreed if starts_at > made.now else office.pattern_of(made, number, entry)
            sessions.append(office.copied(pattern, starts_at, order))
    made.entries += len(Session.objects.bulk_create(sessions, batch_size=office.ROWS))


def add_history() -> None:
    """A row in the log for each session that has none."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO office_logentry (at, kind, object_type, object_id, from_state, to_state, reason, facts) "
            "SELECT agreed_at, 'session.agree', 'assignments.session', id, 'planned', 'agreed', '', '{}' "
            "FROM assignments_session s WHERE agreed_at IS NOT NULL AND NOT EXISTS (SELECT FROM office_logentry l "
            "WHERE l.object_type = 'assignments.session' AND l.object_id = s.id)"
        )


def add_the_rest(made: Office) -> None:
    """Every tenth expert is away some days; supervision each month; open questions."""
    today = local_date(made.now)
    Absence.objects.bulk_create(
        Absence(expert=expert, first_day=today + n % 60 * DAY, last_day=today + (n % 60 + 7) * DAY)
        for n, expert in enumerate(made.experts[::10])
    )
    supervisor = make_user("supervisor@example.org", roles=[Role.SUPERVISOR], language="fi")
    for n in range(0, len(made.experts), IN_GROUP * 5):
        group = SupervisionGroup.objects.create(name_fi=f"Ryhmä {n}", name_sv=f"Grupp {n}", supervisor=supervisor)
        meetings = SupervisionMeeting.objects.bulk_create(
            SupervisionMeeting(group=group, starts_at=starts_at, ends_at=starts_at + timedelta(minutes=90), place="1")
            for back in range(-2, 10)
            for starts_at in [at_wall_clock(today - 30 * back * DAY, time(16))]
        )
        Attendance.objects.bulk_create(
            Attendance(meeting=meeting, expert=expert)
            for meeting in meetings
            for expert in made.experts[n : n + IN_GROUP]
        )
    add_offers(made, ASKED, hour=EVENING + 4)


def add_offers(made: Office, how_many: int, *, hour: int = EVENING, same: int = 1) -> list[Offer]:
    """So many experts are asked for a time of their own in the evening; ``same``: so many orders for each time."""
    moment, some = made.now - timedelta(hours=1), []
    begin = local_date(made.now) + 14 * DAY
    for number in range(how_many):
        turn = number // same
        expert = made.experts[turn % len(made.experts)]
        some.append((expert, at_wall_clock(begin + turn // len(made.experts) * DAY, time(hour))))
    staff = {unit.pk: person for unit, person in zip(made.units, made.staff, strict=True)}
    orders = Order.objects.bulk_create(
        Order(
            unit=made.unit_of[expert.pk], orderer=staff[made.unit_of[expert.pk].pk], expert=expert,
            kind=TaskType.INDIVIDUAL, task="Tukea arkeen", place="Esimerkkikatu 1", state=OrderState.OFFERED,
            created_at=moment, submitted_at=moment, confirmed_at=moment, confirmed_by=made.coordinator,
        )
        for expert, _starts_at in some
    )  # fmt: skip
    OrderPlan.objects.bulk_create(OrderPlan(order=order, goal="Arki sujuu", meetings=1) for order in orders)
    Session.objects.bulk_create(
        Session(
            order=order, unit=order.unit, kind=order.kind, place=order.place, starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=1),
        )
        for order, (_expert, starts_at) in zip(orders, some, strict=True)
    )  # fmt: skip
    return Offer.objects.bulk_create(
        Offer(
            order=order, expert=expert, state=OfferState.WAITING, sent_at=moment, answer_by=made.now + 3 * DAY
        )
        for order, (expert, _starts_at) in zip(orders, some, strict=True)
    )  # fmt: skip
