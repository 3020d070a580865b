"""The coordinator's word against the rule, the end of a group with its reason, undoing, and what the papers say."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from assignments import actions, texts
from assignments.actions.decided import by_the_rule
from assignments.models import Order, OrderPlan, Session
from assignments.rules import Event, RuleError, decided
from fees import actions as pay
from fees.documents import line_of
from fees.models import HourList, RunLine
from fees.pdf import happened
from feetables.rules import Price
from office.errors import Conflict, Refused
from office.models import LogEntry, User
from tests.conftest import Cast, Clock
from tests.factories import at, make_agreed_session, make_closed_session, make_fee_table
from tests.stories.reader import Person

pytestmark = pytest.mark.django_db
WED_10 = at(2026, 10, 7, 10)
LIMIT = at(2026, 10, 6, 15)
LATE = LIMIT + timedelta(minutes=30)
AFTER = at(2026, 10, 8, 9)
SignIn = Callable[[User], Client]
EVENTS: list[tuple[str, dict[str, Any], str]] = [
    ("held", {"travel_km": Decimal("24.0")}, "individual"),
    ("held", {"done": (WED_10, WED_10 + timedelta(minutes=100)), "ends_at": WED_10 + timedelta(hours=2)}, "group"),
    ("orderer_cancelled", {"received_at": LIMIT}, "individual"),
    ("orderer_cancelled", {"received_at": LATE}, "individual"),
    ("no_show", {}, "individual"),
    ("nobody_came", {}, "group"),
    ("group_ended", {"received_at": LIMIT}, "group"),
    ("expert_ill", {"received_at": LIMIT}, "individual"),
]


@pytest.fixture(autouse=True)
def fee_table(db: None) -> None:
    make_fee_table()


def closed(cast: Cast, event: str = "orderer_cancelled", kind: str = "individual", **facts: Any) -> Session:
    if event == "orderer_cancelled":
        facts = {"received_at": LATE} | facts
    return make_closed_session(
        WED_10, facts.pop("ends_at", None), kind, event=event, unit=cast.unit, orderer=cast.orderer,
        expert=cast.expert, recorded_by=cast.orderer, **facts,
    )  # fmt: skip


# --- the rule, counted again -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("event", "facts", "kind"), EVENTS)
def test_the_rule_counted_again_is_what_was_stored(cast: Cast, event: str, facts: dict[str, Any], kind: str) -> None:
    """M4: going back to the rule gives the very line that there was."""
    session = closed(cast, event, kind, **facts)
    again = by_the_rule(session)
    assert (again.fee.to_json(), again.fee.amount) == (session.price, session.fee)
    assert (again.travel.amount if again.travel else Decimal(0)) == session.travel_fee


@pytest.mark.parametrize(
    ("amount", "code"), [("-1", "decided_amount"), ("1.005", "decided_amount"), ("50.00", "decided_same")]
)
def test_what_cannot_be_decided(cast: Cast, amount: str, code: str) -> None:
    price = Price.from_json(closed(cast).price or {})
    with pytest.raises(RuleError) as told:
        decided(price, Decimal(amount), "because")
    assert told.value.code == code


# --- deciding --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("event", "facts", "amount", "rule"),
    [
        pytest.param("orderer_cancelled", {}, "0.00", "50.00", id="a late cancellation is waived"),
        pytest.param("orderer_cancelled", {}, "20.50", "50.00", id="another sum"),
        pytest.param(
            "orderer_cancelled", {"received_at": LIMIT}, "30.00", "0.00", id="a fee where the rule gives none"
        ),
    ],
)
def test_another_fee_with_its_reason(cast: Cast, event: str, facts: dict[str, Any], amount: str, rule: str) -> None:
    session = actions.decide_fee(
        closed(cast, event, **facts), Decimal(amount), "The bus was cancelled", by=cast.coordinator, at=AFTER
    )
    session.refresh_from_db()
    assert (str(session.fee), str(session.override_fee), session.override_by) == (amount, amount, cast.coordinator)
    price = Price.from_json(session.price or {})
    assert (price.units * price.unit_price, price.amount) == (Decimal(amount), Decimal(amount))
    words = texts.describe_price(session.price)
    assert "By the rule it is " + texts.money(rule) in words
    assert "decided " + texts.money(amount) + ": The bus was cancelled" in words
    assert texts.describe_outcome(session).endswith(f"The coordinator has decided the fee: {texts.money(amount)}.")
    row = LogEntry.objects.get(kind="session.decide_fee")
    assert (row.actor, row.reason, row.facts) == (
        cast.coordinator, "The bus was cancelled", {"rule": rule, "decided": amount},
    )  # fmt: skip


def test_back_to_the_rule(cast: Cast) -> None:
    session = closed(cast)
    price = session.price
    actions.decide_fee(session, Decimal(0), "Waived", by=cast.coordinator, at=AFTER)
    actions.decide_fee(session, Decimal(10), "Anew", by=cast.coordinator, at=AFTER)
    actions.back_to_rule(session, by=cast.coordinator, at=AFTER)
    session.refresh_from_db()
    assert (session.fee, session.price, session.override_fee, session.override_reason) == (
        Decimal("50.00"), price, None, "",
    )  # fmt: skip
    with pytest.raises(Conflict):
        actions.back_to_rule(session, by=cast.coordinator, at=AFTER)


@pytest.mark.parametrize("reason", ["", "   ", "131052-308T"])
def test_no_decision_without_words(cast: Cast, reason: str) -> None:
    session = closed(cast)
    with pytest.raises(Refused):
        actions.decide_fee(session, Decimal(0), reason, by=cast.coordinator, at=AFTER)
    session.refresh_from_db()
    assert (session.fee, session.override_fee) == (Decimal("50.00"), None)


@pytest.mark.parametrize("who", ["orderer", "named", "deputy", "expert_user", "finance", "stranger"])
def test_only_the_coordinator_decides(cast: Cast, who: str) -> None:
    session = closed(cast)
    with pytest.raises(Refused):
        actions.decide_fee(session, Decimal(0), "no", by=getattr(cast, who), at=AFTER)


def test_nobody_decides_the_own_fee(cast: Cast) -> None:
    """P8: a coordinator who works as an expert too."""
    cast.expert.user = cast.coordinator
    cast.expert.save()
    with pytest.raises(Refused):
        actions.decide_fee(closed(cast), Decimal(100), "mine", by=cast.coordinator, at=AFTER)


@pytest.mark.parametrize("case", ["agreed", "declined", "moved"])
def test_what_has_no_fee_to_decide(cast: Cast, case: str) -> None:
    if case == "agreed":
        session = make_agreed_session(WED_10, unit=cast.unit, expert=cast.expert)
    elif case == "declined":
        session = closed(cast, fee_declined=True)
    else:
        session = closed(cast, "moved")
    with pytest.raises((Refused, Conflict)):
        actions.decide_fee(session, Decimal(5), "why", by=cast.coordinator, at=AFTER)


def test_taking_the_outcome_back_takes_the_decision_back(cast: Cast) -> None:
    """The money line is what was agreed; a unit does not undo the coordinator's decision."""
    session = actions.decide_fee(closed(cast), Decimal(0), "Waived", by=cast.coordinator, at=AFTER)
    with pytest.raises(Refused, match="coordinator has decided"):
        actions.undo_outcome(session, by=cast.orderer, at=AFTER)
    back = actions.undo_outcome(session, by=cast.coordinator, at=AFTER)
    back.refresh_from_db()
    assert (back.state, back.fee, back.override_fee, back.override_reason, back.told_by) == (
        "agreed", Decimal("50.00"), None, "", "",
    )  # fmt: skip


