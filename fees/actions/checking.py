"""Hour lists checked by the named employee of the unit or the deputy: approved, returned (R19, R23).

From the approval on the database refuses to change a list, its rows and their times.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from assignments.actions.people import holders
from assignments.models import Session
from assignments.states import Outcome, SessionState
from fees import beside
from fees.actions.lists import log_lists, sums_of
from fees.messages import LIST_APPROVED, LIST_OPENED, LIST_RETURNED
from fees.models import CorrectionRequest, HourList, HourRow, Receipt
from fees.states import HOUR_LIST, REQUEST, ListState
from feetables.rules import ZERO
from office import outbox
from office.actions import log, move
from office.choices import NAMED
from office.errors import Conflict, Refused
from office.models import User
from office.validators import no_identity_code


@dataclass(frozen=True)
class RowNote:
    """A row that was returned, for the message."""

    starts_at: datetime
    reason: str


def checked_text(reason: str) -> str:
    reason = " ".join(reason.split())[:300]
    try:
        no_identity_code(reason)
    except ValidationError as error:
        raise Refused(error.messages[0]) from None
    return reason


def lists_without_receipts(list_ids: Collection[int]) -> set[int]:
    """Which of the lists have costs of a time without any receipt (one query)."""
    rows = HourRow.objects.filter(hour_list__in=list_ids, session__receipts__gt=0)
    rows = rows.exclude(Exists(Receipt.objects.filter(session=OuterRef("session"))))
    return set(rows.order_by().values_list("hour_list_id", flat=True))


def _refuse_to_check(list_: HourList, by: User) -> None:
    if list_.expert.user_id == by.pk:
        raise Refused(_("Nobody checks their own hour list."))
    if not by.holdings.holds(NAMED, list_.unit_id):
        raise Refused(_("The unit's named employee or the deputy checks the list."))


def _other_hours() -> Conflict:
    return Conflict(_("The hours have changed since you opened the page. Look at them again."))


def _refuse_changed(list_ids: Collection[int], sessions: Iterable[tuple[str, str]]) -> None:
    """What has changed after sending, so that the list is wrong; ``sessions``: state and outcome of each."""
    if any(state != SessionState.CLOSED or outcome == Outcome.MOVED for state, outcome in sessions):
        raise Refused(_("A time on the list has no outcome any more. Return the list to the expert."))
    if beside.stale(list_ids):
        raise Refused(_("An outcome was changed after the list was sent. Return the list to the expert."))


def approve(
    lists: Iterable[HourList],
    *,
    by: User,
    at: datetime,
    expected_count: int | None = None,
    expected_total: Decimal | None = None,
    shown_at: datetime | None = None,
    on_paper: Collection[int] = (),
) -> int:
    """Approves lists, all or none (R23). Returns how many.

    ``expected_count`` (rows) and ``expected_total`` (euros, fees and travel) are what the person was shown, at
    ``shown_at``. Conflict when they differ by now, when a list was sent again or an outcome told since then (another
    one may pay the same), or a list is no longer at the unit; Refused for one's own list, for another unit's, and for
    a row whose outcome has been taken away. ``on_paper``: ids of lists whose missing receipts the person has seen on
    paper; without that a list with costs and no receipt is Refused.
    """
    wanted = sorted({list_.pk for list_ in lists})
    with transaction.atomic():
        found = list(
            HourList.objects.select_for_update(of=("self",))
            .filter(pk__in=wanted)
            .select_related("expert__user", "unit")
            .order_by("pk")
        )
        for list_ in found:
            _refuse_to_check(list_, by)
        if any(list_.sent_by_id == by.pk for list_ in found):
            raise Refused(
                _("You have sent this list for the expert. Somebody else of the unit approves it, perhaps the deputy.")
            )
        if not found or len(found) < len(wanted) or any(list_.state != ListState.AT_UNIT for list_ in found):
            raise Conflict(_("This has changed meanwhile. Look at the page again."))
        # An outcome that is being changed right now either is in our sums or waits and then meets the lock.
        sessions = list(
            Session.objects.select_for_update(of=("self",))
            .filter(hour_row__hour_list__in=wanted)
            .order_by("pk")
            .values_list("state", "outcome", "recorded_at")
        )
        moments = [list_.sent_at for list_ in found] + [recorded for _state, _outcome, recorded in sessions]
        if shown_at is not None and any(moment is not None and moment > shown_at for moment in moments):
            raise _other_hours()
        _refuse_changed(wanted, ((state, outcome) for state, outcome, _recorded in sessions))
        lacking = lists_without_receipts(wanted)
        if lacking - set(on_paper):
            raise Refused(_("A receipt is missing. Return the list, or tick that you have seen the receipt on paper."))
        sums = sums_of(wanted)
        if len(sums) < len(wanted):
            raise Refused(_("There is nothing on the list."))
        total = sum((holds.total for holds in sums.values()), ZERO)
        if expected_count not in {None, len(sessions)} or expected_total not in {None, total}:
            raise _other_hours()
        HourList.objects.filter(pk__in=wanted).update(state=ListState.APPROVED, approved_at=at, approved_by=by)
        log_lists("approve", wanted, ListState.AT_UNIT, ListState.APPROVED, by=by, at=at, sums=sums)
        for list_ in found:
            if list_.pk in lacking:
                log("hourlist.on_paper", list_, by=by, at=at)
            list_.state, list_.approved_at, list_.approved_by = ListState.APPROVED, at, by
            outbox.post(LIST_APPROVED, list_.expert.user, about=list_, at=at, total=sums[list_.pk].total)
    return len(found)


def unapprove(list_: HourList, *, by: User, at: datetime) -> None:
    """Takes an approval back, until a payment run has taken the list."""
    _refuse_to_check(list_, by)
    move(list_, HOUR_LIST["unapprove"], by=by, at=at, unit_id=list_.unit_id, approved_at=None, approved_by=None)


def return_list(list_: HourList, *, by: User, at: datetime, reason: str, rows: Mapping[int, str] | None = None) -> None:
    """Returns a list to the expert with a reason, and reasons for single rows (``rows``: HourRow id → reason)."""
    _refuse_to_check(list_, by)
    _send_back("return", list_, by=by, at=at, reason=reason, rows=rows or {})


def mend_list(list_: HourList, *, by: User, at: datetime, reason: str, rows: Mapping[int, str]) -> None:
    """The approval falls and the list goes back to the expert, because what was asked for is accepted.

    By the unit or the coordinator, until a payment run has taken the list; nobody's own. When it is the coordinator's
    doing, the unit's named employee and deputy are told who opened which list, and why.
    """
    if list_.expert.user_id == by.pk:
        raise Refused(_("Nobody checks their own hour list."))
    with transaction.atomic():
        _send_back("mend", list_, by=by, at=at, reason=reason, rows=rows, approved_at=None, approved_by=None)
        if by.holdings.holds(NAMED, list_.unit_id):
            return
        for person in holders(NAMED, list_.unit, at):
            if person.pk not in {by.pk, list_.expert.user_id}:
                outbox.post(
                    LIST_OPENED, person, about=list_, at=at, once=at.isoformat(), opener=str(by),
                    expert=str(list_.expert), reason=reason, wanted="; ".join(rows.values()),
                )  # fmt: skip


def _send_back(
    step: str, list_: HourList, *, by: User, at: datetime, reason: str, rows: Mapping[int, str], **changes: None
) -> None:
    reason = checked_text(reason)
    if not reason:
        raise Refused(_("Write why the list is returned."))
    reasons = {pk: text for pk, given in rows.items() if (text := checked_text(given))}
    with transaction.atomic():
        changed: dict[str, Any] = {"return_reason": reason} | changes
        move(list_, HOUR_LIST[step], by=by, at=at, unit_id=list_.unit_id, reason=reason, **changed)
        named = list(HourRow.objects.filter(hour_list=list_, pk__in=reasons).select_related("session"))
        if len(named) < len(reasons):
            raise Conflict(_("This has changed meanwhile. Look at the page again."))
        for row in named:
            row.return_reason = reasons[row.pk]
        HourRow.objects.bulk_update(named, ["return_reason"])
        _settle_requests(list_, by=by, at=at)
        outbox.post(
            LIST_RETURNED,
            list_.expert.user,
            about=list_,
            at=at,
            notes=[RowNote(row.session.starts_at, row.return_reason) for row in named],
        )


def _settle_requests(list_: HourList, *, by: User, at: datetime) -> None:
    """What the expert has asked to correct on the list is granted with it: the expert mends it now.

    Else it would wait for an answer to a time that is not approved any more. Who asked does not grant it (four eyes):
    then it is taken back.
    """
    for asked in CorrectionRequest.objects.filter(session__hour_row__hour_list=list_, state="open").order_by("pk"):
        step = "withdraw" if asked.asked_by_id == by.pk else "accept"
        move(asked, REQUEST[step], by=by, at=at, unit_id=list_.unit_id, answered_at=at, answered_by=by)
