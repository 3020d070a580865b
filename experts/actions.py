"""The only writers of the registry."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from experts.messages import CONTRACT_ENDED, CONTRACT_IN_FORCE
from experts.models import Contract, Expert, ExpertTopic, ReadLog, TaxCard, Topic
from experts.states import CONTRACT, EXPERT
from office import people
from office.actions import log, move
from office.choices import Role
from office.errors import Conflict, Refused
from office.models import LogEntry, User
from office.outbox import post
from office.saving import readable, save, trigger_says
from office.workdays import local_date

trigger_says(
    "contract_keeps_its_sessions",
    _("There are agreed sessions that this contract would no longer cover. Move or cancel them first."),
)

#: What an expert may change of their own record. (Topics and consent apart: ``set_topics``.)
OWN_FIELDS = frozenset({"phone", "municipality", "language", "introduction_fi", "introduction_sv"})


def _coordinator(by: User) -> None:
    if not by.has_role(Role.COORDINATOR):
        raise Refused(_("You may not do this."))


def noted_read(expert: Expert | None, what: str, *, by: User, at: datetime) -> None:
    """Notes a look at a full record (``page``), an export, or a search by topic. One's own record is no look."""
    if expert is None or expert.user_id != by.pk:
        ReadLog.objects.create(at=at, reader=by, expert=expert, what=what)


def add_expert(
    fields: Mapping[str, Any],
    topics: Mapping[int, bool] | None = None,
    *,
    by: User,
    at: datetime,
    account: bool = False,
) -> Expert:
    """A new expert; ``topics`` are topic ids and whether units may see them. Refused with a sentence when invalid."""
    _coordinator(by)
    expert = Expert(**fields)
    expert.payroll_number = expert.payroll_number or None
    with transaction.atomic():
        save(expert)
        log("expert.add", expert, by=by, at=at)
        if topics:
            set_topics(expert, topics, by=by, at=at)
        if account:
            give_account(expert, by=by, at=at)
    return expert


def version(expert: Expert) -> int:
    """A number that grows with every change of the record: the form carries it, so that nothing is overwritten."""
    return LogEntry.objects.of(expert).values_list("pk", flat=True).last() or 0


def change_record(
    expert: Expert,
    fields: Mapping[str, Any],
    topics: Mapping[int, bool],
    *,
    seen: int,
    by: User,
    at: datetime,
) -> None:
    """Changes record and topics together. Conflict when somebody has changed it since version ``seen`` was shown.

    A consent withdrawn meanwhile must not come back with an old form.
    """
    with transaction.atomic():
        Expert.objects.select_for_update().get(pk=expert.pk)
        if version(expert) != seen:
            raise Conflict(
                _("Somebody has changed this record since you opened it. Open it again and make your changes anew.")
            )
        change_expert(expert, fields, by=by, at=at)
        set_topics(expert, topics, by=by, at=at)


def change_expert(expert: Expert, fields: Mapping[str, Any], *, by: User, at: datetime) -> None:
    """Changes the record; only the names of changed fields are logged. The account follows name and address."""
    own = expert.user_id == by.pk and set(fields) <= OWN_FIELDS
    if not own:
        _coordinator(by)
    fields = dict(fields)
    if "payroll_number" in fields:
        fields["payroll_number"] = fields["payroll_number"] or None
    with readable():
        expert = Expert.objects.select_for_update(of=("self",)).select_related("user").get(pk=expert.pk)
        changed = [name for name, value in fields.items() if getattr(expert, name) != value]
        if not changed:
            return
        for name in changed:
            setattr(expert, name, fields[name])
        save(expert)
        if expert.user is not None:
            _account_follows(expert, expert.user, changed, by=by, at=at)
        log("expert.change", expert, by=by, at=at, fields=sorted(changed))


def _account_follows(expert: Expert, user: User, changed: list[str], *, by: User, at: datetime) -> None:
    if "email" in changed:
        if not expert.email:
            raise Refused(_("The expert signs in with the e-mail address, so it cannot be empty."))
        people.change_email(user, expert.email, by=by, at=at)
    shared = [name for name in ("first_name", "last_name", "phone", "language") if name in changed]
    if shared:
        for name in shared:
            setattr(user, name, getattr(expert, name))
        save(user, update_fields=shared)


