"""Which items are for whom, by the tables of docs/fee-rules.md."""

from dataclasses import dataclass
from datetime import date

import pytest

from feetables.choice import for_expert
from feetables.rules import FeeError
from tests.worked_tables import Row, cases, day, table
from training.rules import completed_by, has, lacking


@dataclass(frozen=True)
class Item:
    code: str
    training: str


def items(kind: str) -> list[Item]:
    return [
        Item(row["item"], row["only with"]) for row in table("items with a training") if row["kind of work"] == kind
    ]


def completed(text: str) -> dict[str, date]:
    """`speaker 1.1.2026, group-leader 8.10.2026`."""
    pairs = (part.split() for part in text.split(", ") if part)
    return {code: day(written) for code, written in pairs}


@cases("trained")
def test_the_item_of_an_expert(row: Row) -> None:
    trained = completed_by(completed(row["completed"]), day(row["day of the work"]))
    if row["item"] == "ambiguous":
        with pytest.raises(FeeError) as refused:
            for_expert(items(row["kind of work"]), trained)
        assert (refused.value.code, refused.value.params) == ("ambiguous", {"codes": "KOKA, KOKB"})
        return
    found = [item.code for item in for_expert(items(row["kind of work"]), trained)]
    assert found == ([] if row["item"] == "none" else [row["item"]])


def test_without_conditions_everything_stays_as_it_is() -> None:
    brackets = [Item("KEH1", ""), Item("KEH2", ""), Item("KEH3", "")]
    assert for_expert(brackets, {"speaker"}) == brackets
    assert for_expert([], {"speaker"}) == []


def test_all_brackets_of_a_training_stay_together() -> None:
    brackets = [Item("K1", ""), Item("K2", ""), Item("T1", "t"), Item("T2", "t")]
    assert [item.code for item in for_expert(brackets, {"t"})] == ["T1", "T2"]
    assert [item.code for item in for_expert(brackets, set())] == ["K1", "K2"]


@pytest.mark.parametrize(
    ("on", "counts"),
    [(date(2026, 10, 6), True), (date(2026, 10, 7), True), (date(2026, 10, 8), False)],
    ids=["the day before", "the day itself", "a day late"],
)
def test_the_day_of_completion_counts(on: date, *, counts: bool) -> None:
    work = date(2026, 10, 7)
    assert has({"speaker": on}, "speaker", work) is counts
    assert lacking(["speaker", "basic"], {"speaker": on}, work) == (["basic"] if counts else ["speaker", "basic"])
