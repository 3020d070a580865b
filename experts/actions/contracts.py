"""Commission contracts (R26): drafted, sent, accepted, signed, ended. Nobody signs or ends their own for the county."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, Q
from django.utils.translation import gettext_lazy as _

from experts import contract_fill, messages, rules
from experts.actions.common import coordinator_only
from experts.models import Contract, ContractPaper, ContractText, Expert
from experts.states import CONTRACT
from feetables.models import FeeTable
from office.actions import log, move
from office.choices import Role
from office.errors import Conflict, Refused
from office.models import RoleGrant, User
from office.outbox import post
from office.saving import readable, save, trigger_says
from office.workdays import local_date

trigger_says(
    "contract_keeps_its_sessions",
    _("There are agreed sessions that this contract would no longer cover. Move or cancel them first."),
)
trigger_says("sent_contract_is_never_changed", _("What was sent to the expert is not changed. Take it back first."))
trigger_says("contract_hash_is_of_its_text", _("The text and its hash do not belong together."))
trigger_says("contract_paper_is_never_changed", _("A paper of a contract in force stays as it is."))

CHANGED = _("The text of the contract has changed since you opened the page. Read it again.")
#: What a contract loses when it goes back to being a draft.
UNSENT: dict[str, Any] = {
    "text": "",
    "text_hash": "",
    "text_version": None,
    "sent_at": None,
    "sent_by": None,
    "accepted_how": "",
    "accepted_at": None,
    "accepted_by": None,
    "accepted_hash": "",
    "accepted_on": None,
}


def is_own(contract: Contract, by: User) -> bool:
    """Whether the contract is about the person (P8)."""
    return contract.expert.user_id is not None and contract.expert.user_id == by.pk


def for_the_county(contract: Contract, by: User) -> None:
    """Refuses who is no coordinator, and a coordinator whose own contract it is."""
    coordinator_only(by)
    if is_own(contract, by):
        raise Refused(_("This is your own contract. Another coordinator makes, signs and ends it."))


def _locked(contract: Contract) -> Contract:
    return (
        Contract.objects.select_for_update(of=("self",)).select_related("expert__user", "fee_table").get(pk=contract.pk)
    )


def save_contract(contract: Contract, *, by: User, at: datetime) -> Contract:
    """Writes or changes a draft. Refused when it names no kind of work, Conflict when it is no draft any more."""
    for_the_county(contract, by)
    if not contract.kinds:
        raise Refused(_("Choose at least one kind of work."))
    with readable():
        new = contract.pk is None
        if not new:
            state = Contract.objects.select_for_update().values_list("state", flat=True).get(pk=contract.pk)
            if state != Contract.State.DRAFT:
                raise Conflict(_("Only a draft is changed. Take the contract back, or end it and make a new one."))
        save(contract)
        log("contract.add" if new else "contract.change", contract, by=by, at=at)
    return contract


def remove_draft(contract: Contract, *, by: User, at: datetime) -> None:
    """Removes a draft; the expert's history says so."""
    for_the_county(contract, by)
    with readable():
        removed, _rows = Contract.objects.filter(pk=contract.pk, state=Contract.State.DRAFT).delete()
        if not removed:
            raise Conflict(_("Only a draft can be removed."))
        log("expert.draft_removed", contract.expert, by=by, at=at)


def text_for(contract: Contract) -> ContractText | None:
    """The text in use in the draft's language; ``overlaps`` on it: whether another contract holds on a day of it."""
    others = Contract.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gte=contract.valid_from),
        expert=contract.expert_id,
        state__in=Contract.HOLDING,
    ).exclude(pk=contract.pk)
    if contract.valid_to is not None:
        others = others.filter(valid_from__lte=contract.valid_to)
    texts = ContractText.objects.filter(language=contract.language, state=ContractText.State.IN_USE)
    return texts.annotate(overlaps=Exists(others)).first()


def check_ready(contract: Contract, version: ContractText | None, at: datetime) -> ContractText:
    """The text (of ``text_for``) for a draft that can be sent; otherwise Refused."""
    if version is None:
        raise Refused(_("There is no contract text in use in this language yet."))
    if contract.fee_table is None or contract.fee_table.state != FeeTable.State.APPROVED:
        raise Refused(_("Choose an approved fee table: the contract names it and its decision."))
    if contract.valid_to is not None and contract.valid_to < local_date(at):
        raise Refused(_("The last day of the contract is over already."))
    if contract.expert.state == Expert.State.ENDED:
        raise Refused(_("The expert has left. Make the expert active first."))
    if version.overlaps:  # type: ignore[attr-defined]  # annotated
        raise Refused(_("The expert has another contract on some of these days."))
    return version


