"""What waits about contracts: the expert's answer, the county's signature (R26)."""

from collections.abc import Iterable
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from experts.models import Contract
from office.choices import Role
from office.models import User
from office.todo import Todo, source


@source
def contracts(user: User, at: datetime) -> Iterable[Todo]:  # noqa: ARG001 - every source gets the moment
    """For an expert the own contract that was sent; for the coordinator those to sign for the county (one query)."""
    expert, coordinator = user.has_role(Role.EXPERT), user.has_role(Role.COORDINATOR)
    if not (expert or coordinator):
        return []
    waiting = Contract.objects.filter(state__in=[Contract.State.SENT, Contract.State.ACCEPTED])
    if not coordinator:
        waiting = waiting.filter(expert__user=user)
    rows = list(waiting.order_by("sent_at", "pk").values_list("pk", "state", "expert__user_id"))
    found = [
        Todo(
            _("Your contract waits for you. Read it, then accept it or ask for a change."),
            reverse("experts:contract", args=[pk]),
            _("Read the contract"),
        )
        for pk, state, owner in rows
        if owner == user.pk and state == Contract.State.SENT
    ]
    to_sign = [pk for pk, state, owner in rows if state == Contract.State.ACCEPTED and owner != user.pk]
    if coordinator and to_sign:
        n = len(to_sign)
        said = ngettext(
            "%(n)s contract waits for the county's signature.", "%(n)s contracts wait for the county's signature.", n
        ) % {"n": n}
        url = reverse("experts:contract", args=to_sign) if n == 1 else reverse("experts:contracts") + "?state=accepted"
        found.append(Todo(said, url, _("Sign") if n == 1 else _("See which")))
    return found
