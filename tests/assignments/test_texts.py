"""Words for verdicts, prices and outcomes: every code of the rules has some, and they say what is true."""

import ast
import inspect
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from assignments import actions, messages, texts, texts_history
from assignments import rules as session_rules
from assignments.actions.series import Scope, covered
from assignments.actions.series_moves import Shift, preview_moves
from assignments.models import Offer, Session
from assignments.rules import BY_OUTCOME, VERDICTS, Event, RuleError
from assignments.states import MOVE, OFFER, ORDER, SESSION
from feetables import rules as fee_rules
from feetables.rules import FeeError
from office.models import LogEntry, OutboxMessage
from office.outbox import KINDS
from tests.assignments.test_two_experts import lacking
from tests.conftest import Cast
from tests.factories import (
    at,
    make_agreed_session,
    make_closed_session,
    make_expert,
    make_fee_table,
    make_offer,
    make_order,
)

WED_10 = at(2026, 10, 7, 10)
WED_11 = at(2026, 10, 7, 11)
LIMIT = at(2026, 10, 6, 15)
NOW = at(2026, 9, 21, 9)
HOUR = timedelta(hours=1)


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def source_of(module: Any) -> ast.Module:
    """What is written in a module, or in all modules of a package."""
    file = Path(inspect.getfile(module))
    files = sorted(file.parent.glob("*.py")) if file.name == "__init__.py" else [file]
    return ast.parse("\n".join(one.read_text(encoding="utf-8") for one in files))


def raised_codes(module: Any, error: type[Exception]) -> set[str]:
    """The codes with which a module of rules raises an error."""
    tree = source_of(module)
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return {
        call.args[0].value
        for call in calls
        if isinstance(call.func, ast.Name)
        and call.func.id == error.__name__
        and call.args
        and isinstance(call.args[0], ast.Constant)
        and isinstance(call.args[0].value, str)
    }


#: Codes that only a fault in the program or in a fee table can give; they are told by their name.
FAULTS = {
    "done_minutes_missing",
    "not_a_number",
    "code",
    "income_type",
    "amount_max_only_per_event",
    "amount_max_below_amount",
    "negative_minutes",
    "minutes_only_per_hour",
    "bracket_only_by_duration",
    "bracket_empty",
    "bracket_missing",
    "stored_terms",
    "stored_price",
    "travel_item",
    "not_travel_item",
    "outside_bracket",
    "share_amount",
    "share_incomplete",
    "share_is_no_range",
    "share_without_percent",
}


def test_every_refusal_of_the_rules_has_words() -> None:
    codes = raised_codes(session_rules, RuleError) | raised_codes(fee_rules, FeeError)
    assert codes - FAULTS - texts.REFUSALS.keys() == set()


def test_a_refusal_says_its_amounts() -> None:
    error = FeeError("agreed_amount_outside", low=Decimal("100.00"), high=Decimal("600.00"), amount=Decimal(99))
    assert texts.describe_refusal(error) == "The agreed amount must be between €100.00 and €600.00."
    assert texts.describe_refusal(FeeError("stored_terms")) == "The rules do not allow this (stored_terms)."


@pytest.mark.parametrize("event", [event for event in Event if event is not Event.MOVED])
def test_every_event_has_words(event: Event) -> None:
    assert texts.describe_event(event)
    assert texts.describe_event(event, own=True)


def test_every_rule_that_decides_has_words() -> None:
    rules = {verdict.rule for pair in VERDICTS.values() for verdict in pair if verdict}
    assert [rule for rule in rules if not texts.describe_rule(rule)] == []


def test_every_step_has_words_in_the_history() -> None:
    steps = {
        f"{name}.{step}"
        for name, table in (("order", ORDER), ("offer", OFFER), ("session", SESSION), ("move", MOVE))
        for step in table
    }
    assert steps - texts_history.WORDS.keys() == set()


