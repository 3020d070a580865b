"""Experts from a sheet: many at once, with the log rows that the actions one by one would write, in few statements.

Nobody gets a message. ``by`` is None for the office's own command.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import models
from django.db.models import Q

from experts.actions.common import coordinator_only
from experts.actions.registry import TOLD_VALUES, area_names
from experts.models import Area, Contract, Expert, ExpertTopic, TaxCard
from office.choices import Role
from office.kinds import TaskType
from office.models import LogEntry, RoleGrant, User
from office.saving import readable
from office.workdays import local_date

#: What an account has of its expert.
SHARED = ("first_name", "last_name", "phone", "language")


@dataclass
class Brought:
    """One expert as the sheet tells: checked, with the new values set. What is None is left as it is."""

    expert: Expert
    before: Mapping[str, Any] = field(default_factory=dict)  # changed fields of a known expert's record, as they were
    topics: Collection[int] | None = None
    areas: Collection[int] | None = None
    contract: tuple[date, date | None] | None = None
    tax_year: int | None = None


def bring_in(people: Sequence[Brought], *, file: str, by: User | None, at: datetime) -> None:
    """Adds the experts that are not saved yet, with accounts, and changes the others. All or nothing.

    Consent to show a topic is never given by a sheet: new topics are only for the coordinator (R5). A contract of the
    sheet is in force from its first day; one that runs into it ends the day before (R26). Refused with a sentence.
    """
    if by is not None:
        coordinator_only(by)
    noted = _Noted(file, by, at)
    new = [one for one in people if one.expert.pk is None]
    known = [one for one in people if one.expert.pk is not None]
    with readable():
        if new:
            _add(new, noted)
        if known:
            _change([one for one in known if one.before], noted)
        _topics([one for one in people if one.topics is not None], noted)
        _areas([one for one in people if one.areas is not None], noted)
        _contracts([one for one in people if one.contract is not None], noted)
        _tax_cards([one for one in people if one.tax_year is not None], noted)
        LogEntry.objects.bulk_create(noted.entries)


class _Noted:
    """The log rows of the sheet, written together."""

    def __init__(self, file: str, by: User | None, at: datetime) -> None:
        self.file, self.by, self.at = file, by, at
        self.entries: list[LogEntry] = []

    def add(self, kind: str, obj: models.Model, *, from_state: str = "", to_state: str = "", **facts: Any) -> None:
        self.entries.append(
            LogEntry(
                at=self.at,
                actor=self.by,
                kind=kind,
                object_type=obj._meta.label_lower,
                object_id=obj.pk,
                from_state=from_state,
                to_state=to_state,
                facts=facts | {"file": self.file},
            )
        )


def _add(people: Sequence[Brought], noted: _Noted) -> None:
    _accounts([one.expert for one in people if one.expert.email], noted)
    Expert.objects.bulk_create([one.expert for one in people])
    for one in people:
        noted.add("expert.add", one.expert)
        if one.expert.user_id is not None:
            noted.add("expert.account", one.expert)


def _accounts(experts: Iterable[Expert], noted: _Noted) -> None:
    """An account for each new expert, to sign in with by a code; one that exists with the address is used."""
    of_address = {expert.email.lower(): expert for expert in experts}
    known = {user.email.lower(): user for user in User.objects.filter(email__in=of_address)}
    made = [
        User(email=address, password=make_password(None), **{name: getattr(expert, name) for name in SHARED})
        for address, expert in of_address.items()
        if address not in known
    ]
    for user in User.objects.bulk_create(made):
        noted.add("user.add", user)
        known[user.email] = user
    have = set(
        RoleGrant.objects.in_force(noted.at).filter(role=Role.EXPERT, user__in=known.values()).values_list("user_id")
    )
    grants = [
        RoleGrant(user=user, role=Role.EXPERT, valid_from=noted.at) for user in known.values() if (user.pk,) not in have
    ]
    for grant in RoleGrant.objects.bulk_create(grants):
        noted.add("grant.add", grant.user, role=Role.EXPERT.value, person=str(grant.user))
    for address, expert in of_address.items():
        expert.user = known[address]


def _change(people: Sequence[Brought], noted: _Noted) -> None:
    names = sorted({name for one in people for name in one.before})
    if not names:
        return
    Expert.objects.bulk_update([one.expert for one in people], names, batch_size=200)
    for one in people:
        told = {
            name: [old, getattr(one.expert, name)] for name, old in sorted(one.before.items()) if name in TOLD_VALUES
        }
        facts: dict[str, Any] = {"values": told} if told else {}
        noted.add("expert.change", one.expert, fields=sorted(one.before), **facts)
    _accounts_follow([one for one in people if one.expert.user is not None], noted)


def _accounts_follow(people: Sequence[Brought], noted: _Noted) -> None:
    """Sign-in follows the address, and the account the name; the old address opens nothing any more."""
    from allauth.account.models import EmailAddress  # noqa: PLC0415 - needs loaded apps

    changed: list[User] = []
    for one in people:
        user = one.expert.user
        names = [name for name in (*SHARED, "email") if name in one.before]
        if user is None or not names:
            continue
        for name in names:
            setattr(user, name, getattr(one.expert, name))
        changed.append(user)
        if "email" in names:
            EmailAddress.objects.filter(user_id=user.pk).exclude(email__iexact=user.email).delete()
            noted.add("user.email", user)
    User.objects.bulk_update(changed, [*SHARED, "email"], batch_size=200)


def _topics(people: Sequence[Brought], noted: _Noted) -> None:
    rows = ExpertTopic.objects.filter(expert__in=[one.expert for one in people])
    before: dict[int, dict[int, ExpertTopic]] = {}
    for row in rows:
        before.setdefault(row.expert_id, {})[row.topic_id] = row
    gone: list[int] = []
    new: list[ExpertTopic] = []
    for one in people:
        have, wanted = before.get(one.expert.pk, {}), set(one.topics or ())
        if have.keys() == wanted:
            continue
        gone += [row.pk for topic, row in have.items() if topic not in wanted]
        new += [ExpertTopic(expert=one.expert, topic_id=topic) for topic in sorted(wanted - have.keys())]
        shown = sum(row.published for topic, row in have.items() if topic in wanted)
        noted.add("expert.topics", one.expert, topics=len(wanted), shown=shown)
    ExpertTopic.objects.filter(pk__in=gone).delete()
    ExpertTopic.objects.bulk_create(new)


def _areas(people: Sequence[Brought], noted: _Noted) -> None:
    through = Expert.areas.through
    before: dict[int, set[int]] = {}
    rows = through._default_manager.filter(expert__in=[one.expert for one in people])
    for expert, area in rows.values_list("expert_id", "area_id"):
        before.setdefault(expert, set()).add(area)
    areas = {area.pk: area for area in Area.objects.all()} if people else {}
    gone, new = Q(), []
    for one in people:
        have, wanted = before.get(one.expert.pk, set()), set(one.areas or ())
        if have == wanted:
            continue
        gone |= Q(expert=one.expert, area__in=have - wanted) if have - wanted else Q()
        new += [through(expert_id=one.expert.pk, area_id=area) for area in sorted(wanted - have)]
        old, now = ([areas[pk] for pk in sorted(found)] for found in (have, wanted))
        noted.add("expert.areas", one.expert, before=area_names(old), after=area_names(now))
    if gone:
        through._default_manager.filter(gone).delete()
    through._default_manager.bulk_create(new)


def _contracts(people: Sequence[Brought], noted: _Noted) -> None:
    held: dict[int, list[Contract]] = {}
    for contract in Contract.objects.filter(expert__in=[one.expert for one in people]).filter(
        state__in=Contract.HOLDING
    ):
        held.setdefault(contract.expert_id, []).append(contract)
    new: list[Contract] = []
    for one in people:
        begins, ends = one.contract  # type: ignore[misc]  # only those who have one come here
        mine = held.get(one.expert.pk, [])
        same = next((contract for contract in mine if contract.valid_from == begins), None)
        if same is not None:
            if same.valid_to != ends and not same.text_hash:  # one made here says its last day itself
                _until(same, ends, noted)
            continue
        for contract in mine:
            if contract.valid_from < begins and (contract.valid_to is None or contract.valid_to >= begins):
                _until(contract, begins - timedelta(days=1), noted)
        new.append(
            Contract(
                expert=one.expert,
                valid_from=begins,
                valid_to=ends,
                kinds=one.expert.kinds or [kind.value for kind in TaskType],
                signed_on=begins,
                language="sv" if one.expert.language == "sv" else "fi",
                state=Contract.State.IN_FORCE,
            )
        )
    for contract in Contract.objects.bulk_create(new):
        noted.add(
            "contract.sign", contract, to_state=Contract.State.IN_FORCE, signed_on=contract.valid_from.isoformat()
        )


def _until(contract: Contract, last_day: date | None, noted: _Noted) -> None:
    """Another last day. Refused by the database under agreed sessions."""
    Contract.objects.filter(pk=contract.pk).update(valid_to=last_day)
    noted.add("contract.imported", contract, last_day=last_day.isoformat() if last_day else "")


def _tax_cards(people: Sequence[Brought], noted: _Noted) -> None:
    """That the card of the year was delivered (R21). A sheet does not tell the day: today, or the year's last day."""
    today = local_date(noted.at)
    cards = [
        TaxCard(
            expert=one.expert,
            year=one.tax_year or 0,
            kind=TaxCard.Kind.NON_WAGE,
            delivered_on=min(today, date(one.tax_year or 1, 12, 31)),
            noted_by=noted.by,
        )
        for one in people
    ]
    TaxCard.objects.bulk_create(
        cards,
        update_conflicts=True,  # noted as not delivered before
        unique_fields=["expert", "year", "kind"],
        update_fields=["delivered_on", "noted_by"],
    )
    for card in cards:
        noted.add("expert.tax_card", card.expert, year=card.year, card=TaxCard.Kind.NON_WAGE.value, delivered=True)