# --- the list, the run, the papers -----------------------------------------------------------------------------------


def paid(cast: Cast) -> RunLine:
    pay.send_month(cast.expert, date(2026, 10, 1), by=cast.expert_user, at=at(2026, 11, 2, 9))
    pay.approve(list(HourList.objects.all()), by=cast.named, at=at(2026, 11, 3, 9))
    run = pay.make_run(date(2026, 10, 1), by=cast.coordinator, at=at(2026, 11, 12, 9), documents=False)
    return run.lines.select_related("corrects__run").get(kind="fee")


def test_the_line_that_is_paid_says_both_sums_and_why(cast: Cast) -> None:
    session = closed(cast)
    actions.decide_fee(session, Decimal("20.00"), "The bus was cancelled", by=cast.coordinator, at=AFTER)
    line = paid(cast)
    assert (line.amount, line.reason, line.run.total) == (Decimal("20.00"), "The bus was cancelled", Decimal("20.00"))
    words = happened(line_of(line), "en").replace("\u00a0", " ")
    assert words.endswith("By the rule €50.00, decided €20.00: The bus was cancelled.")
    assert "the agreed fee is paid" not in words


def test_frozen_when_the_list_is_approved(cast: Cast) -> None:
    session = actions.decide_fee(closed(cast), Decimal(0), "Waived", by=cast.coordinator, at=AFTER)
    pay.send_month(cast.expert, date(2026, 10, 1), by=cast.expert_user, at=at(2026, 11, 2, 9))
    pay.approve(list(HourList.objects.all()), by=cast.named, at=at(2026, 11, 3, 9))
    with pytest.raises(Refused, match="hour list"):
        actions.decide_fee(session, Decimal(10), "Anew", by=cast.coordinator, at=at(2026, 11, 4, 9))
    with pytest.raises(Refused, match="hour list"):
        actions.back_to_rule(session, by=cast.coordinator, at=at(2026, 11, 4, 9))
    session.refresh_from_db()
    assert (session.fee, session.override_fee) == (Decimal(0), Decimal(0))


# --- the end of a group ----------------------------------------------------------------------------------------------


def group(cast: Cast, weeks: int = 3, **plan: Any) -> list[Session]:
    made: list[Session] = []
    for n in range(weeks):
        made.append(
            make_agreed_session(
                WED_10 + n * timedelta(weeks=1), kind="group", unit=cast.unit, orderer=cast.orderer,
                expert=cast.expert, order=made[0].order if made else None, agreed_at=at(2026, 9, 1, 9),
            )
        )  # fmt: skip
    if plan:
        OrderPlan.objects.create(order=made[0].order, **plan)
    return made