def preview_hash(contract: Contract) -> str:
    """The hash of the text as a draft would be sent now; empty when no text is in use in its language."""
    version = text_for(contract)
    return rules.hash_of(contract_fill.text_of(contract, version)) if version else ""


def send_contract(contract: Contract, *, seen: str, by: User, at: datetime) -> Contract:
    """Sends a draft to the expert: the text is filled and frozen with its hash, and changes no more.

    ``seen``: the hash of the preview that the sender looked at; another text by now is a Conflict.
    """
    for_the_county(contract, by)
    with readable():
        contract = _locked(contract)
        if contract.state != Contract.State.DRAFT:
            raise Conflict(_("The contract has been sent already. Look at the page again."))
        version = check_ready(contract, text_for(contract), at)
        text = contract_fill.text_of(contract, version)
        if rules.hash_of(text) != seen:
            raise Conflict(CHANGED)
        move(
            contract, CONTRACT["send"], by=by, at=at, facts={"text_version": str(version), "hash": seen},
            text_version=version, text=text, text_hash=seen, sent_at=at, sent_by=by,
        )  # fmt: skip
        post(messages.CONTRACT_SENT, contract.expert.user, about=contract, at=at)
    return contract


def accept_contract(contract: Contract, *, seen: str, by: User, at: datetime) -> Contract:
    """The expert's yes, signed in: the moment, the person and the hash of the text that was read are kept.

    Twice by the same person is harmless. Conflict when the text is another than the one read.
    """
    if not is_own(contract, by):
        raise Refused(_("You may not do this."))
    with readable():
        contract = _locked(contract)
        if contract.state == Contract.State.ACCEPTED and contract.accepted_hash == seen:
            return contract
        if contract.state == Contract.State.SENT and contract.text_hash != seen:
            raise Conflict(CHANGED)
        _check_days(contract, at)
        facts = {"hash": seen, "text_version": str(contract.text_version)}
        move(
            contract, CONTRACT["accept"], by=by, at=at, facts=facts, accepted_how=Contract.How.PROGRAM,
            accepted_at=at, accepted_by=by, accepted_hash=seen, accepted_on=local_date(at),
        )  # fmt: skip
        _tell_coordinators(messages.CONTRACT_ACCEPTED, contract, at=at)
    return contract


def ask_change(contract: Contract, *, word: str, by: User, at: datetime) -> Contract:
    """The expert does not accept it as it is, and says why: a draft again. Possible until the county has signed."""
    if not is_own(contract, by):
        raise Refused(_("You may not do this."))
    return _back_to_draft(contract, "ask_change", word, by=by, at=at)


def take_back(contract: Contract, *, word: str, by: User, at: datetime) -> Contract:
    """The coordinator takes a sent contract back to change it. Possible until the county has signed."""
    for_the_county(contract, by)
    return _back_to_draft(contract, "take_back", word, by=by, at=at)


def _back_to_draft(contract: Contract, step: str, word: str, *, by: User, at: datetime) -> Contract:
    if not word.strip():
        raise Refused(_("Say in a few words what should change."))
    with readable():
        contract = _locked(contract)
        facts = {"hash": contract.text_hash}
        move(contract, CONTRACT[step], by=by, at=at, reason=word.strip(), facts=facts, **UNSENT)
        ContractPaper.objects.filter(contract=contract).delete()
        if step == "ask_change":
            _tell_coordinators(messages.CONTRACT_TO_CHANGE, contract, at=at)
        else:
            post(messages.CONTRACT_TAKEN_BACK, contract.expert.user, about=contract, at=at)
    return contract


