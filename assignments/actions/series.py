"""Changing several sessions of an order at once: this one, this and the following, or all still ahead.

What it costs is counted here again when it is done; if that is not what the person saw, nothing is changed (T1). Each
session keeps its own limit (R13). All in one transaction.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256

from django.db.models import Prefetch
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assignments import messages, texts
from assignments.actions.announcing import announce_each, by_order
from assignments.actions.common import act, no_codes
from assignments.actions.conditions import ZERO
from assignments.actions.outcomes import EVENT_ROLES, Facts, close, examine
from assignments.actions.people import must_be
from assignments.models import Move, Session
from assignments.pairs import other_of
from assignments.rules import Event, Outcome
from assignments.states import SessionState
from experts.readers import who_hears
from office.actions import log
from office.choices import ORDERERS, Role
from office.errors import Conflict, Refused
from office.models import User
from office.outbox import post

#: What can be said of several sessions that are still ahead.
EVENTS = (Event.ORDERER_CANCELLED, Event.EXPERT_CANCELLED, Event.EXPERT_ILL)


class Scope(StrEnum):
    """How many of the order's agreed sessions."""

    ONE = "one"
    FOLLOWING = "following"
    AHEAD = "ahead"


class SeenOther(Conflict):
    """What would happen is no longer what the person saw (T1): nothing is changed, look at it again."""


def covered(session: Session, scope: Scope, *, at: datetime, locked: bool = False, both: bool = False) -> list[Session]:
    """The agreed sessions of the order that have not begun and that the scope means, in order of time; with ``both``
    those of the other expert of two, too.
    """
    other = other_of(session.order) if both else None
    orders = [session.order_id, *([other.pk] if other else [])]
    rows = Session.objects.filter(order__in=orders, state=SessionState.AGREED, starts_at__gt=at)
    if scope is Scope.ONE:
        rows = rows.filter(starts_at=session.starts_at, ends_at=session.ends_at)
    elif scope is Scope.FOLLOWING:
        rows = rows.filter(starts_at__gte=session.starts_at)
    rows = rows.select_related("order__unit", "order__orderer", "unit", "expert__user", "fee_item")
    rows = rows.prefetch_related(Prefetch("moves", Move.objects.select_related("proposed_by"))).order_by(
        "starts_at", "pk"
    )
    return list(rows.select_for_update(of=("self",)) if locked else rows)


def seal_of(facts: Iterable[object]) -> str:
    """A short mark of what the page showed, to be sent back."""
    return sha256("|".join(map(str, facts)).encode()).hexdigest()[:16]


# --- cancelling ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Part:
    """One session and what would follow."""

    session: Session
    facts: Facts

    @property
    def late(self) -> bool:
        return self.facts.verdict.outcome == Outcome.CANCELLED_LATE

    @property
    def total(self) -> Decimal:
        return self.facts.consequence.total

    @property
    def words(self) -> str:
        return texts.describe_consequence(self.facts.verdict, self.facts.consequence)


@dataclass(frozen=True)
class Cancelling:
    """How many sessions, and what it costs: the same on the page and when it is done."""

    parts: Sequence[Part]

    @property
    def count(self) -> int:
        return len(self.parts)

    @property
    def late(self) -> int:
        return sum(part.late for part in self.parts)

    @property
    def total(self) -> Decimal:
        return sum((part.total for part in self.parts), ZERO)

    @property
    def seal(self) -> str:
        return seal_of((part.session.pk, part.facts.verdict.outcome, part.total) for part in self.parts)

    @property
    def words(self) -> str:
        """How many, how many late, and the sum."""
        told = ngettext("%(count)s session", "%(count)s sessions", self.count) % {"count": self.count}
        if not self.late:
            return _("%(sessions)s, nothing is paid") % {"sessions": told}
        return _("%(sessions)s, %(late)s of them after the limit: %(total)s is paid") % {
            "sessions": told, "late": self.late, "total": texts.money(self.total),
        }  # fmt: skip


def preview_cancel(
    sessions: Sequence[Session], event: Event, *, at: datetime, received_at: datetime | None = None
) -> Cancelling:
    """What cancelling these would pay at ``at``; changes nothing. Raises Refused and RuleError."""
    return Cancelling([Part(one, examine(one, event, at=at, received_at=received_at)) for one in sessions])


@act
def cancel_series(
    session: Session,
    scope: Scope,
    event: Event = Event.ORDERER_CANCELLED,
    *,
    seen: str,
    by: User,
    at: datetime,
    received_at: datetime | None = None,
    told_by: str = "",
    both: bool = False,
) -> Cancelling:
    """Cancels every session that the scope means. ``seen``: the seal of what the person saw.

    ``both``: also those of the other one of two experts; the unit's word, never an expert's.

    Raises SeenOther when it is another number or sum by now (T1), Refused; nothing is changed then.
    """
    if event not in EVENTS:
        raise Refused(_("This cannot be said of several sessions at once."))
    must_be(by, EVENT_ROLES[event], session.unit_id, session.expert)
    if both and event is not Event.ORDERER_CANCELLED:
        raise Refused(_("This can be said of one expert's sessions only."))
    sessions = covered(session, scope, at=at, locked=True, both=both)
    if not sessions:
        raise Conflict(_("There are no agreed sessions ahead any more. Look at the page again."))
    found = Cancelling(
        [Part(one, examine(one, event, at=at, received_at=received_at, told_by=told_by)) for one in sessions]
    )
    if found.seal != seen:
        raise SeenOther(
            _("This is something else than the page showed before. Now: %(words)s. Check and confirm.")
            % {"words": found.words}
        )
    for part in found.parts:
        close(part.session, part.facts, by=by, at=at)
    announce_each(by_order(sessions), by=by, at=at)
    return found


# --- another place ---------------------------------------------------------------------------------------------------


@act
def change_place(session: Session, scope: Scope, place: str, *, seen: int, by: User, at: datetime) -> int:
    """Another place for the sessions; the expert is told. Fee and agreed travel stay. Returns how many were changed.

    Two experts kept together meet in one place: the sessions of both are changed.
    ``seen``: how many the person saw. Raises SeenOther, Refused.
    """
    must_be(by, ORDERERS | {Role.COORDINATOR}, session.unit_id)
    no_codes(place)
    if not place.strip():
        raise Refused(_("Write the place."))
    sessions = covered(session, scope, at=at, locked=True, both=True)
    if len(sessions) != seen or not sessions:
        raise SeenOther(_("The number of sessions has changed meanwhile. Check and confirm."))
    changed = [one for one in sessions if one.place != place.strip()]
    for one in changed:
        was, one.place = one.place, place.strip()
        one.save(update_fields=["place"])
        log("session.place", one, by=by, at=at, was=was, place=one.place)
    for of_one in by_order(changed):
        first = of_one[0]
        if first.expert is not None:
            post(
                messages.PLACE_CHANGED, who_hears(first.expert), about=first, at=at, session=first, order=first.order,
                count=len(of_one),
            )  # fmt: skip
    return len(changed)
