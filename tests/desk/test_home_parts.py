"""The first page of somebody who plays several parts: every sort of row, and still at most ten queries."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from assignments.models import Move
from assignments.states import OrderState
from experts.models import Expert
from fees.models import HourList
from office.choices import Role
from office.models import User
from office.todo import todos
from tests.conftest import Cast, Clock
from tests.factories import (
    at,
    grant,
    make_agreed_session,
    make_closed_session,
    make_contract,
    make_expert,
    make_offer,
    make_order,
    make_user,
)

pytestmark = pytest.mark.django_db
NOW = at(2026, 10, 5, 9)
ALL = (Role.COORDINATOR, Role.DEPUTY, Role.EXPERT)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def everything_waits(cast: Cast, times: int, *roles: str) -> User:
    """A person who holds the roles (a deputy in the unit) and has ``times`` rows of each sort."""
    me = make_user("all@county.example.org", first_name="Ally", last_name="Parts")
    for role in roles:
        grant(me, role, cast.unit)
    mine = make_expert(user=me, contract=False)
    make_contract(mine, valid_to=date(2026, 11, 20))
    make_contract(cast.second_expert, valid_from=date(2028, 1, 1), valid_to=None)
    for n in range(times):
        coming = NOW + (2 + n) * DAY
        make_offer(make_order(unit=cast.other_unit), mine, answer_by=coming)
        make_offer(make_order(unit=cast.other_unit), cast.second_expert, answer_by=NOW + HOUR)
        soon = [(coming, coming + HOUR)]
        make_order(unit=cast.unit, orderer=cast.orderer, state=OrderState.TO_CONFIRM, times=soon)
        make_order(unit=cast.other_unit, state=OrderState.LOOKING, times=soon)
        make_agreed_session(at(2026, 8, 3 + n, 9), expert=cast.second_expert, unit=cast.unit, orderer=me)
        make_agreed_session(at(2026, 8, 3 + n, 9), expert=mine, unit=cast.other_unit)
        make_closed_session(at(2026, 9, 3 + n, 9), expert=mine, unit=cast.other_unit)
        new_time(mine, cast, coming, cast.stranger)
        new_time(cast.expert, cast, coming, cast.expert_user)
        month = date(2026, 8 - n, 1)
        sent = {"month": month, "sent_at": NOW - DAY}
        HourList.objects.create(
            expert=mine, unit=cast.other_unit, state="returned", return_reason="Check the times.", **sent
        )
        HourList.objects.create(expert=cast.expert, unit=cast.unit, state="at_unit", **sent)
        HourList.objects.create(expert=cast.second_expert, unit=cast.unit, state="at_unit", **sent)
        HourList.objects.create(
            expert=cast.second_expert,
            unit=cast.other_unit,
            state="approved",
            approved_at=NOW,
            approved_by=cast.other_named,
            **sent,
        )
    return me


def new_time(expert: Expert, cast: Cast, start: object, by: User) -> None:
    """The other side proposes to begin two hours later."""
    is_expert = expert.user == by
    session = make_agreed_session(start, expert=expert, unit=cast.unit if is_expert else cast.other_unit)  # type: ignore[arg-type]
    later = {"starts_at": session.starts_at + 2 * HOUR, "ends_at": session.ends_at + 2 * HOUR}
    Move.objects.create(session=session, by_expert=is_expert, proposed_by=by, proposed_at=NOW, **later)


def said(user: User) -> list[str]:
    return sorted(task.sentence.replace("\u00a0", " ") for task in todos(user, NOW))


def test_every_part_hears_its_own_sentences(cast: Cast) -> None:
    me = everything_waits(cast, 1, *ALL)
    assert said(me) == [
        "1 approved list waits for the payment.",
        "1 contract ends within 60 days.",
        "1 expert has agreed work in Loviisan mielenterveystoimisto and no induction yet.",
        "2 hour lists of August 2026 wait.",
        "3 experts have no tax card of this year.",
        "Anna Orderer has ordered: Individual work",
        "Eva Expert proposes a new time: Wed 7 Oct 2026 at 11:00–12:00",
        "How did it go with Otto Other, Mon 3 Aug 2026 at 9:00–10:00?",
        "How did it go? 1 session is not marked yet.",
        "Otto Other has not answered: Individual work",
        "Porvoon päihdepoliklinikka asks you: Individual work",
        "Porvoon päihdepoliklinikka needs an expert: Individual work",
        "Send your tax card of 2026 to the payroll house. Without it 60 % is withheld.",
        "September 2026: 1 time to send.",
        "Stan Stranger proposes a new time: Wed 7 Oct 2026 at 11:00–12:00",
        "The unit returned your list of August 2026.",
        "Your contract ends on Fri 20 Nov 2026. The coordinator makes a new one with you.",
    ]


def test_each_hears_only_the_part_played(cast: Cast) -> None:
    me = everything_waits(cast, 1, Role.DEPUTY)
    assert said(me) == [
        "1 expert has agreed work in Loviisan mielenterveystoimisto and no induction yet.",
        "2 hour lists of August 2026 wait.",
        "Anna Orderer has ordered: Individual work",
        "Eva Expert proposes a new time: Wed 7 Oct 2026 at 11:00–12:00",
        "How did it go with Otto Other, Mon 3 Aug 2026 at 9:00–10:00?",
    ]
    assert said(cast.named) == [  # the deputy's own past session is asked of the deputy
        "1 expert has agreed work in Loviisan mielenterveystoimisto and no induction yet.",
        "2 hour lists of August 2026 wait.",
        "Anna Orderer has ordered: Individual work",
        "Eva Expert proposes a new time: Wed 7 Oct 2026 at 11:00–12:00",
    ]
    assert said(cast.orderer) == ["Eva Expert proposes a new time: Wed 7 Oct 2026 at 11:00–12:00"]
    assert said(cast.stranger) == []
    assert [words for words in said(cast.second_expert_user) if "asks you" in words or "How" in words] == [
        "How did it go? 1 session is not marked yet.",
        "Porvoon päihdepoliklinikka asks you: Individual work",
    ]


@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize(
    "roles",
    [
        pytest.param((Role.DEPUTY, Role.EXPERT), id="deputy and expert"),
        pytest.param((Role.COORDINATOR, Role.DEPUTY), id="coordinator and deputy"),
        pytest.param((Role.COORDINATOR, Role.EXPERT), id="coordinator and expert"),
        pytest.param(ALL, id="all three"),
    ],
)
def test_at_most_ten_queries_for_several_parts(
    cast: Cast, client_for: Callable[[User], Client], clock: Clock, times: int, roles: tuple[str, ...]
) -> None:
    clock(NOW)
    browser = client_for(everything_waits(cast, times, *roles))
    with CaptureQueriesContext(connection) as asked:
        page = browser.get("/").content.decode()
    assert page.count("proposes a new time") >= 2 * times  # the sentence, and once more for the button
    assert len(asked) <= 10, [query["sql"] for query in asked]
