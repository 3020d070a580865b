"""What is measured, one after another, in an office that grows on the way."""

import argparse
import os
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import cycle

from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.urls import reverse
from django.utils import timezone, translation

from assignments.actions import record_outcome
from assignments.models import Session
from assignments.rules import Event
from benchmarks import floors, office
from benchmarks.measure import Browser, Pair, Result, in_turns, queries, seconds
from benchmarks.office import Office
from fees.actions.documents import MAKERS, Kind, contents, make_documents, plan
from fees.board import month_lists
from fees.models import PaymentRun
from office.models import User

Say = Callable[[str], None]


def everything(options: argparse.Namespace, say: Say) -> list[Result]:
    """All measurements, in the order of the table."""
    now = timezone.now()
    made = office.open_office(now, options.months)
    say("office opened")
    first = office.add_unit(made, min(options.in_unit, options.experts), options.months)
    office.add_month(made, made.experts, made.month, options.entries)
    office.settle()
    say(f"{made.entries} entries of one unit, {first.code}")
    small = [page.measured(options.repeat) for page in _pages(made) if page.same_rows]
    sizes = [made.entries] * len(small)
    _fill(made, options, say)
    small += [page.measured(options.repeat) for page in _pages(made) if not page.same_rows]
    sizes += [made.entries] * (len(small) - len(sizes))
    say("pages of one month")
    _fill_the_past(made, options, say)
    pages = _pages(made)
    results = [page.measured(options.repeat) for page in pages]
    for before, early, late in zip(sizes, small, results[:], strict=True):
        what = f"growth of {late.what}, {before} to {made.entries} entries"
        # the best go of each: they are not measured in turns, and other work would be taken for growth
        results.append(Result(what, early.best, late.best or late.ours, goal="≤ 1.1 ×"))
    results += [page.measured(options.repeat) for page in _year_pages(made)]
    results.append(_board(made, options.repeat))
    say("pages")
    results.append(_write(made, options.repeat * 10))
    say("writes")
    results += _money(made, say)
    if not options.no_documents:
        results += _documents(made, options, results[-1], say)
    return results


def _fill(made: Office, options: argparse.Namespace, say: Say) -> None:
    """The other units, with the newest month."""
    first = len(made.experts)
    while (left := options.experts - len(made.experts)) > 0:
        office.add_unit(made, min(left, options.in_unit), options.months)
    office.add_month(made, made.experts[first:], made.month, options.entries)
    office.settle()
    say(f"{made.entries} entries of the newest month")


def _fill_the_past(made: Office, options: argparse.Namespace, say: Say) -> None:
    """The months before, closed and in payment."""
    for back in range(options.months - 1, 0, -1):
        month = office.month_before(made.month, back)
        office.add_month(made, made.experts, month, options.entries)
        office.approve(made, month)
        office.close(made, month)
        say(f"{month:%Y-%m} filled and closed")
    office.settle()
    say(f"{made.entries} entries altogether")


# --- pages -----------------------------------------------------------------------------------------------------------


@dataclass
class _Page:
    """A page of ours and the floor beside it. ``same_rows``: it shows as much in a small office as in a large one."""

    what: str
    goal: str
    who: User
    address: str
    floor: str
    same_rows: bool = True

    def measured(self, times: int) -> Result:
        """Both pages in turns, by the person."""
        ours = partial(Browser(WSGIHandler(), self.who).get, self.address)
        bare = partial(Browser(floors.thin(), self.who).get, self.floor)
        pair = in_turns(bare, ours, times, warm=3)
        note = f"{len(ours()) / 1024:.0f} KB; floor {queries(bare)} queries"
        return Result.of(self.what, pair, goal=self.goal, queries=queries(ours), note=note)


def _pages(made: Office) -> list[_Page]:
    month, unit, expert = made.month, made.units[0], made.experts[0]
    if expert.user is None:  # pragma: no cover - the bench gives everybody an account
        raise RuntimeError
    rows = sum(made.unit_of[other.pk] == unit for other in made.experts)
    return [
        _Page(
            f"approver's list, {rows} lists", "≤ 40 ms, ≤ 10 q", made.named[0], reverse("fees:check"),
            f"{reverse('floor_lists')}?unit={unit.pk}",
        ),
        _Page(
            "one person-month", "≤ 40 ms, ≤ 10 q", expert.user, reverse("fees:my_month_of", args=[f"{month:%Y-%m}"]),
            f"{reverse('floor_month')}?expert={expert.pk}&month={month}",
        ),
        _Page(
            f"month board, {len(made.experts)} people", "≤ 100 ms, ≤ 10 q", made.coordinator,
            reverse("fees:board_of", args=[f"{month:%Y-%m}"]), f"{reverse('floor_board')}?month={month}",
            same_rows=False,
        ),
    ]  # fmt: skip


