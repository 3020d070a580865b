"""Hour lists: sent by the expert, checked by the named employee of the unit (R18, R19, R23).

A list names the sessions; what happened and what it pays stand on them until the unit approves. From then on the
database refuses to change either.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import connection, transaction
from django.db.models import Count, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from assignments.models import Session
from assignments.states import Outcome, SessionState
from experts.models import Expert
from fees import beside
from fees.messages import LIST_SENT
from fees.models import BesideLine, CorrectionRequest, HourList, HourRow
from fees.rules import first_of, month_span
from fees.states import HOUR_LIST, REQUEST, ListState
from fees.writing import units_to_write
from feetables.rules import ZERO
from office import outbox
from office.actions import move
from office.choices import NAMED
from office.errors import Conflict, Refused
from office.models import LogEntry, RoleGrant, User
from office.policies import rules_on
from office.saving import trigger_says
from office.workdays import list_due_day, local_date, month_of

SENDABLE = (ListState.OPEN, ListState.RETURNED)


@dataclass(frozen=True)
class ListSum:
    """What a list holds: rows, and euros."""

    rows: int
    fees: Decimal
    travel: Decimal

    @property
    def total(self) -> Decimal:
        return self.fees + self.travel


trigger_says("locked_beside_is_never_changed", _lazy("The list is approved: what stands beside its rows is locked."))


def _writer(expert: Expert, by: User) -> set[int] | None:
    """The units whose rows the person sends, None for all. Refused for who writes none of them."""
    units = units_to_write(expert, by)
    if units is not None and not units:
        raise Refused(_("This is not your hour list."))
    return units


def _on_behalf(expert: Expert, by: User) -> User | None:
    return expert.user if expert.user_id and expert.user_id != by.pk else None


# --- sending ---------------------------------------------------------------------------------------------------------


def _refuse_while_open(expert: Expert, month: date, units: set[int] | None, at: datetime) -> None:
    starts = Session.objects.filter(expert=expert, state=SessionState.AGREED).between(*month_span(month))
    if units is not None:
        starts = starts.filter(unit__in=units)
    moments = list(starts.values_list("starts_at", flat=True))
    begun = sum(moment <= at for moment in moments)
    if begun:
        raise Refused(
            ngettext(
                "Tell first what happened at %(count)s time.",
                "Tell first what happened at %(count)s times.",
                begun,
            )
            % {"count": begun}
        )
    if moments:
        raise Refused(
            ngettext(
                "%(count)s agreed time of the month is still ahead. Send the month after it.",
                "%(count)s agreed times of the month are still ahead. Send the month after them.",
                len(moments),
            )
            % {"count": len(moments)}
        )


def _targets(
    expert: Expert, month: date, lists: Mapping[tuple[int, date], HourList], units: set[int] | None
) -> dict[tuple[int, date], list[Session]]:
    """Which sessions go on which list that leaves now; a list that came back leaves again also without new ones."""
    waiting = (
        Session.objects.filter(
            expert=expert, state=SessionState.CLOSED, hour_row__isnull=True, starts_at__lt=month_span(month)[1]
        )
        .exclude(outcome=Outcome.MOVED)  # the new time is the row: docs/decisions/0004-moved-sessions-are-no-rows.md
        .order_by("starts_at", "id")
    )
    targets: dict[tuple[int, date], list[Session]] = {
        key: [] for key, list_ in lists.items() if list_.month == month and list_.state in SENDABLE
    }
    unmarked = {month_of(starts_at) for starts_at in _agreed(expert, month, units)}
    for session in waiting:
        if units is not None and session.unit_id not in units:
            continue
        target = _target(session, month, lists, unmarked)
        if target is not None:
            targets.setdefault((session.unit_id, target), []).append(session)
    return targets


def _agreed(expert: Expert, until: date, units: set[int] | None) -> Iterable[datetime]:
    agreed = Session.objects.filter(expert=expert, state=SessionState.AGREED, starts_at__lt=month_span(until)[1])
    if units is not None:
        agreed = agreed.filter(unit__in=units)
    return agreed.order_by().values_list("starts_at", flat=True)


def _target(
    session: Session, month: date, lists: Mapping[tuple[int, date], HourList], unmarked: Collection[date]
) -> date | None:
    """On which month's list it goes: its own, or the one being sent when its own has left (R19). None: it waits."""
    own = month_of(session.starts_at)
    of_own, of_month = lists.get((session.unit_id, own)), lists.get((session.unit_id, month))
    if of_own is None:
        return None if own in unmarked else own
    if of_own.state in SENDABLE:
        return own if own == month else None  # goes with its own list, when that is sent again
    return month if of_month is None or of_month.state in SENDABLE else None


def _nothing_to_send(lists: Iterable[HourList], month: date) -> Conflict | Refused:
    sent = [list_ for list_ in lists if list_.month == month and list_.state not in SENDABLE]
    if any(list_.state == ListState.AT_UNIT for list_ in sent):
        return Conflict(_("The month has been sent. To change it, take it back first."))
    if sent:
        return Conflict(_("The month has been sent and approved. What comes late goes onto the next month's list."))
    return Refused(_("There is nothing to send for this month."))


