"""The regular coordination meeting: kept by the coordinator; the unit's people tick off what they have done."""

from datetime import date, datetime

from django.utils.translation import gettext as _

from assignments.actions.common import act, no_codes
from assignments.models import CoordinationMeeting, MeetingDecision, Order
from office.actions import log
from office.choices import ORDERERS, Role
from office.errors import Conflict, Refused
from office.models import Unit, User
from office.saving import save


def _coordinator(user: User) -> None:
    if not user.has_role(Role.COORDINATOR):
        raise Refused(_("You may not do this."))


@act
def write_meeting(
    unit: Unit | None, *, held_at: datetime, since: datetime, note: str = "", by: User, at: datetime
) -> CoordinationMeeting:
    """A meeting about a unit, or about all (None); its agenda is what changed from ``since`` to ``held_at``.

    A second click gives the same one.
    """
    _coordinator(by)
    no_codes(note)
    if since >= held_at:
        raise Refused(_("The changes begin before the meeting."))
    User.objects.select_for_update().get(pk=by.pk)  # two clicks come one after the other
    same = CoordinationMeeting.objects.filter(
        unit=unit, held_at=held_at, since=since, note=note.strip(), made_by=by
    ).first()
    if same is not None:
        return same
    made = CoordinationMeeting(unit=unit, held_at=held_at, since=since, note=note.strip(), made_by=by)
    save(made)
    log("meeting.write", made, by=by, at=at)
    return made


@act
def change_meeting(meeting: CoordinationMeeting, *, held_at: datetime, note: str, by: User, at: datetime) -> None:
    """Another moment, or what was noted at the meeting."""
    _coordinator(by)
    no_codes(note)
    if meeting.since >= held_at:
        raise Refused(_("The changes begin before the meeting."))
    meeting.held_at, meeting.note = held_at, note.strip()
    save(meeting)
    log("meeting.write", meeting, by=by, at=at)


@act
def add_decision(
    meeting: CoordinationMeeting,
    text: str,
    *,
    who: str = "",
    person: User | None = None,
    due: date | None = None,
    order: Order | None = None,
    by: User,
    at: datetime,
) -> MeetingDecision:
    """What was decided, who does it and until when. A second click gives the same one, while it is not done."""
    _coordinator(by)
    no_codes(text, who)
    if not text.strip():
        raise Refused(_("Write what was decided."))
    if order is not None and meeting.unit_id is not None and order.unit_id != meeting.unit_id:
        raise Refused(_("The order belongs to another unit."))
    told = who.strip() or (str(person) if person else "")
    CoordinationMeeting.objects.select_for_update().get(pk=meeting.pk)  # two clicks come one after the other
    said = {"text": text.strip(), "who": told, "person": person, "due": due, "order": order}
    same = MeetingDecision.objects.filter(meeting=meeting, done_at=None, **said).first()
    if same is not None:
        return same
    made = MeetingDecision(meeting=meeting, **said)
    save(made)
    log("decision.write", meeting, by=by, at=at, decision=made.pk)
    return made


@act
def mark_decision(decision: MeetingDecision, *, done: bool, by: User, at: datetime) -> MeetingDecision:
    """Done, or not done after all: the coordinator, and the unit's people for a meeting about their unit."""
    meeting = decision.meeting
    of_unit = meeting.unit_id is not None and by.holdings.holds(ORDERERS, meeting.unit_id)
    if not of_unit and not by.has_role(Role.COORDINATOR):
        raise Refused(_("You may not do this."))
    moment = at if done else None
    changed = MeetingDecision.objects.filter(pk=decision.pk, done_at__isnull=done).update(done_at=moment)
    if not changed:
        raise Conflict(_("This has changed meanwhile. Look at the page again."))
    decision.done_at = moment
    log("decision.done" if done else "decision.not_done", meeting, by=by, at=at, decision=decision.pk)
    return decision
