"""What a page sends back is the same in every language: a sum with a comma is no other sum."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from fees.models import HourList, PaymentRun
from office.kinds import TaskType
from office.models import User
from tests.conftest import Cast, Clock
from tests.factories import at, make_closed_session
from tests.fees.steps import CHECKED, CLOSED, sent

SignIn = Callable[[User], Client]


def hidden(answer: Any, action: str) -> dict[str, str]:
    """The hidden fields of the form that goes to ``action``, as a browser sends them."""
    page = answer.content.decode()
    form = re.search(rf'<form method="post"[^>]*{re.escape(action)}.*?</form>', page, re.DOTALL)
    assert form is not None
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form.group()))


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_approving_and_closing_by_what_the_page_sends(
    cast: Cast, client_for: SignIn, clock: Clock, language: str
) -> None:
    """Exceptions, the bulk, the list by itself, the close: pressed on pages in the reader's language."""
    User.objects.update(language=language)
    for expert, day, km in ((cast.expert, 7, 0), (cast.second_expert, 8, 12)):
        make_closed_session(
            at(2026, 10, day, 10), expert=expert, unit=cast.unit, orderer=cast.orderer, kind=TaskType.GROUP,
            travel_km=Decimal(km) if km else None,
        )  # fmt: skip
        sent(expert)
    clock(CHECKED)
    named = client_for(User.objects.get(pk=cast.named.pk))
    approve = reverse("fees:approve")
    one = HourList.objects.get(expert=cast.second_expert)
    fields = hidden(named.get(reverse("fees:hour_list", args=[one.pk])), approve)
    named.post(approve, fields)
    one.refresh_from_db()
    assert one.state == "approved"
    fields = hidden(named.get(reverse("fees:check")), approve)
    named.post(approve, fields)
    assert set(HourList.objects.values_list("state", flat=True)) == {"approved"}
    clock(CLOSED)
    coordinator = client_for(User.objects.get(pk=cast.coordinator.pk))
    close = reverse("fees:close", args=["2026-10"])
    fields = hidden(coordinator.get(close), 'class="card"')
    assert coordinator.post(close, fields).status_code == 302
    assert PaymentRun.objects.get().lists == 2
