"""October 2026 of the example office, closed with the rules only: the totals are told in tests/data/README.md."""

import csv
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from assignments.rules import (
    Consequence,
    Event,
    Outcome,
    cancellation_deadline,
    consequence,
    minutes,
    outcome_verdict,
)
from feetables.rules import Basis, Price, Terms, total
from office.kinds import TaskType
from office.workdays import at_wall_clock, month_of
from tests.worked_tables import day as worked_day

DATA = Path(__file__).parent.parent / "data"

BASES = {
    "kerta": Basis.PER_MEETING,
    "tunti": Basis.PER_HOUR,
    "tilaisuus": Basis.PER_EVENT,
    "kesto": Basis.BY_DURATION,
    "km": Basis.PER_KM,
}
# The item's kind of work in the fee table, by the kind of work of the session.
ITEM_KINDS = {
    TaskType.INDIVIDUAL: "yksilötyö",
    TaskType.PAIR: "työpari",
    TaskType.GROUP: "ryhmä",
    TaskType.LECTURE: "luento",
    TaskType.DEVELOPMENT: "kehittämistyö",
    TaskType.APPOINTMENT: "vastaanotto",
    TaskType.WALK_IN: "vastaanotto",
    TaskType.MEETING: "kokous",
}
TASKS = {
    "yksilötyö": TaskType.INDIVIDUAL,
    "työpari": TaskType.PAIR,
    "ryhmä": TaskType.GROUP,
    "luento": TaskType.LECTURE,
    "kehittämistyö": TaskType.DEVELOPMENT,
    "vastaanotto, ajanvaraus": TaskType.APPOINTMENT,
    "vastaanotto, walk-in": TaskType.WALK_IN,
    "kokous": TaskType.MEETING,
}
EVENTS = {
    "pidetty": Event.HELD,
    "asiakas ei tullut": Event.NO_SHOW,
    "ei osallistujia": Event.NOBODY_CAME,
    "tilaaja perui": Event.ORDERER_CANCELLED,
    "kokemusasiantuntija sairastui": Event.EXPERT_ILL,
}
PREPARATION = "VALM"  # only for preparation agreed apart, never a session's own item


def read(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def euros(text: str) -> Decimal | None:
    return Decimal(text.replace(",", ".")) if text else None


def moment(day: str, clock: str) -> datetime:
    hour, minute = map(int, clock.split("."))
    return at_wall_clock(worked_day(day), time(hour, minute))


@cache
def fee_table() -> dict[str, list[Terms]]:
    by_kind: dict[str, list[Terms]] = defaultdict(list)
    for row in read("fee_table.csv"):
        if row["Tunnus"] == PREPARATION:
            continue
        over, up_to = row["Huom."].split("-") if row["Yksikkö"] == "kesto" else ("", "")
        by_kind[row["Tehtävälaji"]].append(
            Terms(
                code=row["Tunnus"],
                basis=BASES[row["Yksikkö"]],
                amount=euros(row["Määrä"]) or Decimal(0),
                amount_max=euros(row["Enintään"]),
                minimum_minutes=int(row["Vähintään tuntia"] or 0) * 60,
                step_minutes=int(row["Pyöristys min"] or 0),
                over_minutes=int(over) * 60 if over else None,
                up_to_minutes=int(up_to) * 60 if up_to else None,
                income_type=row["Tulolaji"],
            )
        )
    return by_kind


@dataclass(frozen=True)
class Row:
    expert: str
    unit: str
    starts_at: datetime
    outcome: Outcome
    pays: Consequence


def priced(row: dict[str, str]) -> Row:
    task = TASKS[row["Tehtävä"]]
    starts_at, ends_at = (
        moment(row["Päivä"], row["Alkoi"]),
        moment(row["Päivä"], row["Päättyi"]),
    )
    verdict = outcome_verdict(
        EVENTS[row["Toteutuma"]],
        task_type=task,
        received_at=moment(*row["Peruttu (pvm klo)"].split()) if row["Peruttu (pvm klo)"] else None,
        free_until=cancellation_deadline(starts_at),
    )
    [km_item] = fee_table()["matka"]
    km = euros(row["Matka km"])
    pays = consequence(
        verdict,
        terms=fee_table()[ITEM_KINDS[task]],
        agreed_minutes=minutes(starts_at, ends_at),
        done_minutes=minutes(starts_at, ends_at),
        agreed_amount=euros(row["Palkkio sovittu"]),
        travel_terms=km_item,
        travel_km_agreed=km,
        travel_km_made=km,
    )
    return Row(row["Sähköposti"], row["Yksikkö"], starts_at, verdict.outcome, pays)


@cache
def october() -> tuple[Row, ...]:
    return tuple(priced(row) for row in read("hours_2026-10.csv"))


def lines() -> Iterator[Price]:
    for row in october():
        yield row.pays.fee
        if row.pays.travel:
            yield row.pays.travel


def told(pattern: str) -> Decimal:
    """An amount the README tells, found by the words around it."""
    text = " ".join((DATA / "README.md").read_text(encoding="utf-8").replace("*", "").split())
    match = re.search(pattern, text)
    assert match, pattern
    return Decimal(match[1].replace(" ", "").replace(",", "."))


AMOUNT = r"([\d ]+,\d\d)"


def test_rows_lists_and_experts() -> None:
    rows = october()
    assert len(rows) == 175
    assert {month_of(row.starts_at) for row in rows} == {date(2026, 10, 1)}
    assert len({(row.expert, row.unit) for row in rows}) == 133
    assert len({row.expert for row in rows}) == 27


def test_fees() -> None:
    assert total(row.pays.fee.amount for row in october()) == Decimal("12170.98") == told(f"fees {AMOUNT} €")


def test_travel() -> None:
    travel = total(row.pays.travel.amount for row in october() if row.pays.travel)
    assert travel == Decimal("1197.78") == told(f"travel {AMOUNT} €")


def test_together() -> None:
    assert total(row.pays.total for row in october()) == Decimal("13368.76") == told(f"together {AMOUNT} €")


@pytest.mark.parametrize(
    ("income_type", "amount"),
    [("210", "950.00"), ("214", "3680.00"), ("311", "1197.78"), ("336", "7540.98")],
)
def test_by_income_type(income_type: str, amount: str) -> None:
    paid = total(line.amount for line in lines() if line.income_type == income_type)
    assert paid == Decimal(amount) == told(f"{income_type}: {AMOUNT}")


def test_late_cancellations() -> None:
    late = total(row.pays.fee.amount for row in october() if row.outcome is Outcome.CANCELLED_LATE)
    assert late == Decimal("187.87") == told(f"late cancellations {AMOUNT} € of the fees")


@pytest.mark.parametrize(("unit", "amount"), [("Y01", "1307.66"), ("Y03", "1819.68"), ("Y12", "548.39")])
def test_by_unit(unit: str, amount: str) -> None:
    assert total(row.pays.total for row in october() if row.unit == unit) == Decimal(amount) == told(f"{unit} {AMOUNT}")


def test_the_sum_over_lists_is_the_sum_over_rows() -> None:
    by_list: dict[tuple[str, str], list[Decimal]] = defaultdict(list)
    for row in october():
        by_list[row.expert, row.unit].append(row.pays.total)
    assert total(total(amounts) for amounts in by_list.values()) == total(line.amount for line in lines())