PRICES: dict[str, tuple[list[Any], str]] = {
    "per hour": (
        [["per_hour", {"minutes": "105", "paid": "105", "unit_price": "25.00"}]],
        "€25.00 an hour × 1 h 45 min.",
    ),
    "minimum": (
        [
            ["per_hour", {"minutes": "45", "paid": "120", "unit_price": "26.26"}],
            ["minimum", {"minimum": "120"}],
        ],
        "€26.26 an hour × 2 h. At least 2 h is paid.",
    ),
    "step": (
        [
            ["per_hour", {"minutes": "46", "paid": "60", "unit_price": "25.00"}],
            ["step", {"step": "15", "from": "46", "to": "60"}],
        ],
        "€25.00 an hour × 1 h. 46 min counted as 1 h: each started 15 min counts.",
    ),
    "meeting": ([["per_meeting", {"unit_price": "50.00"}]], "€50.00 a meeting, whatever its length."),
    "event": ([["per_event", {"agreed": "250.00"}]], "€250.00 agreed for the event."),
    "short bracket": (
        [["bracket", {"minutes": "90", "unit_price": "55.00", "over": "0", "up_to": "120"}]],
        "€55.00 for work of at most 2 h.",
    ),
    "middle bracket": (
        [["bracket", {"minutes": "180", "unit_price": "110.00", "over": "120", "up_to": "240"}]],
        "€110.00 for work of more than 2 h, at most 4 h.",
    ),
    "last bracket": (
        [["bracket", {"minutes": "300", "unit_price": "220.00", "over": "240", "up_to": ""}]],
        "€220.00 for work of more than 4 h.",
    ),
    "short bracket frozen before": (
        [["bracket", {"minutes": "90", "over": "0", "up_to": "120"}]],
        "Work of at most 2 h.",
    ),
    "bracket": (
        [["bracket", {"minutes": "180", "over": "120", "up_to": "240"}]],
        "Work of more than 2 h, at most 4 h.",
    ),
    "long bracket": ([["bracket", {"minutes": "300", "over": "240", "up_to": ""}]], "Work of more than 4 h."),
    "km": ([["per_km", {"km": "24.00", "unit_price": "0.55"}]], "24 km × €0.55."),
    "km capped": (
        [["km_capped", {"made": "30.0", "agreed": "24.0"}]],
        "30 km were travelled, 24 km were agreed and are paid.",
    ),
    "declined": ([["declined", {"instead_of": "50.00"}]], "The expert works without a fee; it would be €50.00."),
    "receipt": ([["receipt", {"amount": "12.40"}]], "Costs against a receipt: €12.40."),
    "nothing": ([["cancelled_in_time", {}]], "Cancelled in time: nothing is paid."),
}


@pytest.mark.parametrize("case", PRICES)
def test_prices_in_words(case: str) -> None:
    explanation, words = PRICES[case]
    assert plain(texts.describe_price({"explanation": explanation})) == words


def test_no_price_has_no_words() -> None:
    assert texts.describe_price(None) == ""


def test_every_fact_of_a_price_has_words() -> None:
    tree = source_of(fee_rules)
    facts = {
        node.elts[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Tuple)
        and len(node.elts) == 2
        and isinstance(node.elts[0], ast.Constant)
        and isinstance(node.elts[1], ast.Dict)
    }
    reasons = {verdict.reason for verdict in BY_OUTCOME.values() if verdict.pays == "nothing"}
    assert facts
    assert (facts | reasons | {"km_capped"}) - texts.FACTS.keys() == set()


OUTCOMES = {
    "held": "Held as agreed. The fee is €50.00.",
    "orderer_cancelled": (
        "Cancelled Tue 6 Oct 2026 at 16:00, after the limit Tue 6 Oct 2026 at 15:00. The agreed fee €50.00 is paid."
    ),
    "moved": "Moved to another time. No fee is paid.",
    "no_show": "The client did not come. The agreed fee €50.00 is paid.",
    "expert_ill": "The expert was ill. No fee is paid.",
    "expert_cancelled": "The expert cancelled. No fee is paid.",
}


@pytest.mark.parametrize("event", OUTCOMES)
def test_outcomes_in_words(cast: Cast, event: str) -> None:
    session = make_closed_session(WED_10, event=event, expert=cast.expert, received_at=LIMIT + HOUR)
    assert plain(texts.describe_outcome(session)) == OUTCOMES[event]


def test_cancelled_in_time_in_words(cast: Cast) -> None:
    session = make_closed_session(WED_10, event="orderer_cancelled", expert=cast.expert, received_at=LIMIT)
    assert plain(texts.describe_outcome(session)) == (
        "Cancelled Tue 6 Oct 2026 at 15:00, in time: the limit was Tue 6 Oct 2026 at 15:00. No fee is paid."
    )