def _year_pages(made: Office) -> list[_Page]:
    """Pages over a whole year: they hold more the more months there are."""
    month, unit = made.month, made.units[0]
    return [
        _Page(
            f"budgets of all {len(made.units)} units", "≤ 300 ms, ≤ 10 q", made.coordinator,
            f"{reverse('budgets:overview')}?year={month.year}", f"{reverse('floor_budgets')}?year={month.year}",
            same_rows=False,
        ),
        _Page(
            "a unit's budget by month", "≤ 100 ms, ≤ 10 q", made.named[0],
            f"{reverse('budgets:unit', args=[unit.pk])}?year={month.year}",
            f"{reverse('floor_budgets')}?year={month.year}&unit={unit.pk}", same_rows=False,
        ),
    ]  # fmt: skip


def _board(made: Office, times: int) -> Result:
    """The question behind the board, without its page."""
    ours = partial(month_lists, made.month, at=made.now)
    pair = in_turns(partial(floors.sum_by_list, made.month), ours, times)
    return Result.of("month board, the figures only", pair, queries=queries(ours))


# --- one write -------------------------------------------------------------------------------------------------------


def _write(made: Office, times: int) -> Result:
    """An outcome marked by the unit: locked, priced, stored, logged."""
    person = made.staff[0]
    waiting = office.add_agreed(made, times + 6)
    fresh = iter([Session.objects.select_related("order", "expert").get(pk=session.pk) for session in waiting])
    again = iter([session.pk for session in waiting])

    def ours() -> None:
        record_outcome(next(fresh), Event.HELD, by=person, at=made.now)

    def floor() -> None:
        floors.update_and_insert(next(again), made.now)

    pair = in_turns(floor, ours, times, warm=3)
    slow = statistics.quantiles(pair.ours, n=20)[-1]
    note = f"p95 {slow * 1000:.1f} ms"
    return Result.of("one write: an outcome, p50", pair, goal="≤ 15 ms", queries=queries(ours), note=note)


# --- closing ---------------------------------------------------------------------------------------------------------


def _money(made: Office, say: Say, times: int = 5) -> list[Result]:
    """The newest month as frozen, explained, logged lines; undone and done again. The last one stays."""
    office.approve(made, made.month)
    office.settle()
    pair = Pair()
    sums = []
    with floors.plain_table():
        for turn in range(times + 1):
            if turn:
                office.unmake(PaymentRun.objects.get(month=made.month))
                office.settle()
            floor = seconds(partial(floors.insert_lines, made.month))
            sums.append(seconds(partial(floors.sum_only, made.month)))
            ours = seconds(partial(office.close, made, made.month))
            if turn or times == 1:
                pair.floor.append(floor)
                pair.ours.append(ours)
    run = PaymentRun.objects.get(month=made.month)
    lines = run.lines.count()
    say(f"money: {lines} lines, {run.total} €")
    what = f"money of a month, {lines} lines"
    note = f"a bare sum {statistics.median(sums) * 1000:.0f} ms"
    return [Result.of(what, pair, goal="≤ 0.5 s / 10,000", note=note)]


def _documents(made: Office, options: argparse.Namespace, money: Result, say: Say) -> list[Result]:
    """All documents of the newest run on some processes, and a statement in this one."""
    run = PaymentRun.objects.get(month=made.month)
    papers = [paper for paper in plan(run) if paper.kind == Kind.STATEMENT]
    statements = cycle([says for _paper, says in contents(run, papers[:20])])
    rows = options.entries

    def ours() -> bytes:
        return MAKERS[Kind.STATEMENT](*next(statements))

    with translation.override("fi"):
        one = in_turns(partial(floors.document, rows), ours, min(20, len(papers)), warm=min(2, len(papers)))
    size = f"{len(ours()) / 1024:.0f} KB tagged"
    results = [Result.of(f"one statement, {rows} entries, PDF", one, goal="≤ 70 ms", note=size)]
    say("one statement")
    connection.close()
    # half of the floor before and half after, as the machine's other work comes and goes
    half = partial(floors.documents, len(papers) // 2, rows, options.processes)
    bare, bare_cpu = _with_cpu(half)
    say(f"{len(papers) // 2} bare documents")
    took, cpu = _with_cpu(partial(make_documents, run, threads=options.processes))
    say(f"{run.documents.count()} documents")
    connection.close()
    again, again_cpu = _with_cpu(half)
    say("bare documents again")
    whole = len(papers) / max(1, len(papers) // 2 * 2)
    results.append(
        Result(
            f"money + {run.documents.count()} documents, {options.processes} threads",
            (money.floor or 0) + (bare + again) * whole,
            money.ours + took,
            goal="≤ 20 s",
            note=f"floor: {len(papers)} bare documents; CPU {(bare_cpu + again_cpu) * whole:.0f} s and {cpu:.0f} s",
        )
    )
    return results


def _with_cpu(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds by the wall clock and of Python's CPU time, the children's with it."""
    before = os.times()
    took = seconds(work)
    after = os.times()
    return took, sum(after[:4]) - sum(before[:4])