def test_the_end_of_a_group_says_why(cast: Cast) -> None:
    made = group(cast)
    with pytest.raises(Refused, match="Say why the group ends"):
        actions.record_outcome(made[1], "group_ended", by=cast.orderer, at=LATE)
    assert set(Session.objects.values_list("state", flat=True)) == {"agreed"}
    actions.record_outcome(made[1], "group_ended", by=cast.orderer, at=LATE, change_reason="Too few came")
    assert list(Session.objects.order_by("starts_at").values_list("outcome", "fee", "change_reason")) == [
        ("", Decimal("25.00"), ""),
        ("group_ended", Decimal("0.00"), "Too few came"),
        ("group_ended", Decimal("0.00"), "Too few came"),
    ]


def test_two_experts_of_a_group_end_together(cast: Cast) -> None:
    """The second expert's sessions after the end pay nothing either; both hear it."""
    made = group(cast)
    second = make_agreed_session(WED_10, kind="group", unit=cast.unit, orderer=cast.orderer, expert=cast.second_expert)
    Order.objects.filter(pk=made[0].order_id).update(companion=second.order)
    actions.record_outcome(made[0], "group_ended", by=cast.orderer, at=LIMIT, change_reason="Too few came")
    assert set(Session.objects.values_list("outcome", "fee")) == {("group_ended", Decimal("0.00"))}


@pytest.mark.parametrize(
    ("plan", "answers", "reason"),
    [
        pytest.param({"end_reasons": "fewer than four"}, {"why": "agreed"}, "fewer than four", id="agreed beforehand"),
        pytest.param({}, {"why": "compelling", "change_reason": "Water damage"}, "Water damage", id="compelling"),
    ],
)
def test_story_ending_a_group(
    cast: Cast, clock: Clock, plan: dict[str, Any], answers: dict[str, str], reason: str
) -> None:
    made = group(cast, **plan)
    clock(LATE)
    anna = Person(cast.orderer).open(f"/orders/sessions/{made[0].pk}/").follow("End the group")
    anna.press("End the group")
    assert "Choose why the group ends." in anna.sees
    anna.press("End the group", **answers)
    assert set(Session.objects.values_list("outcome", "change_reason")) == {("group_ended", reason)}
    assert reason in Person(cast.expert_user).open(f"/orders/sessions/{made[2].pk}/").sees


# --- the page of the decision ----------------------------------------------------------------------------------------


def test_story_waiving_and_going_back(cast: Cast, clock: Clock) -> None:
    session = closed(cast)
    clock(AFTER)
    carla = Person(cast.coordinator).open(f"/orders/sessions/{session.pk}/").follow("Decide the fee")
    assert "By the rule: €50.00" in carla.sees.replace("\u00a0", " ")
    carla.press("Decide the fee", amount="0")
    assert Session.objects.get().override_fee is None
    carla.press("Decide the fee", amount="0", reason="Snow storm")
    assert "The coordinator has decided the fee" in carla.sees
    assert "Snow storm" in Person(cast.expert_user).open(f"/orders/sessions/{session.pk}/").sees
    carla.press("Back to the rule")
    assert (Session.objects.get().fee, "by the rule again" in carla.sees) == (Decimal("50.00"), True)


@pytest.mark.parametrize("who", ["orderer", "named", "expert_user"])
def test_others_have_no_button_for_it(cast: Cast, client_for: SignIn, clock: Clock, who: str) -> None:
    session = closed(cast)
    clock(AFTER)
    client = client_for(getattr(cast, who))
    assert "Another fee than the rule gives" not in client.get(f"/orders/sessions/{session.pk}/").content.decode()
    assert client.get(f"/orders/sessions/{session.pk}/fee/").status_code == 403
    assert client.post(f"/orders/sessions/{session.pk}/fee/", {"amount": "0", "reason": "x"}).status_code == 403


def moment_of(event: Event) -> datetime:
    return LATE if event in {Event.ORDERER_CANCELLED, Event.EXPERT_ILL, Event.EXPERT_CANCELLED} else AFTER


@pytest.mark.parametrize(
    ("event", "fee"),
    [
        (Event.HELD, "50.00"),
        (Event.ORDERER_CANCELLED, "50.00"),
        (Event.NO_SHOW, "50.00"),
        (Event.EXPERT_ILL, "0.00"),
        (Event.EXPERT_CANCELLED, "0.00"),
    ],
)
def test_undoing_gives_the_agreed_line_back(cast: Cast, event: Event, fee: str) -> None:
    """A wrong mark is taken back with its money line, whatever it was."""
    session = make_agreed_session(WED_10, unit=cast.unit, orderer=cast.orderer, expert=cast.expert)
    price = session.price
    marked = actions.record_outcome(session, event.value, by=cast.coordinator, at=moment_of(event))
    assert str(marked.fee) == fee
    back = actions.undo_outcome(marked, by=cast.coordinator, at=moment_of(event))
    back.refresh_from_db()
    assert (back.state, str(back.fee), back.price) == ("agreed", "50.00", price)
