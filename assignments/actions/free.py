"""Whether an expert can take a time: contract, trainings, other sessions, whatever else takes time (R10, R26)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import QuerySet, Value
from django.utils.translation import gettext as _

from assignments import texts
from assignments.models import Order, Session
from assignments.models.sessions import LONGEST
from assignments.rules import minutes
from assignments.states import SessionState
from experts.busy import Row, each_source, taken_by
from experts.models import Contract, Expert
from office.asked_once import Question
from office.errors import Refused
from office.templatetags.erfa import localname
from office.workdays import local_date
from training import conditions as trainings

_LOCKED_EXPERT = Question(
    lambda pk: Expert.objects.select_for_update(of=("self",)).select_related("user").filter(pk=pk), pk=int
)
_CONTRACTS = Question(
    lambda expert: (
        Contract.objects.filter(expert=expert)
        .exclude(state=Contract.State.DRAFT)
        .order_by()
        .only("expert", "valid_from", "valid_to", "kinds", "state")
    ),
    expert=int,
)
_SESSIONS = -1  # beside the numbers of experts.busy


def _taken(expert: int, earliest: datetime, start: datetime, end: datetime) -> QuerySet[Any, Row]:
    sessions = Session.objects.taking_time().overlapping(start, end).filter(expert=expert, starts_at__gt=earliest)
    own = sessions.order_by().annotate(source=Value(_SESSIONS)).values_list("source", "pk", "starts_at", "ends_at")
    return own.union(*each_source(expert, start, end), all=True)


_TAKEN = Question(_taken, expert=int, earliest=datetime, start=datetime, end=datetime)


def lock_expert(expert_id: int) -> Expert:
    """The expert's row, locked until the end of the transaction: what takes an expert's time comes one by one."""
    found = _LOCKED_EXPERT.one(pk=expert_id)
    if found is None:
        raise Expert.DoesNotExist
    return found


def check_expert(
    expert: Expert, kind: str, times: Iterable[tuple[datetime, datetime]], *, besides: Iterable[Session] = ()
) -> None:
    """The contract covers each day and kind (R26), the trainings that the kind requires are completed by then, and the
    expert is in no other session at the time (`besides` apart), nor busy otherwise (experts.busy; R10).
    """
    spans = sorted(times)
    contracts = _CONTRACTS(expert=expert.pk)
    for starts_at, _ends_at in spans:
        if not any(contract.covers(local_date(starts_at), kind) for contract in contracts):
            raise Refused(
                _("%(expert)s has no contract for this kind of work on %(day)s.")
                % {"expert": expert.short_name, "day": texts.day(starts_at)}
            )
    check_trained(expert, kind, spans)
    not_counted = {(_SESSIONS, session.pk) for session in besides}
    start, end = spans[0][0], max(ends_at for _starts_at, ends_at in spans)
    rows = _TAKEN(expert=expert.pk, earliest=start - LONGEST, start=start, end=end)
    taken = sorted(row for row in rows if row[:2] not in not_counted)  # sessions first
    for source, _pk, begins, ends in taken:
        for starts_at, ends_at in spans:
            if begins < ends_at and starts_at < ends:
                raise Refused(_busy(expert, source, (starts_at, ends_at), (begins, ends)))


def _busy(expert: Expert, source: int, asked: tuple[datetime, datetime], taken: tuple[datetime, datetime]) -> str:
    if source == _SESSIONS:
        words = {"expert": expert.short_name, "time": texts.span(*asked)}
        return _("%(expert)s has another session at that time: %(time)s.") % words
    words = {"expert": expert.short_name, "what": taken_by(source), "time": texts.span(*taken)}
    return _("%(expert)s is not free: %(what)s, %(time)s.") % words


def check_present(expert: Expert, times: Iterable[tuple[datetime, datetime]]) -> None:
    """Nobody is asked on days that the expert has told to be away (the same question as the search, R10). Refused."""
    spans = sorted(times)
    away = list(expert.absences.during(spans))
    for starts_at, ends_at in spans:
        if any(absence.touches(starts_at, ends_at) for absence in away):
            raise Refused(
                _("%(expert)s is away then: %(time)s.")
                % {"expert": expert.short_name, "time": texts.span(starts_at, ends_at)}
            )


def check_trained(expert: Expert, kind: str, times: Iterable[tuple[datetime, datetime]]) -> None:
    """What the kind of work requires has been completed by each day, the day itself included. Raises Refused."""
    if missing := trainings.lacking(expert.pk, kind, {local_date(starts_at) for starts_at, _ends_at in times}):
        training, day = missing
        raise Refused(
            _("This kind of work requires the training “%(training)s”. %(expert)s has not completed it by %(day)s.")
            % {"training": localname(training), "expert": expert.short_name, "day": texts.day(day)}
        )


# --- times ---------------------------------------------------------------------------------------------------------

_PLANNED = Question(
    lambda order: Session.objects.filter(order=order, state=SessionState.PLANNED).order_by("starts_at", "id"), order=int
)


def planned(order: Order) -> list[Session]:
    """The order's times that are not agreed yet."""
    found = _PLANNED(order=order.pk)
    for session in found:
        session.order = order
    return found


def spans(sessions: Iterable[Session]) -> list[tuple[datetime, datetime]]:
    return [(session.starts_at, session.ends_at) for session in sessions]


def check_times(times: Iterable[tuple[datetime, datetime]]) -> None:
    """Each time in order and not absurdly long, none over another."""
    before: tuple[datetime, datetime] | None = None
    for starts_at, ends_at in sorted(times):
        minutes(starts_at, ends_at)
        if ends_at - starts_at > LONGEST:
            raise Refused(_("A session cannot last longer than 24 hours."))
        if before and starts_at < before[1]:
            raise Refused(
                _("Two of the times overlap: %(first)s and %(second)s.")
                % {"first": texts.span(*before), "second": texts.span(starts_at, ends_at)}
            )
        before = (starts_at, ends_at)


def check_future(times: Iterable[tuple[datetime, datetime]], at: datetime) -> None:
    """Nothing is agreed for a time that has begun (N6)."""
    for starts_at, ends_at in times:
        if starts_at <= at:
            raise Refused(_("The time %(time)s has begun already.") % {"time": texts.span(starts_at, ends_at)})
