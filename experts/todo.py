"""What waits in the registry: contracts and tax cards that run out (R21, R26)."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from experts.models import Contract, Expert, TaxCard
from office.choices import Role
from office.formats import day
from office.models import User
from office.todo import Todo, source
from office.workdays import local_date

SOON = timedelta(days=60)
DECEMBER = 12


def _marked(today: date) -> "dict[str, Exists]":
    contracts = Contract.objects.filter(expert=OuterRef("pk"))
    cards = TaxCard.objects.filter(expert=OuterRef("pk"), delivered_on__isnull=False)
    covering = Contract.objects.covering(today)
    later = Contract.objects.covering(today + SOON)
    return {
        "now": Exists(contracts.filter(pk__in=covering.values("pk"))),
        "later": Exists(contracts.filter(pk__in=later.values("pk"))),
        "card": Exists(cards.filter(year=today.year)),
        "next_card": Exists(cards.filter(year=today.year + 1)),
    }


@source
def registry(user: User, at: datetime) -> Iterable[Todo]:
    """For the coordinator: how many contracts run out soon, how many tax cards are missing (one query)."""
    if not user.has_role(Role.COORDINATOR):
        return []
    today = local_date(at)
    counts = (
        Expert.objects.exclude(state=Expert.State.ENDED)
        .annotate(**_marked(today))
        .aggregate(
            ending=Count("pk", filter=Q(now=True, later=False)),
            cards=Count("pk", filter=Q(now=True, card=False)),
            next_cards=Count("pk", filter=Q(now=True, next_card=False)),
        )
    )
    where = reverse("experts:registry")
    found = []
    if n := counts["ending"]:
        said = ngettext("%(n)s contract ends within 60 days.", "%(n)s contracts end within 60 days.", n) % {"n": n}
        found.append(Todo(said, f"{where}?look=ending", _("See whose")))
    if n := counts["cards"]:
        said = ngettext(
            "%(n)s expert has no tax card of this year.", "%(n)s experts have no tax card of this year.", n
        ) % {"n": n}
        found.append(Todo(said, f"{where}?look=tax_card", _("See whose")))
    if today.month == DECEMBER and (n := counts["next_cards"]):
        said = ngettext(
            "%(n)s expert has no tax card of next year yet.",
            "%(n)s experts have no tax card of next year yet.",
            n,
        ) % {"n": n}
        found.append(Todo(said, f"{where}?look=next_tax_card", _("See whose")))
    return found


@source
def own(user: User, at: datetime) -> Iterable[Todo]:
    """For an expert: the tax card to send, the contract that ends (two queries)."""
    if not user.has_role(Role.EXPERT):
        return []
    today = local_date(at)
    expert = Expert.objects.filter(user=user).exclude(state=Expert.State.ENDED).annotate(**_marked(today)).first()
    if expert is None or not expert.now:  # type: ignore[attr-defined]  # annotated
        return []
    found = []
    years = [today.year] if not expert.card else []  # type: ignore[attr-defined]
    if today.month == DECEMBER and not expert.next_card:  # type: ignore[attr-defined]
        years.append(today.year + 1)
    for year in years:
        said = _("Send your tax card of %(year)s to the payroll house. Without it 60 %% is withheld.") % {"year": year}
        found.append(Todo(said, reverse("experts:tax_card", args=[expert.pk]), _("I have sent it")))
    if not expert.later:  # type: ignore[attr-defined]
        last = expert.contracts.filter(pk__in=Contract.objects.covering(today).values("pk")).values_list("valid_to")
        for (valid_to,) in last:
            if valid_to is None:
                continue
            when = day(valid_to, translation.get_language() or "fi")
            said = _("Your contract ends on %(day)s. The coordinator makes a new one with you.") % {"day": when}
            found.append(Todo(said, reverse("experts:me"), _("See the contract")))
    return found
