"""Commission contracts (R26)."""

from datetime import date, datetime

from django.utils.translation import gettext_lazy as _

from experts.actions.common import coordinator_only
from experts.messages import CONTRACT_ENDED, CONTRACT_IN_FORCE
from experts.models import Contract
from experts.states import CONTRACT
from office.actions import log, move
from office.errors import Conflict, Refused
from office.models import User
from office.outbox import post
from office.saving import readable, save, trigger_says

trigger_says(
    "contract_keeps_its_sessions",
    _("There are agreed sessions that this contract would no longer cover. Move or cancel them first."),
)


def save_contract(contract: Contract, *, by: User, at: datetime) -> Contract:
    """Writes or changes a draft. Refused when it is no draft any more or names no kind of work."""
    coordinator_only(by)
    if not contract.kinds:
        raise Refused(_("Choose at least one kind of work."))
    with readable():
        new = contract.pk is None
        if not new:
            state = Contract.objects.select_for_update().values_list("state", flat=True).get(pk=contract.pk)
            if state != Contract.State.DRAFT:
                raise Conflict(_("A contract in force is not changed. End it and make a new one."))
        save(contract)
        log("contract.add" if new else "contract.change", contract, by=by, at=at)
    return contract


def remove_draft(contract: Contract, *, by: User, at: datetime) -> None:
    """Removes a draft; the expert's history says so."""
    coordinator_only(by)
    with readable():
        removed, _rows = Contract.objects.filter(pk=contract.pk, state=Contract.State.DRAFT).delete()
        if not removed:
            raise Conflict(_("Only a draft can be removed."))
        log("expert.draft_removed", contract.expert, by=by, at=at)


def sign_contract(contract: Contract, *, signed_on: date, by: User, at: datetime) -> None:
    """Puts a draft in force. Refused when another contract holds on some of its days."""
    with readable():
        move(contract, CONTRACT["sign"], by=by, at=at, signed_on=signed_on, facts={"signed_on": signed_on.isoformat()})
        post(CONTRACT_IN_FORCE, contract.expert.user, about=contract, at=at, once="in force")


def end_contract(contract: Contract, *, last_day: date, reason: str = "", by: User, at: datetime) -> None:
    """Ends a contract early with ``last_day`` as its last. Refused while sessions are agreed after it (trigger)."""
    if last_day < contract.valid_from:
        raise Refused(_("The last day is before the contract begins."))
    if contract.valid_to is not None and last_day > contract.valid_to:
        raise Refused(_("The contract ends before that already. To go on, make a new contract."))
    with readable():
        facts = {"last_day": last_day.isoformat()}
        move(contract, CONTRACT["end"], by=by, at=at, reason=reason, facts=facts, valid_to=last_day)
        post(CONTRACT_ENDED, contract.expert.user, about=contract, at=at, once="ended")
