"""Individual and pair work in each stage, coordination meetings with decisions, a waived fee, a series to be moved."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from assignments import actions as work
from assignments.actions import meetings
from assignments.actions.series import Scope, covered
from assignments.actions.series_moves import Shift, preview_moves
from assignments.models import Order, Process, Session
from assignments.states import ProcessState, SessionState
from office.errors import RuleError
from office.formats import local
from office.kinds import TaskType
from office.models import Unit, User
from office.workdays import local_date, next_working_day

DAY = timedelta(days=1)
WORDS = {
    "fi": (
        "Tavoite saavutettiin, jatkosta sovitaan tarvittaessa yksikössä.",
        "Kolme tapaamista riitti, yhteistyö sujui hyvin.",
        "Tapaamiset päättyivät sovitusti.",
    ),
    "sv": (
        "Målet nåddes, en fortsättning avtalas vid behov i enheten.",
        "Tre träffar räckte, samarbetet fungerade bra.",
        "Träffarna avslutades som avtalat.",
    ),
}
#: Decision, who does it, working on it for so many days; whether it is done.
DECISIONS = (
    ("Uusien asiantuntijoiden esittely yksikön kokouksessa", "Nimetty työntekijä", 14, True),
    ("Ryhmän tilan varaaminen keväälle", "Varahenkilö", 21, False),
    ("Kysytään ruotsinkielistä asiantuntijaa toiselta yksiköltä", "Koordinaattori", 7, False),
)


def load(*, coordinator: User, now: datetime) -> None:
    """What is done with work that was agreed; a few acts of each sort."""
    _ended(now)
    _waived(coordinator, now)
    _group_ended(now)
    _series(now)
    _meetings(coordinator, now)


def _ended(now: datetime) -> None:
    """Every second process whose meetings are over has its closing word."""
    over = Process.objects.filter(state=ProcessState.RUNNING).exclude(order__sessions__state=SessionState.AGREED)
    rows = over.select_related("order__unit", "order__orderer", "order__expert__user").order_by("pk")
    for number, process in enumerate(rows[:12]):
        if number % 2:
            continue
        by = process.order.orderer
        words = WORDS["sv" if by.language == "sv" else "fi"]
        work.end_process(process, words[number // 2 % len(words)], by=by, at=now - (number + 1) * DAY)


def _waived(coordinator: User, now: datetime) -> None:
    """The newest late cancellation that is on no approved list: waived."""
    late = Session.objects.filter(outcome="cancelled_late", fee__gt=0).order_by("-starts_at", "pk")
    for session in late[:10]:
        try:
            work.decide_fee(
                session, Decimal(0), "Myrsky katkaisi liikenteen, sovittu asiantuntijan kanssa", by=coordinator,
                at=now - timedelta(hours=3),
            )  # fmt: skip
        except RuleError:
            continue
        return


def _groups(now: datetime, sessions: int) -> list[Session]:
    """The first agreed session ahead of each group order with so many ahead."""
    ahead = Session.objects.filter(kind=TaskType.GROUP, state=SessionState.AGREED, starts_at__gt=now + 2 * DAY)
    ahead = ahead.filter(order__companion=None, order__lead=None)  # groups of two experts tell their own story
    rows = ahead.select_related("order__orderer", "order__unit", "expert__user").order_by("starts_at", "pk")
    found: dict[int, list[Session]] = {}
    for session in rows:
        found.setdefault(session.order_id, []).append(session)
    return [group[0] for group in found.values() if len(group) >= sessions]


def _group_ended(now: datetime) -> None:
    """A group that ends early, when there are others that go on."""
    groups = sorted(_groups(now, 1), key=lambda first: -first.order.sessions.count())
    if len(groups) > 1:
        last = groups[-1]
        work.record_outcome(
            last, "group_ended", by=last.order.orderer, at=now - timedelta(hours=5),
            change_reason="Osallistujia on alle neljä, kuten sovittiin",
        )  # fmt: skip


def _series(now: datetime) -> None:
    """A group whose times the unit would like to have an hour later: the answer is waited for."""
    for first in _groups(now, 2):
        sessions = covered(first, Scope.AHEAD, at=now)
        start = timedelta(hours=1) + first.starts_at
        shift = Shift(start=local(start).time(), end=local(first.ends_at + timedelta(hours=1)).time())
        found = preview_moves(sessions, shift, at=now, by_expert=False)
        if len(found.proposed) == len(sessions):
            work.move_series(
                first, Scope.AHEAD, shift, seen=found.seal, by=first.order.orderer, at=now - timedelta(hours=2),
                reason="Tila vapautuu vasta myöhemmin",
            )  # fmt: skip
            return


def _meetings(coordinator: User, now: datetime) -> None:
    """One meeting about the unit with the most orders, with decisions, and one about all units."""
    unit = Unit.objects.filter(orders__isnull=False).order_by("code").first()
    if unit is None:
        return
    held = now - 10 * DAY
    made = meetings.write_meeting(
        unit, held_at=held, since=held - 28 * DAY, note="Yhteistyö sujuu. Seuraava kokous kuukauden kuluttua.",
        by=coordinator, at=held,
    )  # fmt: skip
    order = Order.objects.filter(unit=unit, state="agreed").order_by("-pk").first()
    for number, (text, who, days, done) in enumerate(DECISIONS):
        due: date = next_working_day(local_date(held + days * DAY))
        decision = meetings.add_decision(
            made, text, who=who, person=coordinator if who == "Koordinaattori" else None, due=due,
            order=order if number == 1 else None, by=coordinator, at=held,
        )  # fmt: skip
        if done:
            meetings.mark_decision(decision, done=True, by=coordinator, at=now - 2 * DAY)
    meetings.write_meeting(
        unit, held_at=now - timedelta(hours=1), since=held, by=coordinator, at=now - timedelta(hours=1)
    )
    meetings.write_meeting(None, held_at=now - 4 * DAY, since=now - 32 * DAY, by=coordinator, at=now - 4 * DAY)
