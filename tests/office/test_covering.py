"""On which days nobody stands in for the named employee: by a table, without a database."""

from datetime import date

import pytest

from office.covering import Duty, Gap, gaps
from office.workdays import is_working_day

MON, TUE, WED, THU, FRI = (date(2026, 10, day) for day in range(5, 10))
SAT, NEXT_MON, NEXT_TUE = date(2026, 10, 10), date(2026, 10, 12), date(2026, 10, 13)
END = date(2026, 11, 1)


def duty(*away: tuple[date, date], first: date = date(2026, 1, 1), last: date | None = None, unit: int = 1) -> Duty:
    return Duty(unit, 7, first, last, frozenset(away))


@pytest.mark.parametrize(
    ("duties", "found"),
    [
        pytest.param([duty()], [], id="nobody is away"),
        pytest.param([], [], id="nobody is named: told elsewhere"),
        pytest.param([duty((TUE, WED))], [(TUE, WED)], id="away without a deputy"),
        pytest.param([duty((TUE, TUE))], [(TUE, TUE)], id="one day"),
        pytest.param([duty((TUE, WED)), duty()], [], id="the deputy is there"),
        pytest.param([duty((MON, FRI)), duty((WED, THU))], [(WED, THU)], id="the deputy is away for a part"),
        pytest.param([duty((MON, FRI)), duty(last=TUE)], [(WED, FRI)], id="the deputy's role ends"),
        pytest.param([duty((MON, FRI)), duty(first=THU)], [(MON, WED)], id="the deputy begins later"),
        pytest.param([duty((MON, FRI)), duty(last=TUE), duty(first=WED)], [], id="two deputies one after the other"),
        pytest.param([duty((FRI, NEXT_TUE))], [(FRI, NEXT_TUE)], id="a weekend does not part it"),
        pytest.param([duty((SAT, SAT))], [], id="a day off is no gap"),
        pytest.param([duty((SAT, NEXT_MON))], [(NEXT_MON, NEXT_MON)], id="it begins on a working day"),
        pytest.param([duty((date(2026, 9, 1), TUE))], [(MON, TUE)], id="from today on"),
        pytest.param([duty((MON, MON), (WED, WED))], [(MON, MON), (WED, WED)], id="two gaps"),
        pytest.param([duty((MON, TUE)), duty(unit=2)], [(MON, TUE)], id="another unit's people do not stand in"),
    ],
)
def test_gaps(duties: list[Duty], found: list[tuple[date, date]]) -> None:
    assert gaps(duties, MON, END, is_working_day) == [Gap(1, first, last) for first, last in found]


def test_no_further_than_the_end() -> None:
    assert gaps([duty((MON, date(2027, 1, 1)))], MON, WED, is_working_day) == [Gap(1, MON, TUE)]
