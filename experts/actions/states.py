"""Experts: on a break, active again, ended, with reasons; absences."""

from datetime import date, datetime

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from experts.actions.common import coordinator_only
from experts.models import Absence, Contract, Expert
from experts.states import EXPERT
from office.actions import log, move
from office.choices import Role
from office.errors import Refused
from office.models import User
from office.saving import readable, save
from office.workdays import local_date


def pause(expert: Expert, *, by: User, at: datetime, reason: str = "", until: date | None = None) -> None:
    """On a break: not found by units; what is agreed stays. From the day ``until`` on the expert is found again.

    Again with another reason or day: changes the break. Again with the same: nothing.
    """
    today = local_date(at)
    if until is not None and until <= today:
        raise Refused(_("The first day back is after today."))
    _known(reason)
    with readable():
        expert.refresh_from_db(fields=["state", "state_reason", "pause_until", "state_since"])
        if expert.state == Expert.State.PAUSED and (expert.state_reason, expert.pause_until) == (reason, until):
            return
        since = expert.state_since if expert.state_on(today) == Expert.State.PAUSED else today
        move(
            expert, EXPERT["pause"], by=by, at=at, state_reason=reason, state_since=since, pause_until=until,
            facts={"why": reason, "until": until.isoformat() if until else ""},
        )  # fmt: skip


def resume(expert: Expert, *, by: User, at: datetime) -> None:
    """Active again."""
    with readable():
        move(
            expert, EXPERT["resume"], by=by, at=at, state_reason="", state_since=local_date(at), pause_until=None
        )  # fmt: skip


def end(expert: Expert, *, by: User, at: datetime, reason: str = "") -> None:
    """The expert leaves. Refused while a contract holds: ending it makes sure that no agreed session is forgotten.

    The account stays, so that the last hour list can be sent and statements read.
    """
    _known(reason)
    with readable():
        holds = Q(valid_to__isnull=True) | Q(valid_to__gt=local_date(at))
        if expert.contracts.filter(holds, state=Contract.State.IN_FORCE).exists():
            raise Refused(_("A contract is still in force. End it first."))
        move(
            expert, EXPERT["end"], by=by, at=at, state_reason=reason, state_since=local_date(at), pause_until=None,
            facts={"why": reason},
        )  # fmt: skip


def _known(reason: str) -> None:
    if reason and reason not in Expert.StateReason.values:
        raise Refused(_("Choose one of the reasons."))


def _own_or_coordinator(expert: Expert, by: User) -> None:
    if expert.user_id != by.pk or not by.has_role(Role.EXPERT):
        coordinator_only(by)


def add_absence(expert: Expert, first_day: date, last_day: date, *, by: User, at: datetime) -> Absence:
    """Days (both included) on which the expert takes no work. What is agreed on them stays. The same again: nothing.

    Refused for days that are all past and for an end before the beginning.
    """
    _own_or_coordinator(expert, by)
    if last_day < first_day:
        raise Refused(_("The end is before the beginning."))
    if last_day < local_date(at):
        raise Refused(_("These days are past already."))
    with readable():
        Expert.objects.select_for_update().get(pk=expert.pk)
        known = expert.absences.filter(first_day=first_day, last_day=last_day).first()
        if known is not None:
            return known
        made = Absence(expert=expert, first_day=first_day, last_day=last_day)
        save(made)
        log("expert.absence", expert, by=by, at=at, first=first_day.isoformat(), last=last_day.isoformat())
    return made


def remove_absence(absence: Absence, *, by: User, at: datetime) -> None:
    """The expert can work on these days after all. Twice is harmless."""
    _own_or_coordinator(absence.expert, by)
    with readable():
        first, last = absence.first_day.isoformat(), absence.last_day.isoformat()
        gone, _by_model = Absence.objects.filter(pk=absence.pk).delete()
        if gone:
            log("expert.absence_removed", absence.expert, by=by, at=at, first=first, last=last)
