"""Answering an offer from the mail: without signing in, once, and only by pressing a button (N7, R4 of the lessons)."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.utils import translation

from assignments import actions
from assignments.actions.links import answer_by_link
from assignments.models import Offer, Order, Session
from office.errors import Conflict
from office.models import OutboxMessage
from tests.conftest import Cast, Clock
from tests.factories import at, make_agreed_session, make_fee_table, make_order

NOW = at(2026, 10, 1, 9)
WED = at(2026, 10, 7, 10)
TASK = "Support in everyday life after rehabilitation"


def offered(cast: Cast, **fields: object) -> str:
    """An order that the expert is asked for; gives the path of the link in the mail."""
    make_fee_table()
    order = make_order(
        unit=cast.unit, orderer=cast.orderer, state="to_confirm", expert=cast.expert,
        times=[(WED, WED + timedelta(hours=1))], **fields,
    )  # fmt: skip
    actions.confirm(order, by=cast.named, at=NOW)
    (kept,) = OutboxMessage.objects.filter(kind="offer").values_list("secret", flat=True)
    (path,) = re.findall(r"(/orders/answer/[\w-]+/)", kept or str(mail.outbox[-1].body))  # the mail has it when it left
    return str(path)


def states() -> tuple[str, str, str]:
    return (Offer.objects.get().state, Order.objects.get().state, Session.objects.get().state)


WAITING = ("waiting", "offered", "planned")


@pytest.fixture(autouse=True)
def now(clock: Clock) -> None:
    clock(NOW + timedelta(hours=1))


@pytest.mark.django_db
class TestThePage:
    # Lesson N7.
    def test_looking_changes_nothing(self, cast: Cast) -> None:
        path = offered(cast)
        for _mail_scanner in range(3):
            Client().get(path)
            Client().head(path)
        Client().post(path)
        Client().post(path, {"answer": "perhaps"})
        assert states() == WAITING

    def test_it_tells_when_and_where_and_nothing_sensitive(self, cast: Cast) -> None:
        page = Client().get(offered(cast)).content.decode().replace("\N{NO-BREAK SPACE}", " ")
        assert "Individual work" in page
        assert "Wed 7 Oct 2026 at 10:00–11:00" in page
        assert cast.unit.place in page
        for hidden in (TASK, "Eva E", cast.expert.email, str(cast.orderer), cast.orderer.email):
            assert hidden not in page

    @pytest.mark.parametrize(
        ("answer", "after"),
        [
            pytest.param("yes", ("accepted", "agreed", "agreed"), id="yes"),
            pytest.param("no", ("declined", "looking", "planned"), id="no"),
        ],
    )
    def test_yes_and_no(self, cast: Cast, answer: str, after: tuple[str, str, str]) -> None:
        path = offered(cast)
        Client().post(path, {"answer": answer})
        assert states() == after
        again = Client().post(path, {"answer": "no" if answer == "yes" else "yes"})
        assert "This link has been used already. Sign in to see your offers." in again.content.decode()
        assert states() == after

    def test_answered_on_the_page_of_the_program_the_link_is_over(self, cast: Cast) -> None:
        path = offered(cast)
        actions.decline(Offer.objects.get(), by=cast.expert_user, at=NOW)
        page = Client().post(path, {"answer": "yes"}).content.decode()
        assert "This has changed meanwhile." in page
        assert states() == ("declined", "looking", "planned")

    def test_an_expert_with_other_work_is_told_and_may_still_say_no(self, cast: Cast) -> None:
        path = offered(cast)
        make_agreed_session(WED, expert=cast.expert, unit=cast.other_unit)
        page = Client().post(path, {"answer": "yes"}).content.decode()
        assert "Eva E. has another session at that time" in page
        assert Offer.objects.get().state == "waiting"
        Client().post(path, {"answer": "no"})
        assert Offer.objects.get().state == "declined"

    def test_over_its_time(self, cast: Cast, clock: Clock) -> None:
        path = offered(cast)
        limit: datetime = Offer.objects.get().answer_by
        clock(limit + timedelta(seconds=1))
        page = Client().post(path, {"answer": "yes"}).content.decode()
        assert "The time to answer is over." in page
        assert states() == WAITING
        clock(limit)
        Client().post(path, {"answer": "yes"})
        assert states() == ("accepted", "agreed", "agreed")

    def test_who_has_left_answers_nothing(self, cast: Cast) -> None:
        path = offered(cast)
        user = cast.expert_user
        user.is_active = False
        user.save()
        page = Client().post(path, {"answer": "yes"}).content.decode()
        assert "This link is no longer good. Ask the coordinator." in page
        assert states() == WAITING

    def test_another_link_is_not_there(self, cast: Cast) -> None:
        offered(cast)
        assert Client().get("/orders/answer/rubbish/").status_code == 404
        assert Client().get(f"/orders/answer/{Offer.objects.get().token_hash}/").status_code == 404

    def test_only_the_hash_is_kept_with_the_offer(self, cast: Cast) -> None:
        token = offered(cast).split("/")[-2]
        assert token not in str(list(Offer.objects.values()))

    def test_the_experts_language(self, cast: Cast) -> None:
        cast.expert.language = "sv"
        cast.expert.save()
        page = Client().get(offered(cast))
        assert page["Content-Language"] == "sv"
        assert "Individuellt arbete" in page.content.decode()
        assert page["Referrer-Policy"] == "same-origin"


# Lesson R4.
@pytest.mark.django_db(transaction=True)
def test_two_presses_at_once_are_one_answer(cast: Cast) -> None:
    offered(cast)
    offer = Offer.objects.get()

    def press(yes: bool) -> str:  # noqa: FBT001 - the two buttons
        try:
            with translation.override("en"):
                answer_by_link(Offer.objects.get(pk=offer.pk), yes=yes, at=NOW)
        except Conflict:
            return "late"
        finally:
            connection.close()
        return "yes" if yes else "no"

    press_it: Callable[[bool], str] = press
    with ThreadPoolExecutor(2) as pool:
        told = sorted(pool.map(press_it, [True, False]))
    (won,) = set(told) - {"late"}
    assert told == sorted([won, "late"])
    assert Offer.objects.get().state == {"yes": "accepted", "no": "declined"}[won]
