"""What the list of the registry can be narrowed to. An app above adds a look in its own ``filters.py``."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from experts.models import Contract, Expert, TaxCard

if TYPE_CHECKING:
    from experts.querysets import ExpertQuerySet

SOON = timedelta(days=60)
AWAY = "away"
STATES = [*Expert.State.choices, (AWAY, _("Away today"))]
WAYS = [("on_site", _("On site")), ("remote", _("Remotely"))]
#: Before the id of a whole group in the choice of topics.
GROUP = "group-"

Condition = Callable[[date], Any]


@dataclass(frozen=True)
class Look:
    """One of "needs attention": a condition on experts (with their annotations of ``with_papers``) on a day."""

    code: str
    label: str | Promise
    condition: Condition


LOOKS: list[Look] = []


def look(code: str, label: str | Promise) -> Callable[[Condition], Condition]:
    """Registers a condition under a code that stands in addresses."""

    def register(condition: Condition) -> Condition:
        LOOKS.append(Look(code, label, condition))
        return condition

    return register


def with_papers(experts: "ExpertQuerySet", today: date) -> "ExpertQuerySet":
    """With ``has_contract`` and ``contract_to`` (None: until it is ended) of today, ``has_card`` of this year."""
    contracts = Contract.objects.covering(today).filter(expert=OuterRef("pk"))
    return experts.annotate(
        has_contract=Exists(contracts),
        contract_to=Subquery(contracts.values("valid_to")[:1]),
        has_card=Exists(_cards(today.year)),
    )


def _cards(year: int) -> Any:
    return TaxCard.objects.filter(expert=OuterRef("pk"), delivered_on__isnull=False, year=year)


look("no_contract", _("No contract today"))(lambda _today: Q(has_contract=False))


@look("ending", _("Contract ends within 60 days"))
def _ending(today: date) -> Any:
    later = Contract.objects.covering(today + SOON).filter(expert=OuterRef("pk"))
    return Q(~Exists(later), has_contract=True)


look("tax_card", _("No tax card of this year"))(lambda _today: Q(has_card=False))
look("next_tax_card", _("No tax card of next year"))(lambda today: ~Exists(_cards(today.year + 1)))
look("no_account", _("No account"))(lambda _today: Q(user__isnull=True))


def listed(asked: dict[str, Any] | None, today: date) -> "ExpertQuerySet":
    """The experts of the list with their papers. ``asked``: the cleaned filters (None: not understood, so all)."""
    found = with_papers(Expert.objects.filter(erased_at__isnull=True), today)
    if asked is None:
        return found
    found = found.search(asked["q"])
    if asked["state"] == AWAY:
        found = found.exclude(state=Expert.State.ENDED).away_on(today)
    elif asked["state"]:
        found = found.in_state(asked["state"], today)
    found = _of_work(found, asked)
    for wanted in LOOKS:
        if wanted.code == asked["look"]:
            found = found.exclude(state=Expert.State.ENDED).filter(wanted.condition(today))
    return found


def _of_work(found: "ExpertQuerySet", asked: dict[str, Any]) -> "ExpertQuerySet":
    if topic := asked["topic"]:
        group = topic.startswith(GROUP)
        where = {"topic__group": topic.removeprefix(GROUP)} if group else {"topic": topic}
        found = found.filter(Exists(_of(Expert.topics.through, **where)))
    if asked["area"]:  # who has chosen no areas works in all of them
        areas = Expert.areas.through
        found = found.filter(Exists(_of(areas, area=asked["area"])) | ~Exists(_of(areas)))
    if asked["kind"]:
        found = found.filter(kinds__contains=[asked["kind"]])
    if asked["language"]:
        found = found.filter(work_languages__contains=[asked["language"]])
    if asked["way"]:
        found = found.filter(**{asked["way"]: True})
    return found


def _of(through: Any, **where: Any) -> Any:
    return through.objects.filter(expert=OuterRef("pk"), **where)