def send_month(expert: Expert, month: date, *, by: User, at: datetime) -> list[HourList]:
    """Sends the expert's month: one list for each unit (R18, R19).

    A named employee sends the own unit's only. On it are the month's sessions with their outcomes, also those that pay
    nothing, and late ones of earlier months
    that have left already. Raises Refused while an agreed session of the month has no outcome or is ahead, and when
    there is nothing to send; Conflict when it has been sent.
    """
    units = _writer(expert, by)
    month = first_of(month)
    with transaction.atomic():
        # Two sends of the same month wait for each other here, so that no list is made twice (R5 of the lessons).
        Expert.objects.select_for_update(no_key=True).get(pk=expert.pk)
        _refuse_while_open(expert, month, units, at)
        lists = {
            (list_.unit_id, list_.month): list_
            for list_ in HourList.objects.select_for_update(of=("self",)).filter(expert=expert, month__lte=month)
            if units is None or list_.unit_id in units
        }
        sent = []
        for (unit_id, of_month), sessions in sorted(_targets(expert, month, lists, units).items()):
            list_ = lists.get((unit_id, of_month))
            if list_ is None:
                list_ = HourList.objects.create(expert=expert, unit_id=unit_id, month=of_month)
            if _take_rows(list_, sessions):
                _renew_beside(list_)
                _send(list_, by=by, at=at)
                sent.append(list_)
        if not sent:
            raise _nothing_to_send(lists.values(), month)
    return sent


def _take_rows(list_: HourList, sessions: Collection[Session]) -> int:
    """Brings the rows up to date and says how many there are."""
    rows = HourRow.objects.filter(hour_list=list_)
    rows.exclude(session__state=SessionState.CLOSED).delete()
    rows.filter(session__outcome=Outcome.MOVED).delete()
    rows.update(return_reason="")
    HourRow.objects.bulk_create(HourRow(hour_list=list_, session=session) for session in sessions)
    return rows.count()


def _renew_beside(list_: HourList) -> None:
    """The lines beside the sessions as the outcomes are now: by the month, costs beside a fee."""
    BesideLine.objects.filter(hour_list=list_).delete()
    BesideLine.objects.bulk_create(beside.wanted([list_.pk]).values())


def _send(list_: HourList, *, by: User, at: datetime) -> None:
    holds = sums_of([list_.pk])[list_.pk]
    _keep_what_was_told(list_)
    move(
        list_,
        HOUR_LIST["send"],
        by=by,
        at=at,
        unit_id=list_.unit_id,
        on_behalf_of=_on_behalf(list_.expert, by),
        facts={"rows": holds.rows, "total": str(holds.total)},
        sent_at=at,
        sent_by=by,
        return_reason="",
    )
    due = list_due_day(list_.month, due_day=rules_on(list_.month).list_due_day)
    for grant in RoleGrant.objects.in_force(at).filter(unit=list_.unit_id, role__in=NAMED).select_related("user"):
        if grant.user_id not in {list_.expert.user_id, by.pk}:
            outbox.post(
                LIST_SENT,
                grant.user,
                about=list_,
                at=at,
                expert=str(list_.expert),
                rows=holds.rows,
                total=holds.total,
                due=max(due, local_date(at)),
            )


def _keep_what_was_told(list_: HourList) -> None:
    """Each row keeps what the session says now: what the unit changes afterwards stands beside it."""
    with connection.cursor() as cursor:
        cursor.execute(TOLD, [list_.pk])


TOLD = """
UPDATE fees_hourrow r SET told = jsonb_build_object('outcome', s.outcome, 'starts', s.done_starts_at, 'ends',
  s.done_ends_at, 'km', s.done_km::text, 'receipts', s.receipts::text, 'total', (s.fee + s.travel_fee)::text)
FROM assignments_session s WHERE s.id = r.session_id AND r.hour_list_id = %s
"""


def take_back(list_: HourList, *, by: User, at: datetime) -> None:
    """The expert takes a list back until the unit has approved it. Its rows stay.

    A named employee takes back only what the same person has sent for the expert: others' lists are returned.
    """
    units = _writer(list_.expert, by)
    if units is not None and (list_.unit_id not in units or list_.sent_by_id != by.pk):
        raise Refused(_("Return the list to the expert with a reason."))
    with transaction.atomic():
        move(
            list_,
            HOUR_LIST["take_back"],
            by=by,
            at=at,
            unit_id=list_.unit_id,
            on_behalf_of=_on_behalf(list_.expert, by),
            sent_at=None,
            sent_by=None,
        )
        # What was asked to be corrected is mended now; the unit took its approval back before this.
        for asked in CorrectionRequest.objects.filter(session__hour_row__hour_list=list_, state="open").order_by("pk"):
            move(asked, REQUEST["withdraw"], by=by, at=at, unit_id=list_.unit_id, answered_at=at, answered_by=by)


# --- sums and the log of many ----------------------------------------------------------------------------------------


def sums_of(list_ids: Collection[int]) -> dict[int, ListSum]:
    """Rows and euros of lists, lines beside the sessions too (two queries); a list without rows is not there."""
    sums = (
        HourRow.objects.filter(hour_list__in=list_ids)
        .order_by()
        .values_list("hour_list_id")
        .annotate(Count("pk"), Sum("session__fee"), Sum("session__travel_fee"))
    )
    more = beside.sums(list_ids)
    return {pk: ListSum(rows, fees + more.get(pk, ZERO), travel) for pk, rows, fees, travel in sums}


def log_lists(
    name: str,
    list_ids: Iterable[int],
    before: str,
    after: str,
    *,
    by: User | None,
    at: datetime,
    sums: Mapping[int, ListSum],
) -> None:
    """The same step of many lists: a log row for each, in one statement."""
    LogEntry.objects.bulk_create(
        LogEntry(
            at=at,
            actor=by,
            kind=f"hourlist.{name}",
            object_type=HourList._meta.label_lower,
            object_id=pk,
            from_state=before,
            to_state=after,
            facts={"rows": sums[pk].rows, "total": str(sums[pk].total)} if pk in sums else {},
        )
        for pk in list_ids
    )
