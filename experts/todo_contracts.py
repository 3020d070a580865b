"""What waits about contracts: the expert's answer, the county's signature (R26). Counted in the query of ``todo``."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import Count, Max, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from experts.models import Contract
from office.models import User
from office.todo import Todo


def marked() -> dict[str, Any]:
    """For each expert the contract that waits for the expert, and the one that waits for the county."""
    contracts = Contract.objects.filter(expert=OuterRef("pk")).order_by("sent_at", "pk")
    return {
        "to_accept": Subquery(contracts.filter(state=Contract.State.SENT).values("pk")[:1]),
        "to_sign": Subquery(contracts.filter(state=Contract.State.ACCEPTED).values("pk")[:1]),
    }


def counted(user: User) -> dict[str, Any]:
    """The own one to accept; how many others to sign for the county, and one of them."""
    others = Q(to_sign__isnull=False) & ~Q(user=user)
    return {
        "accept": Max("to_accept", filter=Q(user=user)),
        "signs": Count("pk", filter=others),
        "sign": Max("to_sign", filter=others),
    }


def to_accept(counts: Mapping[str, Any]) -> Iterator[Todo]:
    """For the expert."""
    if counts["accept"]:
        yield Todo(
            _("Your contract waits for you. Read it, then accept it or ask for a change."),
            reverse("experts:contract", args=[counts["accept"]]),
            _("Read the contract"),
        )


def to_sign(counts: Mapping[str, Any]) -> Iterator[Todo]:
    """For the coordinator."""
    if n := counts["signs"]:
        said = ngettext(
            "%(n)s contract waits for the county's signature.", "%(n)s contracts wait for the county's signature.", n
        ) % {"n": n}
        one = reverse("experts:contract", args=[counts["sign"]])
        several = reverse("experts:contracts") + f"?state={Contract.State.ACCEPTED.value}"
        yield Todo(said, one if n == 1 else several, _("Sign") if n == 1 else _("See which"))
