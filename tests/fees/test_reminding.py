"""The coordinator reminds those whom the month waits for (N1, N8)."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from fees.actions import approve, remind
from office.errors import Refused
from office.models import OutboxMessage, User
from office.sending import send
from tests.conftest import Cast, Clock
from tests.factories import at, make_closed_session, make_expert
from tests.fees.steps import OCTOBER, sent
from tests.fees.test_views import text

NOW = at(2026, 11, 10, 9)
SignIn = Callable[[User], Client]


def told() -> list[tuple[str, Any]]:
    return sorted(OutboxMessage.objects.filter(kind__startswith="remind_").values_list("kind", "recipient"))


@pytest.fixture
def october(cast: Cast) -> None:
    """Eva has not sent; the second expert's list is at the unit; a third expert has no account."""
    make_closed_session(at(2026, 10, 7, 10), expert=cast.expert, unit=cast.unit)
    make_closed_session(at(2026, 10, 8, 10), expert=cast.second_expert, unit=cast.unit)
    sent(cast.second_expert)
    make_closed_session(at(2026, 10, 9, 10), expert=make_expert(user=None), unit=cast.unit)
    OutboxMessage.objects.all().delete()


# Lesson N8.
@pytest.mark.usefixtures("october")
def test_all_are_reminded_once_a_day(cast: Cast) -> None:
    assert remind(OCTOBER, by=cast.coordinator, at=NOW) == (1, 2)
    assert told() == sorted(
        [("remind_hours", cast.expert_user.pk), ("remind_check", cast.named.pk), ("remind_check", cast.deputy.pk)]
    )
    assert remind(OCTOBER, by=cast.coordinator, at=at(2026, 11, 10, 23, 59)) == (0, 0)
    assert remind(OCTOBER, by=cast.coordinator, at=at(2026, 11, 11, 0)) == (1, 2)


@pytest.mark.usefixtures("october")
def test_one_row_reminds_those_of_the_row(cast: Cast) -> None:
    who = {"expert_id": cast.expert.pk, "unit_id": cast.unit.pk}
    assert remind(OCTOBER, by=cast.coordinator, at=NOW, **who) == (1, 0)
    assert told() == [("remind_hours", cast.expert_user.pk)]


@pytest.mark.usefixtures("october")
def test_whoever_sends_before_the_mail_leaves_gets_none(cast: Cast) -> None:
    """N1: sent, or checked, a minute before."""
    remind(OCTOBER, by=cast.coordinator, at=NOW)
    approve([*cast.second_expert.hour_lists.all()], by=cast.named, at=NOW)
    sent(cast.expert)
    approve([*cast.expert.hour_lists.all()], by=cast.named, at=NOW)
    for message in OutboxMessage.objects.filter(kind__startswith="remind_"):
        assert send(message.pk, at=NOW) is False


@pytest.mark.parametrize("who", ["named", "finance", "expert_user"])
def test_only_the_coordinator_reminds(cast: Cast, who: str) -> None:
    with pytest.raises(Refused):
        remind(OCTOBER, by=getattr(cast, who), at=NOW)


def test_nobody_is_late_while_the_month_goes_on(cast: Cast) -> None:
    make_closed_session(at(2026, 10, 7, 10), expert=cast.expert, unit=cast.unit)
    with pytest.raises(Refused, match="not over yet"):
        remind(OCTOBER, by=cast.coordinator, at=at(2026, 10, 31, 23))
    assert told() == []


@pytest.mark.usefixtures("october")
def test_the_board_has_a_button_for_all_and_for_one(cast: Cast, client_for: SignIn, clock: Clock) -> None:
    clock(NOW)
    client = client_for(cast.coordinator)
    board = reverse("fees:board_of", args=["2026-10"])
    assert "Remind all" in text(client.get(board))
    url = reverse("fees:remind", args=["2026-10"])
    row = {"expert": cast.expert.pk, "unit": cast.unit.pk}
    assert "1 expert was reminded." in text(client.post(url, row, follow=True))
    assert "Nobody was reminded" in text(client.post(url, row, follow=True))
    assert client.post(url, {"expert": "x"}).status_code == 404
    assert "2 checkers were reminded." in text(client.post(url, follow=True))
