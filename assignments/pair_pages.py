"""What pages of a session tell of the other one of two experts: who, their session, for both or for one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from assignments import actions
from assignments.actions.moves import UNIT_SIDE
from assignments.actions.outcomes import FOR_BOTH, Option
from assignments.actions.people import acts_as
from assignments.models import Move, Session
from assignments.pairs import at_the_same_time, name_of_other, other_of
from assignments.rules import Event
from assignments.states import OrderState
from experts.seen import name_for, person_for
from experts.shown import Stage
from office.models import User
from office.requests import Request


@dataclass(frozen=True)
class Other:
    """The other one of two experts, and their session of the same time, as the reader may see it."""

    name: str
    session: Session | None
    sees: bool


def other_for(reader: User, found: Session) -> Other | None:
    """Of an order kept together with another one; one query."""
    other = other_of(found.order)
    if other is None or other.state != OrderState.AGREED:
        return None
    same = other.sessions.filter(starts_at=found.starts_at, ends_at=found.ends_at).order_by("-pk")
    sees = bool(acts_as(reader, found.unit_id, None))
    return Other(name_of_other(reader, other), same.first(), sees)


def proposer_name(reader: User, waiting: Move, found: Session) -> str:
    """Who proposed the new time: a fellow expert by no more than they show."""
    other = other_of(found.order)
    if other is not None and other.expert is not None and other.expert.user_id == waiting.proposed_by_id:
        return name_of_other(reader, other)
    return person_for(reader, waiting.proposed_by, found.expert, Stage.AFTER)


def beside_of(request: Request, found: Session, event: Event) -> tuple[Session | None, bool]:
    """The other expert's session of the same time, and whether both are meant: unless the address says one. Only what
    the unit says (FOR_BOTH).
    """
    parts = acts_as(request.user, found.unit_id, found.expert)
    if event not in FOR_BOTH or not parts & UNIT_SIDE:
        return None, False
    beside = at_the_same_time(found)
    return beside, beside is not None and request.GET.get("for") != "one"


def option_of(beside: Session, event: Event, by: User, at: datetime) -> Option | None:
    return next((one for one in actions.options(beside, at=at, by=by) if one.event is event), None)


def for_whom(reader: User, found: Session, beside: Session | None, *, both: bool) -> list[dict[str, Any]]:
    """The choice: both experts, or the one whose session this is."""
    if beside is None or found.expert is None:
        return []
    own = name_for(reader, found.expert, Stage.AFTER)
    return [
        {"count": 2, "label": _("For both experts"), "detail": "", "url": "?for=both", "current": both},
        {"count": 1, "label": _("Only %(expert)s") % {"expert": own}, "detail": "", "url": "?for=one",
         "current": not both},
    ]  # fmt: skip


def why_alone(reader: User, found: Session, event: Event) -> str:
    """Why only one of two experts is meant, in words; "" when there is one expert, or it is always both's."""
    other = other_of(found.order)
    if other is None or other.state != OrderState.AGREED or event is Event.GROUP_ENDED:
        return ""
    name = name_of_other(reader, other)
    if event in FOR_BOTH:
        return _("Only this session: %(other)s has no agreed session at the same time.") % {"other": name}
    return _("This concerns one expert only; the session of %(other)s stays as it is.") % {"other": name}


def why_alone_moved(reader: User, found: Session) -> str:
    other = other_of(found.order)
    if other is None or other.state != OrderState.AGREED:
        return ""
    return _("Only this session is moved: %(other)s has no agreed session at the same time.") % {
        "other": name_of_other(reader, other)
    }
