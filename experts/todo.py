"""What waits in the registry: contracts, tax cards and YEL certificates that run out (R21, R26)."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from experts import todo_contracts
from experts.cards import DECEMBER, SOON, lacks
from experts.models import Contract, Expert, SeenPaper
from office.choices import Role
from office.formats import day
from office.models import User
from office.todo import Todo, source
from office.workdays import local_date


def _marked(today: date) -> dict[str, Any]:
    contracts = Contract.objects.filter(expert=OuterRef("pk"))
    yel = SeenPaper.objects.filter(expert=OuterRef("pk"), kind=SeenPaper.Kind.YEL).order_by("-shown_on", "-pk")
    covering = Contract.objects.covering(today)
    later = Contract.objects.covering(today + SOON)
    return {
        "now": Exists(contracts.filter(pk__in=covering.values("pk"))),
        "until": Subquery(contracts.filter(pk__in=covering.values("pk")).values("valid_to")[:1]),
        "later": Exists(contracts.filter(pk__in=later.values("pk"))),
        "yel": Subquery(yel.values("valid_to")[:1]),
        **todo_contracts.marked(),
        **lacks(today.year, today),
        **{f"next_{name}": mark for name, mark in lacks(today.year + 1, today).items()},
    }


LACKING = Q(lacks_wage=True) | Q(lacks_non_wage=True)
LACKING_NEXT = Q(next_lacks_wage=True) | Q(next_lacks_non_wage=True)


@source
def registry(user: User, at: datetime) -> Iterator[Todo]:
    """The coordinator's contracts and tax cards, and an expert's own (one query for both parts)."""
    is_coordinator, is_expert = user.has_role(Role.COORDINATOR), user.has_role(Role.EXPERT)
    if not is_coordinator and not is_expert:
        return
    today = local_date(at)
    experts = Expert.objects.exclude(state=Expert.State.ENDED)
    if not is_coordinator:
        experts = experts.filter(user=user)
    own = Q(user=user, now=True)
    counts = experts.annotate(**_marked(today)).aggregate(
        ending=Count("pk", filter=Q(now=True, later=False)),
        cards=Count("pk", filter=LACKING),
        next_cards=Count("pk", filter=LACKING_NEXT),
        certificates=Count("pk", filter=Q(now=True, yel__lte=today + SOON)),
        own=Max("pk", filter=own),
        own_card=Count("pk", filter=own & LACKING),
        own_next_card=Count("pk", filter=own & LACKING_NEXT),
        own_until=Max("until", filter=own & Q(later=False)),
        **todo_contracts.counted(user),
    )
    if is_expert:
        yield from todo_contracts.to_accept(counts)
    if is_coordinator:
        yield from todo_contracts.to_sign(counts)
        yield from _of_the_registry(counts, today)
    if is_expert and counts["own"]:
        yield from _of_oneself(counts, today)


def _of_the_registry(counts: dict[str, Any], today: date) -> Iterator[Todo]:
    """How many contracts run out soon, how many tax cards are missing."""
    where, cards = reverse("experts:registry"), reverse("experts:tax_cards")
    if n := counts["ending"]:
        said = ngettext("%(n)s contract ends within 60 days.", "%(n)s contracts end within 60 days.", n) % {"n": n}
        yield Todo(said, f"{where}?look=ending", _("See whose"))
    if n := counts["cards"]:
        said = ngettext(
            "%(n)s expert has no tax card of this year.", "%(n)s experts have no tax card of this year.", n
        ) % {"n": n}
        yield Todo(said, f"{cards}?year={today.year}", _("See whose"))
    if today.month == DECEMBER and (n := counts["next_cards"]):
        said = ngettext(
            "%(n)s expert has no tax card of next year yet.",
            "%(n)s experts have no tax card of next year yet.",
            n,
        ) % {"n": n}
        yield Todo(said, f"{cards}?year={today.year + 1}", _("See whose"))
    if n := counts["certificates"]:
        said = ngettext(
            "%(n)s YEL certificate has run out or does so within 60 days.",
            "%(n)s YEL certificates have run out or do so within 60 days.",
            n,
        ) % {"n": n}
        yield Todo(said, f"{cards}#yel", _("See whose"))


def _of_oneself(counts: dict[str, Any], today: date) -> Iterator[Todo]:
    """The tax card to send, the contract that ends."""
    years = [today.year] if counts["own_card"] else []
    if today.month == DECEMBER and counts["own_next_card"]:
        years.append(today.year + 1)
    for year in years:
        said = _("Send your tax card of %(year)s to the payroll house. Without it 60 %% is withheld.") % {"year": year}
        yield Todo(said, reverse("experts:tax_card", args=[counts["own"]]), _("I have sent it"))
    if until := counts["own_until"]:
        when = day(until, translation.get_language() or "fi")
        said = _("Your contract ends on %(day)s. The coordinator makes a new one with you.") % {"day": when}
        yield Todo(said, reverse("experts:me"), _("See the contract"))
