"""What the registry reminds of: contracts that end, tax cards of the new year (R21, R26)."""

from collections.abc import Iterator, Sequence
from datetime import date

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from experts.cards import DECEMBER, lacking
from experts.models import Contract, Expert
from experts.readers import CAN_BE_TOLD, reader_of
from office.choices import Role
from office.models import OutboxMessage
from office.reminders import Note, Round, holders, ids_of, occasion, reminder, told_of
from office.workdays import local_date


def _ending(days: list[date]) -> QuerySet[Contract]:
    """Contracts that end on the days without one that follows; of experts who have not left."""
    following = Contract.objects.filter(
        expert=OuterRef("expert"), state=Contract.State.IN_FORCE, valid_from__gt=OuterRef("valid_to")
    )
    found = Contract.objects.filter(~Exists(following), state=Contract.State.IN_FORCE, valid_to__in=days)
    return found.exclude(expert__state=Expert.State.ENDED)


def _days(asked: Round) -> list[date]:
    return sorted({day for number in asked.before for day in asked.coming(number)})


def _contract_still_ends(message: OutboxMessage) -> bool:
    end = date.fromisoformat(occasion(message)[:10])
    return _ending([end]).filter(pk=message.about_id, valid_to__gte=local_date(timezone.now())).exists()


@reminder(
    "contract_ending",
    _("Your contract ends"),
    to=_("Experts whose contract ends and has none after it"),
    when=_("%(days)s days before the last day at %(clock)s"),
    days=(60, 30, 7),
    still_true=_contract_still_ends,
)
def contract_ending(asked: Round) -> Iterator[Note]:
    """One query."""
    for contract in _ending(_days(asked)).select_related("expert__user").order_by("pk"):
        until, reader = contract.valid_to, reader_of(contract.expert)
        if reader is None or until is None:
            continue
        number = min(number for number in asked.before if until in asked.coming(number))
        yield Note(reader, contract, f"{until}/{number}", reverse("experts:me"), {"until": until})


def _any_still_ends(message: OutboxMessage) -> bool:
    """After the day the key names the contracts."""
    return Contract.objects.filter(pk__in=told_of(message)[1:], state=Contract.State.IN_FORCE).exists()


@reminder(
    "contracts_ending",
    _("Contracts end"),
    to=_("Coordinators"),
    when=_("%(days)s days before the last day at %(clock)s"),
    days=(60, 30, 7),
    still_true=_any_still_ends,
)
def contracts_ending(asked: Round) -> Iterator[Note]:
    """One message with all of them. Two queries."""
    contracts = list(_ending(_days(asked)).select_related("expert").order_by("valid_to", "pk"))
    if contracts:
        url = f"{reverse('experts:registry')}?look=ending"
        for person in holders(asked.at, Role.COORDINATOR):
            yield Note(person, person, f"{asked.today:%Y%m%d}-{ids_of(contracts)}", url, {"contracts": contracts})


# --- tax cards -------------------------------------------------------------------------------------------------------


def _still_lacking(message: OutboxMessage) -> bool:
    return bool(_those_still_lacking([message]))


def _those_still_lacking(messages: Sequence[OutboxMessage]) -> list[int]:
    """One query a year: there is one year, but for a message that was held over New Year."""
    found, today = set(), local_date(timezone.now())
    for year in {int(occasion(message)[:4]) for message in messages}:
        experts = Expert.objects.filter(pk__in=[message.about_id for message in messages])
        found |= {(pk, year) for pk in lacking(experts, year, today).values_list("pk", flat=True)}
    return [message.pk for message in messages if (message.about_id, int(occasion(message)[:4])) in found]


@reminder(
    "tax_card",
    _("Send the tax card to the payroll house"),
    to=_("Experts whose tax card is missing"),
    when=_("On 1 December for the next year and on 1 January at %(clock)s, or on the working day after it"),
    still_true=_still_lacking,
    still_true_of=_those_still_lacking,
)
def tax_card(asked: Round) -> Iterator[Note]:
    """R21. One query."""
    for first in asked.begun:
        if first.day != 1 or first.month not in {1, DECEMBER}:
            continue
        year = first.year + (first.month == DECEMBER)
        experts = Expert.objects.filter(CAN_BE_TOLD)
        for expert in lacking(experts, year, asked.today).select_related("user").order_by("pk"):
            if reader := reader_of(expert):
                url = reverse("experts:tax_card", args=[expert.pk])
                yield Note(reader, expert, f"{year}/{first.month}", url, {"year": year})