def give_account(expert: Expert, *, by: User, at: datetime) -> User:
    """An account with the role of an expert; one that exists with the address is used. Twice is harmless."""
    _coordinator(by)
    if expert.user is not None:
        return expert.user
    if not expert.email:
        raise Refused(_("An account needs an e-mail address."))
    with readable():
        user = people.find_or_add(
            email=expert.email,
            first_name=expert.first_name,
            last_name=expert.last_name,
            phone=expert.phone,
            language=expert.language,
            by=by,
            at=at,
        )
        if Expert.objects.filter(user=user).exists():
            raise Refused(_("Another expert has this account."))
        people.grant(user, Role.EXPERT, by=by, at=at)
        expert.user = user
        expert.save(update_fields=["user"])
        log("expert.account", expert, by=by, at=at)
    return user


def set_topics(expert: Expert, topics: Mapping[int, bool], *, by: User, at: datetime) -> None:
    """The expert's topics and which of them units may see. An expert changes only the consent for what is there.

    The log tells how many, never which: topics reveal health.
    """
    with readable():
        Expert.objects.select_for_update().get(pk=expert.pk)
        before = dict(expert.expert_topics.values_list("topic_id", "published"))
        if before == dict(topics):
            return
        if expert.user_id != by.pk:
            _coordinator(by)
        elif not by.has_role(Role.COORDINATOR) and set(before) != set(topics):
            raise Conflict(_("Your topics have changed meanwhile. Look at the page again."))
        expert.expert_topics.exclude(topic_id__in=topics).delete()
        for topic_id, published in topics.items():
            if before.get(topic_id) != published:
                ExpertTopic.objects.update_or_create(
                    expert=expert, topic_id=topic_id, defaults={"published": published}
                )
        shown = sum(topics.values())
        log("expert.topics", expert, by=by, at=at, topics=len(topics), shown=shown)


def pause(expert: Expert, *, by: User, at: datetime) -> None:
    """On a break: not found by units; what is agreed stays."""
    with readable():
        move(expert, EXPERT["pause"], by=by, at=at)


def resume(expert: Expert, *, by: User, at: datetime) -> None:
    """Active again."""
    with readable():
        move(expert, EXPERT["resume"], by=by, at=at)


def end(expert: Expert, *, by: User, at: datetime) -> None:
    """The expert leaves. Refused while a contract holds: ending it makes sure that no agreed session is forgotten.

    The account stays, so that the last hour list can be sent and statements read.
    """
    with readable():
        holds = Q(valid_to__isnull=True) | Q(valid_to__gt=local_date(at))
        if expert.contracts.filter(holds, state=Contract.State.IN_FORCE).exists():
            raise Refused(_("A contract is still in force. End it first."))
        move(expert, EXPERT["end"], by=by, at=at)


def save_contract(contract: Contract, *, by: User, at: datetime) -> Contract:
    """Writes or changes a draft. Refused when it is no draft any more or names no kind of work."""
    _coordinator(by)
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
    _coordinator(by)
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


def note_tax_card(
    expert: Expert, *, year: int, kind: str, delivered_on: date | None, by: User, at: datetime
) -> TaxCard:
    """Notes that the tax card of the year was delivered to the payroll house (R21); nothing of the card is kept."""
    if expert.user_id != by.pk:
        _coordinator(by)
    with readable():
        card, _made = TaxCard.objects.update_or_create(
            expert=expert, year=year, kind=kind, defaults={"delivered_on": delivered_on, "noted_by": by}
        )
        log("expert.tax_card", expert, by=by, at=at, year=year, card=kind, delivered=delivered_on is not None)
    return card


def save_topic(topic: Topic, *, by: User, at: datetime) -> None:
    """Adds or changes an experience topic."""
    _coordinator(by)
    new = topic.pk is None
    with transaction.atomic():
        save(topic)
        log("topic.add" if new else "topic.change", topic, by=by, at=at)