def countersign_contract(contract: Contract, *, seen: str, by: User, at: datetime) -> Contract:
    """The county signs what the expert has accepted: in force from its first day. Never the expert themself (P8).

    Refused when another contract holds on some of its days. Conflict when the text is another than the one seen.
    """
    for_the_county(contract, by)
    with readable():
        contract = _locked(contract)
        if contract.state == Contract.State.ACCEPTED and contract.text_hash != seen:
            raise Conflict(CHANGED)
        _check_days(contract, at)
        signed_on = max(local_date(at), contract.accepted_on or local_date(at))
        move(
            contract, CONTRACT["countersign"], by=by, at=at, facts={"hash": contract.text_hash},
            countersigned_at=at, countersigned_by=by, signed_on=signed_on,
        )  # fmt: skip
        post(messages.CONTRACT_IN_FORCE, contract.expert.user, about=contract, at=at, once="in force")
        transaction.on_commit(lambda: _start_paper(contract.pk))
    return contract


def _start_paper(contract_id: int) -> None:
    from experts.tasks import make_contract_paper  # noqa: PLC0415 - tasks import the actions

    make_contract_paper.delay(contract_id)


def _check_days(contract: Contract, at: datetime) -> None:
    if contract.valid_to is not None and contract.valid_to < local_date(at):
        raise Refused(_("The last day of the contract is over already."))


def sign_contract(contract: Contract, *, signed_on: date, by: User, at: datetime) -> None:
    """Puts a draft in force that both signed on paper before it was written here. Refused when another one holds."""
    for_the_county(contract, by)
    with readable():
        facts = {"signed_on": signed_on.isoformat()}
        move(contract, CONTRACT["sign"], by=by, at=at, signed_on=signed_on, facts=facts)
        post(messages.CONTRACT_IN_FORCE, contract.expert.user, about=contract, at=at, once="in force")


def renew_contract(contract: Contract, *, by: User, at: datetime) -> Contract:
    """The draft of the next contract: begins the day after, as long, the same facts. Twice gives the same draft."""
    for_the_county(contract, by)
    with readable():
        contract = _locked(contract)
        if contract.state not in Contract.HOLDING or contract.valid_to is None:
            raise Refused(_("Only a contract that was in force and has a last day is renewed."))
        made = Contract.objects.filter(renewed_from=contract).first()
        if made is not None:
            return made
        begins, ends = rules.renewal(contract.valid_from, contract.valid_to)
        made = Contract(
            expert=contract.expert, valid_from=begins, valid_to=ends, kinds=contract.kinds,
            fee_table=FeeTable.objects.in_force(begins) or contract.fee_table,
            language=contract.language if contract.text_hash else contract.expert.language,
            training=contract.training or contract.expert.training, experience=contract.experience,
            wishes=contract.wishes, tasks=contract.tasks, name_topics=contract.name_topics, renewed_from=contract,
        )  # fmt: skip
        save(made)
        log("contract.add", made, by=by, at=at, renewed_from=contract.pk)
        log("contract.renew", contract, by=by, at=at)
    return made


def check_last_day(contract: Contract, last_day: date) -> None:
    """Whether the contract can end on the day at all. Raises Refused."""
    if last_day < contract.valid_from:
        raise Refused(_("The last day is before the contract begins."))
    if contract.valid_to is not None and last_day > contract.valid_to:
        raise Refused(_("The contract ends before that already. To go on, make a new contract."))


def end_contract(
    contract: Contract,
    *,
    last_day: date,
    reason: str = "",
    end_reason: str = "",
    notice_on: date | None = None,
    by: User,
    at: datetime,
) -> None:
    """Ends a contract early with ``last_day`` as its last. Refused while sessions are agreed after it (trigger)."""
    for_the_county(contract, by)
    check_last_day(contract, last_day)
    with readable():
        facts = {"last_day": last_day.isoformat(), "end_reason": end_reason}
        move(
            contract, CONTRACT["end"], by=by, at=at, reason=reason, facts=facts, valid_to=last_day,
            end_reason=end_reason, notice_on=notice_on,
        )  # fmt: skip
        post(messages.CONTRACT_ENDED, contract.expert.user, about=contract, at=at, once="ended")


def _tell_coordinators(what: messages.Kind, contract: Contract, *, at: datetime) -> None:
    grants = RoleGrant.objects.in_force(at).filter(role=Role.COORDINATOR)
    for person in User.objects.filter(pk__in=grants.values("user"), is_active=True).order_by("pk"):
        if person.pk != contract.expert.user_id:
            post(what, person, about=contract, at=at, expert=contract.expert)
