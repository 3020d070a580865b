"""Every step of every aggregate, from which states to which and by whom, against the committed ``transitions.txt``.

After changing a table of steps: ``ERFA_WRITE_TABLES=1 pytest tests/matrices``, and READ the difference.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest

from assignments.states import (
    MOVE,
    OFFER,
    ORDER,
    PROCESS,
    SESSION,
    MoveState,
    OfferState,
    OrderState,
    ProcessState,
    SessionState,
)
from experts.models import Contract, ContractText, Expert
from experts.states import CONTRACT, CONTRACT_TEXT, EXPERT
from fees.states import (
    HOUR_LIST,
    REJECTION,
    REQUEST,
    RUN,
    ListState,
    RejectionState,
    RequestState,
    RunState,
)
from feetables.models import FeeTable
from feetables.states import TABLE as FEE_TABLE
from induction.states import GUIDE, INDUCTION, GuideState, InductionState
from office.access import Holdings
from office.actions import may
from office.choices import UNIT_ROLES, MessageState, Role
from office.outbox_states import BEGINS, ENDS, MESSAGE
from office.states import Transition
from recruitment.states import APPLICATION, ApplicationState
from training.models import Participant
from training.states import PARTICIPANT

COMMITTED = Path(__file__).with_name("transitions.txt")
HERE, ELSEWHERE = 1, 2


@dataclass(frozen=True)
class Aggregate:
    """A table of steps, all states, where it begins and where it may end."""

    name: str
    steps: Mapping[str, Transition]
    states: list[str]
    begins: str
    ends: frozenset[str]
    begins_also: frozenset[str] = frozenset()


AGGREGATES = [
    Aggregate("order", ORDER, OrderState.values, "draft", frozenset({"agreed", "cancelled"})),
    Aggregate(
        "offer",
        OFFER,
        OfferState.values,
        "queued",
        frozenset({"accepted", "declined", "withdrawn", "expired", "not_chosen"}),
    ),
    Aggregate("session", SESSION, SessionState.values, "planned", frozenset({"dropped"})),
    Aggregate("move", MOVE, MoveState.values, "waiting", frozenset({"accepted", "declined", "withdrawn"})),
    Aggregate("process", PROCESS, ProcessState.values, "planned", frozenset({"ended"})),
    Aggregate("hour_list", HOUR_LIST, ListState.values, "open", frozenset({"paid"})),
    Aggregate("run", RUN, RunState.values, "made", frozenset({"paid"})),
    Aggregate("rejection", REJECTION, RejectionState.values, "waiting", frozenset({"resent", "carried"})),
    Aggregate("request", REQUEST, RequestState.values, "open", frozenset({"accepted", "declined", "withdrawn"})),
    Aggregate("expert", EXPERT, Expert.State.values, "active", frozenset()),
    Aggregate("contract", CONTRACT, Contract.State.values, "draft", frozenset({"ended"})),
    Aggregate("contract_text", CONTRACT_TEXT, ContractText.State.values, "draft", frozenset({"replaced"})),
    Aggregate(
        "application",
        APPLICATION,
        ApplicationState.values,
        "received",
        frozenset({"accepted", "not_accepted", "withdrawn"}),
    ),
    Aggregate("guide", GUIDE, GuideState.values, "draft", frozenset({"published"})),
    Aggregate("induction", INDUCTION, InductionState.values, "open", frozenset({"done"})),
    Aggregate("participant", PARTICIPANT, Participant.State.values, "enrolled", frozenset()),
    Aggregate("message", MESSAGE, MessageState.values, "waiting", frozenset(ENDS), frozenset(BEGINS)),
    Aggregate("fee_table", FEE_TABLE, FeeTable.State.values, "draft", frozenset({"approved"})),
]


def person(role: str, unit: int | None) -> SimpleNamespace:
    held_in = unit if role in UNIT_ROLES else None
    return SimpleNamespace(holdings=Holdings.of([(role, held_in)]))


def who(step: Transition) -> str:
    """The roles that may take the step, as ``office.actions.may`` tells; a unit's role only in its own unit."""
    found = []
    for role in Role.values:
        here, elsewhere = (may(person(role, unit), step, unit_id=HERE) for unit in (HERE, ELSEWHERE))  # type: ignore[arg-type]
        assert elsewhere == (here and role not in UNIT_ROLES), f"{role} of another unit: {step.name}"
        found += [role] if here else []
    return ", ".join([*found, *(["(by itself)"] if may(None, step) else [])])


def table() -> Iterator[str]:
    yield "aggregate  step                    from        to          who"
    for aggregate in AGGREGATES:
        for name, step in aggregate.steps.items():
            for state in aggregate.states:
                if state in step.sources:
                    yield f"{aggregate.name:<10} {name:<23} {state:<11} {step.target:<11} {who(step)}"


def test_the_steps_are_those_that_were_committed() -> None:
    told = "\n".join(table()) + "\n"
    if os.environ.get("ERFA_WRITE_TABLES"):
        COMMITTED.write_text(told, encoding="utf-8")
    assert told == COMMITTED.read_text(encoding="utf-8")


@pytest.mark.parametrize("aggregate", AGGREGATES, ids=lambda aggregate: aggregate.name)
class TestAggregate:
    def test_steps_name_known_states_and_themselves(self, aggregate: Aggregate) -> None:
        for name, step in aggregate.steps.items():
            assert (name, step.sources | {step.target} <= set(aggregate.states)) == (step.name, True)

    def test_somebody_may_take_every_step(self, aggregate: Aggregate) -> None:
        assert [name for name, step in aggregate.steps.items() if not who(step)] == []

    def test_no_state_is_a_dead_end(self, aggregate: Aggregate) -> None:
        """L7: everything that is not an end has an exit for someone."""
        left = {state for step in aggregate.steps.values() for state in step.sources}
        assert set(aggregate.states) - left - aggregate.ends == set()

    def test_every_state_can_be_reached(self, aggregate: Aggregate) -> None:
        reached = {aggregate.begins} | aggregate.begins_also
        for _round in aggregate.states:
            reached |= {step.target for step in aggregate.steps.values() if step.sources & reached}
        assert reached == set(aggregate.states)


def test_nobody_but_finance_pays_and_nobody_but_the_unit_approves() -> None:
    """R23, said once more where it cannot be missed."""
    assert HOUR_LIST["pay"].roles == RUN["pay"].roles == {Role.FINANCE}
    assert HOUR_LIST["approve"].roles == HOUR_LIST["return"].roles == {Role.UNIT_CONTACT, Role.DEPUTY}