def test_an_agreed_session_has_no_outcome_yet(cast: Cast) -> None:
    assert texts.describe_outcome(make_agreed_session(WED_10, expert=cast.expert)) == ""


def test_times_follow_the_language_and_the_zone() -> None:
    """T10: Helsinki, in summer and in winter."""
    winter = at(2026, 12, 1, 10)
    with translation.override("fi"):
        assert plain(texts.span(WED_10, WED_11)) == "ke 7.10.2026 klo 10.00–11.00"
        assert plain(texts.span(winter, winter + HOUR)) == "ti 1.12.2026 klo 10.00–11.00"
    with translation.override("sv"):
        assert plain(texts.span(WED_10, WED_11)) == "on 7.10.2026 kl. 10.00–11.00"


def test_the_same_clock_twice_in_a_span_is_not_cut_wrong() -> None:
    assert plain(texts.span(at(2026, 10, 7, 0), at(2026, 10, 8, 0))).startswith("Wed 7 Oct 2026 at 0:00–")


# --- messages --------------------------------------------------------------------------------------------------------


def mail(kind: str) -> OutboxMessage:
    return OutboxMessage.objects.filter(kind=kind).earliest("pk")


def everything_that_is_sent(cast: Cast) -> None:
    """A story in which every kind of message goes out."""
    make_fee_table()
    draft = {"unit": cast.unit, "kind": "individual", "task": "Support", "place": "Room 2"}
    order = actions.save_draft(None, by=cast.orderer, at=NOW, times=[(WED_10, WED_11)], **draft)  # type: ignore[arg-type]
    actions.submit(order, by=cast.orderer, at=NOW)
    actions.confirm(order, by=cast.named, at=NOW)
    offer = actions.make_offer(order, cast.second_expert, by=cast.coordinator, at=NOW)
    actions.decline(offer, by=cast.second_expert_user, at=NOW)
    actions.withdraw_offer(actions.make_offer(order, cast.expert, by=cast.coordinator, at=NOW), by=cast.orderer, at=NOW)
    offer = actions.make_offer(order, cast.expert, by=cast.coordinator, at=NOW + HOUR)
    actions.accept(offer, by=cast.expert_user, at=NOW + HOUR)
    session = Session.objects.get(state="agreed")
    move = actions.propose_move(session, WED_11, WED_11 + HOUR, by=cast.orderer, at=NOW + HOUR)
    new = actions.accept_move(move, by=cast.expert_user, at=NOW + HOUR)
    actions.record_outcome(new, "orderer_cancelled", by=cast.orderer, at=NOW + HOUR)
    actions.undo_outcome(new, by=cast.orderer, at=NOW + HOUR)
    several(new, cast)
    asked_of_several(cast)
    lapsing(cast)
    missing, _there = lacking(cast, times=[(WED_10 + 42 * 24 * HOUR, WED_11 + 42 * 24 * HOUR)])
    actions.go_on_with_one(missing, co_leader="Nina Nurse", by=cast.orderer, at=NOW)


def asked_of_several(cast: Cast) -> None:
    """Who can?, with one chosen, one not and one without an answer; reminded; changed before it was confirmed."""
    draft = {"unit": cast.unit, "kind": "individual", "task": "Support"}
    times = [(WED_10 + 7 * 24 * HOUR, WED_11 + 7 * 24 * HOUR)]
    order = actions.save_draft(None, by=cast.orderer, at=NOW, times=times, place="Room 2", **draft)  # type: ignore[arg-type]
    third = make_expert()
    experts = [cast.expert, cast.second_expert, third]
    actions.choose_whom(order, by=cast.orderer, at=NOW, asking="who_can", experts=experts)
    actions.submit(order, by=cast.orderer, at=NOW)
    actions.save_draft(order, by=cast.named, at=NOW, times=times, place="Room 4", **draft)  # type: ignore[arg-type]
    order.refresh_from_db()
    actions.choose_whom(order, by=cast.named, at=NOW, asking="who_can", experts=experts)
    actions.confirm(order, by=cast.named, at=NOW)
    offers = {offer.expert_id: offer for offer in order.offers.select_related("order", "expert__user")}
    actions.say_yes(offers[cast.expert.pk], by=cast.expert_user, at=NOW)
    actions.say_yes(offers[cast.second_expert.pk], by=cast.second_expert_user, at=NOW)
    until = offers[third.pk].answer_by
    actions.remind_due(at=until - HOUR)
    actions.expire_due(at=until + HOUR)
    actions.choose(offers[cast.expert.pk], by=cast.orderer, at=until + HOUR)


