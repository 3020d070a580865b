"""The demonstration office holds the rules, shows every state, and is loaded once."""

from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import Sum
from django.test import Client

from assignments.actions.plans import plan_values
from assignments.models import Move, Offer, Order, Process, Session
from assignments.plans import missing
from assignments.states import MoveState, OfferState, OrderState, Outcome, ProcessState, SessionState
from desk import demo
from experts.models import Contract, Expert
from fees.models import HourList, PaymentRun
from fees.states import ListState, RunState
from feetables.models import FeeTable
from office.choices import MessageState, Role
from office.kinds import TaskType
from office.models import LogEntry, OutboxMessage, RoleGrant, ServiceArea, Unit, User
from office.todo import todos
from tests.conftest import Clock
from tests.factories import at

pytestmark = pytest.mark.django_db
NOW = at(2026, 11, 22, 9)


def states(model: Any) -> set[str]:
    return set(model.objects.values_list("state", flat=True))


def every_change_of_plans() -> None:
    """What has no state of its own is told by the history or by the facts of the rows."""
    kinds = set(Order.objects.filter(state=OrderState.AGREED).values_list("kind", flat=True))
    assert kinds == set(TaskType)
    told = set(LogEntry.objects.values_list("kind", flat=True))
    assert told >= {
        "session.reopen", "session.place", "session.decide_fee", "order.change", "order.changed", "order.copied",
        "order.goes_on_with_one", "order.choose", "order.trust_and_offer", "offer.turn", "offer.expire", "process.end",
        "move.suit", "meeting.write",
    }  # fmt: skip
    assert Session.objects.exclude(told_by="").exists()  # by telephone
    assert Session.objects.exclude(time_used_for="").exists()  # nobody came, and the time was used
    assert Session.objects.filter(override_fee=0).exists()  # waived
    assert Move.objects.filter(state=MoveState.WAITING, cancel_if_declined=True).exists()
    assert Move.objects.filter(state=MoveState.WAITING, by_expert=True).exists()
    assert Order.objects.filter(fee_declined=True, state=OrderState.AGREED).exists()
    assert Order.objects.filter(remote=True).exists()
    assert Order.objects.exclude(wish="").exists()
    assert set(Order.objects.values_list("travel_mode", flat=True)) == {"", *Order.TravelMode.values}
    assert set(Order.objects.values_list("asking", flat=True)) == set(Order.Asking.values)


def test_three_months_in_every_state_and_every_log_in_has_a_first_page(
    clock: Clock, client_for: Callable[[User], Client], django_assert_max_num_queries: Callable[..., Any]
) -> None:
    """One load for all that is asked of it: it takes seconds."""
    clock(NOW)
    with transaction.atomic():  # the acts' transactions become savepoints, as in the command
        assert demo.load(now=NOW, documents=False) == []

    assert (ServiceArea.objects.count(), Unit.objects.count(), Expert.objects.count()) == (8, 12, 39)
    assert states(Order) == set(OrderState.values)
    assert states(Offer) == set(OfferState.values)
    drafts = Order.objects.filter(state=OrderState.DRAFT, plan__isnull=False)
    assert set(drafts.values_list("kind", flat=True)) == set(TaskType)
    for order in Order.objects.filter(plan__isnull=False).select_related("plan"):
        assert missing(order.kind, plan_values(order)) == []
    assert states(Session) == set(SessionState.values)
    assert states(Move) == set(MoveState.values)
    assert states(Process) == set(ProcessState.values)
    assert states(Contract) == set(Contract.State.values)
    assert states(Expert) == set(Expert.State.values)
    assert states(HourList) == set(ListState.values) - {ListState.OPEN}  # what was not sent has no list yet
    by_the_clock = {MessageState.SENDING, MessageState.TO_GATHER, MessageState.GATHERED}
    assert states(OutboxMessage) == set(MessageState.values) - by_the_clock
    assert list(FeeTable.objects.order_by("valid_from").values_list("state", flat=True)) == [
        "approved", "approved", "approved", "draft"
    ]  # fmt: skip
    assert set(Session.objects.exclude(outcome="").values_list("outcome", flat=True)) == set(Outcome.values)
    every_change_of_plans()

    runs = PaymentRun.objects.order_by("number")
    assert [(run.state, str(run.month), str(run.pay_date)) for run in runs] == [
        (RunState.PAID, "2026-08-01", "2026-09-30"),
        (RunState.SENT, "2026-09-01", "2026-10-30"),
    ]
    for run in runs:
        assert run.total == run.lines.aggregate(total=Sum("amount"))["total"] > 500

    assert set(RoleGrant.objects.values_list("role", flat=True)) == set(Role.values)
    assert not User.objects.exclude(email__endswith="@example.org").exists()
    for login in demo.LOGINS:
        user = User.objects.get(email=login.email)
        assert user.language == login.language
        browser = client_for(user)
        with django_assert_max_num_queries(10):
            assert browser.get("/").status_code == 200
        if login.part not in {"finance", "work supervisor"}:
            assert todos(user, NOW), login.part
    assert Client().login(email=demo.LOGINS[0].email, password=demo.PASSWORD)

    people = User.objects.count()
    assert demo.load(now=NOW) == []
    assert User.objects.count() == people


def test_only_where_the_demonstration_is_switched_on() -> None:
    for command in ("load_demo", "demo_logins"):
        with pytest.raises(CommandError, match="DEMO"):
            call_command(command)


def test_log_ins_are_not_promised_for_an_office_of_ones_own(settings: Any) -> None:
    settings.DEMO = True
    told = StringIO()
    call_command("demo_logins", stdout=told)
    assert told.getvalue() == "The demonstration office is not loaded: there was other data in the database.\n"


def test_every_log_in_is_printed_with_the_common_password(settings: Any) -> None:
    settings.DEMO = True
    for login in demo.LOGINS:
        User.objects.create_user(login.email, first_name=login.first, last_name=login.last)
    told = StringIO()
    call_command("demo_logins", stdout=told)
    lines = told.getvalue().splitlines()
    assert lines[0] == f"Everybody's password: {demo.PASSWORD}"
    assert [line.split()[-1] for line in lines[1:]] == [login.email for login in demo.LOGINS]


def test_data_that_is_there_is_not_touched(settings: Any) -> None:
    settings.DEMO = True
    User.objects.create_user("somebody@county.example.org")
    told = StringIO()
    call_command("load_demo", stdout=told)
    assert told.getvalue() == "There is data already; nothing was loaded.\n"
    assert User.objects.count() == 1
