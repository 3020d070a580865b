"""Sessions as calendar entries: one for each, the same one when it has been moved."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Count, Max
from django.utils.translation import gettext as _

from assignments.models import Session
from assignments.states import Outcome, SessionState
from office.addresses import addresses
from office.choices import TASK_TYPES
from office.ical import Entry, Status, host
from office.models import LogEntry
from office.templatetags.erfa import localname

#: Outcomes after which the time is free again.
OFF = frozenset(
    {
        Outcome.CANCELLED_IN_TIME,
        Outcome.CANCELLED_LATE,
        Outcome.EXPERT_ILL,
        Outcome.EXPERT_CANCELLED,
        Outcome.GROUP_ENDED,
        Outcome.MOVED,
    }
)


@dataclass(frozen=True)
class Changes:
    """How often an entry has changed, and when last."""

    number: int
    last: datetime


def uid(session: Session) -> str:
    """The same for every time that a session has been moved to."""
    return f"session-{session.began_as_id or session.pk}@{host(settings.SITE_URL)}"


def changes(sessions: Iterable[Session]) -> dict[int, Changes]:
    """By the first session of each: the rows of the history of all times it has had (two queries)."""
    roots = {session.began_as_id or session.pk for session in sessions}
    family = {pk: pk for pk in roots}
    family |= dict(Session.objects.filter(began_as__in=roots).values_list("pk", "began_as_id"))
    rows = (
        LogEntry.objects.filter(object_type="assignments.session", object_id__in=family)
        .order_by()
        .values_list("object_id")
        .annotate(number=Count("pk"), last=Max("at"))
    )
    found: dict[int, Changes] = {}
    for pk, number, last in rows:
        before = found.get(family[pk])
        found[family[pk]] = Changes(
            number + (before.number if before else 0), max(last, before.last) if before else last
        )
    return found


def entries(sessions: Sequence[Session]) -> list[Entry]:
    """Agreed sessions and what became of them; titles tell the kind of work only. A moved time has no entry of its own:
    the entry stands at the new time.
    """
    kinds = {kind: str(word) for kind, word in TASK_TYPES}
    changed = changes(sessions)
    to_session = addresses("assignments:session")
    found = []
    for session in sessions:
        if session.state not in {SessionState.AGREED, SessionState.CLOSED} or session.outcome == Outcome.MOVED:
            continue
        off = session.outcome in OFF
        title = kinds.get(session.kind, session.kind)
        history = changed.get(session.began_as_id or session.pk)
        found.append(
            Entry(
                uid=uid(session),
                starts_at=session.done_starts_at or session.starts_at,
                ends_at=session.done_ends_at or session.ends_at,
                title=_("Cancelled: %(what)s") % {"what": title} if off else title,
                changed_at=history.last if history else session.starts_at,
                sequence=max(history.number - 1, 0) if history else 0,
                status=Status.CANCELLED if off else Status.CONFIRMED,
                place=", ".join(part for part in (localname(session.unit), session.place) if part),
                url=settings.SITE_URL + to_session(session.pk),
            )
        )
    return found