def lapsing(cast: Cast) -> None:
    """Who can?, and nobody is chosen in time."""
    times = [(WED_10 + 28 * 24 * HOUR, WED_11 + 28 * 24 * HOUR)]
    order = actions.save_draft(
        None, by=cast.orderer, at=NOW, times=times, unit=cast.unit, kind="meeting", task="Support", place="Room 2"
    )
    actions.choose_whom(order, by=cast.orderer, at=NOW, asking="who_can", experts=[cast.expert])
    actions.submit(order, by=cast.named, at=NOW)
    actions.say_yes(order.offers.get(), by=cast.expert_user, at=NOW)
    actions.lapse_due(at=times[0][0] - HOUR)


def several(session: Session, cast: Cast) -> None:
    """Another place, and new times proposed and answered together."""
    moment = NOW + HOUR
    actions.change_place(session, Scope.ONE, "Room 3", seen=1, by=cast.orderer, at=moment)
    shift = Shift(weekday=3)
    seen = preview_moves(covered(session, Scope.ONE, at=moment), shift, at=moment, by_expert=False).seal
    made = actions.move_series(session, Scope.ONE, shift, seen=seen, by=cast.orderer, at=moment)
    actions.decline_moves(made[0], expected=1, by=cast.expert_user, at=moment)


def test_every_kind_of_message_is_written_and_names_nobody_in_its_subject(cast: Cast) -> None:
    everything_that_is_sent(cast)
    own = {kind.name for kind in vars(messages).values() if kind in KINDS.values()}
    assert set(OutboxMessage.objects.values_list("kind", flat=True)) == own
    for message in OutboxMessage.objects.all():
        assert message.subject
        assert "UNDEFINED" not in message.subject + message.body
        assert "Support" not in message.subject
        assert "Eva" not in message.subject
        assert "\n\n\n\n" not in message.body


def test_the_mail_of_an_offer(cast: Cast) -> None:
    everything_that_is_sent(cast)
    message = mail("offer")
    assert message.recipient == cast.second_expert_user
    assert message.subject == "An offer of work for you"
    offer = Offer.objects.earliest("pk")
    assert plain(message.body) == (
        "Loviisan mielenterveystoimisto asks you for: Individual work.\n\n"
        "Support\n"
        "- Wed 7 Oct 2026 at 10:00–11:00\n"
        "Room 2\n\n"
        "Travel is not paid.\n\n"
        "Answer by Thu 24 Sep 2026 at 16:00. You are free to say no, and no reason is asked.\n\n"
        "Answer yes or no without signing in:\n"
        "[[own_link]]\n\n"
        "Sign in and see everything:\n"
        f"http://localhost:8000/orders/offers/{offer.pk}/\n\n"
        "Wellbeing services county of East Uusimaa"
    )


def test_markup_in_a_task_stays_text(cast: Cast) -> None:
    """P11: mails are plain text; nothing is escaped and nothing becomes a link or markup."""
    make_fee_table()
    order = make_order(unit=cast.unit, orderer=cast.named, task="<b>Tea & talk</b>", times=[(WED_10, WED_11)])
    offer = make_offer(order, cast.expert)
    actions.accept(offer, by=cast.expert_user, at=NOW)
    assert "<b>Tea & talk</b>" in mail("offer_accepted").body


def test_the_log_tells_both_moments_of_a_call(cast: Cast) -> None:
    session = make_agreed_session(WED_10, unit=cast.unit, orderer=cast.orderer, expert=cast.expert)
    actions.record_outcome(session, "orderer_cancelled", by=cast.coordinator, at=LIMIT + HOUR, received_at=LIMIT - HOUR)
    entry = LogEntry.objects.of(session).get()
    words = texts_history.WORDS["session.close"]
    assert callable(words)
    assert plain(words(entry)) == "marked “Cancelled in time”, told Tue 6 Oct 2026 at 14:00, fee €0.00"
