"""What the registry reminds of: contracts 60, 30 and 7 days before their end, tax cards in December and January."""

from datetime import date

import pytest

from experts.models import Contract, Expert, TaxCard
from office.models import User
from office.outbox import KINDS
from tests.conftest import Cast, Clock
from tests.factories import at, make_contract, make_expert, make_fee_table
from tests.fees.test_reminders import people, text, told

pytestmark = pytest.mark.django_db


@pytest.fixture
def ending(cast: Cast) -> Contract:
    """Ends on Thu 31.12.2026."""
    expert = make_expert(contract=False, first_name="Ella", last_name="Ending")
    return make_contract(expert, valid_to=date(2026, 12, 31))


@pytest.mark.parametrize(
    ("day", "reminded"),
    [
        pytest.param(date(2026, 10, 30), True, id="60-days-is-sunday-1-november-so-the-friday"),
        pytest.param(date(2026, 11, 2), False, id="not-on-the-monday-again"),
        pytest.param(date(2026, 12, 1), True, id="30-days"),
        pytest.param(date(2026, 12, 2), False, id="29-days"),
        pytest.param(date(2026, 12, 23), True, id="7-days-is-christmas-eve-so-the-day-before"),
    ],
)
def test_a_contract_that_ends(cast: Cast, ending: Contract, day: date, reminded: bool) -> None:  # noqa: FBT001
    moment = at(day.year, day.month, day.day, 9)
    assert people(told("contract_ending", moment)) == [ending.expert.user] * reminded
    assert people(told("contracts_ending", moment)) == [cast.coordinator] * reminded


def test_its_words(cast: Cast, ending: Contract) -> None:
    [message] = told("contract_ending", at(2026, 12, 1, 9))
    assert message.subject == "Your contract ends on Thu 31 Dec 2026"
    [message] = told("contracts_ending", at(2026, 12, 1, 9))
    assert message.subject == "1 contract ends and has none after it"
    assert "- Ella Ending: Thu 31 Dec 2026" in text(message)


def test_not_when_another_follows_or_the_expert_has_left(cast: Cast, ending: Contract, clock: Clock) -> None:
    clock(at(2026, 12, 1, 9))
    [message] = told("contract_ending", at(2026, 12, 1, 9))
    still_true = KINDS[message.kind].still_true
    assert still_true is not None
    assert still_true(message) is True
    Expert.objects.update(state=Expert.State.ENDED)
    assert still_true(message) is False
    assert told("contracts_ending", at(2026, 12, 23, 9)) == []
    Expert.objects.update(state=Expert.State.ACTIVE)
    make_contract(ending.expert, valid_from=date(2027, 1, 1))
    assert still_true(message) is False
    assert told("contract_ending", at(2026, 10, 30, 9)) == []
    assert told("contracts_ending", at(2026, 10, 30, 9)) == []


def test_the_tax_card_in_december_and_january(cast: Cast, clock: Clock) -> None:
    make_fee_table(valid_to=None)
    closed = make_expert()
    User.objects.filter(email=closed.email).update(is_active=False)
    for kind in TaxCard.Kind:
        TaxCard.objects.create(expert=cast.second_expert, year=2027, kind=kind, delivered_on=date(2026, 11, 30))
    assert told("tax_card", at(2026, 11, 30, 9)) == []
    [message] = told("tax_card", at(2026, 12, 1, 9))
    assert (message.recipient, message.subject) == (
        cast.expert_user, "Send your tax card of 2027 to the payroll house",
    )  # fmt: skip
    assert told("tax_card", at(2026, 12, 2, 9)) == []
    [january] = told("tax_card", at(2027, 1, 4, 9))
    assert january.recipient == cast.expert_user
    clock(at(2027, 1, 4, 9))
    for kind in TaxCard.Kind:
        TaxCard.objects.create(expert=cast.expert, year=2027, kind=kind, delivered_on=date(2027, 1, 4))
    still_true = KINDS[january.kind].still_true
    assert still_true is not None
    assert still_true(january) is False
