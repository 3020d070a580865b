"""What the registry asks of the coordinator and of an expert."""

from datetime import date

from experts.models import Contract, TaxCard
from office.todo import todos
from tests.conftest import Cast
from tests.factories import at, make_contract

OCTOBER = at(2026, 10, 5, 9)
DECEMBER = at(2026, 12, 1, 9)


def said(user, moment) -> list[str]:  # noqa: ANN001 - short
    return [task.sentence.replace("\u00a0", " ") for task in todos(user, moment) if "/registry/" in task.url]


def test_the_coordinator_hears_how_many(cast: Cast) -> None:
    TaxCard.objects.create(expert=cast.expert, year=2026, delivered_on=date(2026, 1, 2))
    Contract.objects.filter(expert=cast.second_expert).update(valid_to=date(2026, 11, 30))
    assert said(cast.coordinator, OCTOBER) == [
        "1 contract ends within 60 days.",
        "1 expert has no tax card of this year.",
    ]
    assert said(cast.coordinator, at(2026, 11, 30, 9)) == said(cast.coordinator, OCTOBER)


def test_the_tax_card_of_next_year_is_asked_from_december_on(cast: Cast) -> None:
    TaxCard.objects.create(expert=cast.expert, year=2026, delivered_on=date(2026, 1, 2))
    assert said(cast.expert_user, OCTOBER) == []
    assert said(cast.expert_user, DECEMBER) == [
        "Send your tax card of 2027 to the payroll house. Without it 60 % is withheld."
    ]
    assert said(cast.coordinator, DECEMBER)[-1] == "2 experts have no tax card of next year yet."


def test_an_expert_hears_that_the_contract_ends_unless_the_next_is_made(cast: Cast) -> None:
    TaxCard.objects.create(expert=cast.expert, year=2026, delivered_on=date(2026, 1, 2))
    cast.expert.contracts.update(valid_to=date(2026, 11, 30))
    assert said(cast.expert_user, OCTOBER) == [
        "Your contract ends on Mon 30 Nov 2026. The coordinator makes a new one with you."
    ]
    make_contract(cast.expert, valid_from=date(2026, 12, 1), valid_to=None)
    assert said(cast.expert_user, OCTOBER) == []


def test_nobody_else_hears_of_it(cast: Cast) -> None:
    for user in (cast.named, cast.orderer, cast.finance, cast.supervisor):
        assert said(user, DECEMBER) == []
