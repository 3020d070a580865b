"""The registry: its list and search in a small, a usual and a large office, and a large sheet brought in."""

from collections.abc import Callable
from contextlib import contextmanager
from datetime import date
from functools import partial
from io import BytesIO
from typing import Any

from django.core.handlers.wsgi import WSGIHandler
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from benchmarks import floors, office
from benchmarks.measure import Browser, Pair, Result, in_turns, queries, seconds
from benchmarks.office import Office
from desk.importing.files import take
from experts.models import Area, Expert, ExpertTopic, TaxCard, Topic
from experts.sheet_words import heading
from experts.usual_topics import USUAL_TOPICS
from office.models import User
from office.sheets import as_xlsx

Say = Callable[[str], None]
TOWNS = ("Porvoo", "Loviisa", "Sipoo", "Askola", "Lapinjärvi", "Pukkila", "Myrskylä")
COLUMNS = (
    "last_name", "first_name", "email", "phone", "municipality", "language", "work_languages", "topics",
    "contract_from", "contract_to", "tax_card", "payroll_number",
)  # fmt: skip


@contextmanager
def _thrown_away() -> Any:
    """What is made inside is gone afterwards."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def measured(sizes: list[int], rows: int, times: int, say: Say) -> list[Result]:
    """In a database of its own: a sheet of so many rows brought in, then list and search at each size."""
    made = office.open_office(timezone.now(), 1)
    lists_of_the_county()
    sheet = [_sheet(made.coordinator, made, rows)] if rows else []
    say(f"sheet of {rows} rows")
    results = []
    for size in sizes:
        _fill(made, size)
        office.settle()
        results += _pages(made, size, times)
        say(f"registry of {size}")
    return results + sheet


def lists_of_the_county() -> None:
    Topic.objects.bulk_create(Topic(code=code, name_fi=fi, name_sv=sv) for code, fi, sv in USUAL_TOPICS)
    Area.objects.bulk_create(Area(name_fi=town, name_sv=town) for town in TOWNS)


def _fill(made: Office, size: int) -> None:
    """Experts with account, contract, topics, areas and every second with a tax card, until there are so many."""
    unit = made.patterns[0].unit
    people = []
    for _ in range(size - Expert.objects.count()):
        n = made.number()
        people.append((unit, f"{office.LAST[n % len(office.LAST)]} {n}", n))
    describe(office.make_people(people, made.month), made.now.date())


def describe(new: list[Expert], today: date) -> None:
    """Towns, topics, areas and tax cards of these experts."""
    topics, areas = list(Topic.objects.all()), list(Area.objects.all())
    for n, expert in enumerate(new):
        expert.municipality = TOWNS[n % len(TOWNS)]
    Expert.objects.bulk_update(new, ["municipality"], batch_size=500)
    ExpertTopic.objects.bulk_create(
        ExpertTopic(expert=expert, topic=topics[(n + step) % len(topics)], published=step == 0)
        for n, expert in enumerate(new)
        for step in range(3)
    )
    through = Expert.areas.through
    through._default_manager.bulk_create(
        through(expert_id=expert.pk, area_id=areas[(n + step) % len(areas)].pk)
        for n, expert in enumerate(new)
        for step in range(2)
    )
    TaxCard.objects.bulk_create(
        TaxCard(expert=expert, year=today.year, delivered_on=date(today.year, 1, 2)) for expert in new[::2]
    )


def _pages(made: Office, size: int, times: int) -> list[Result]:
    ours = Browser(WSGIHandler(), made.coordinator)
    bare = Browser(floors.thin(), made.coordinator)
    topic = Topic.objects.order_by("pk")[2]
    results = []
    for what, asked, plain in (
        ("list", "", ""),
        ("search by name", "?q=österback", "?q=österback"),
        ("search by topic and town", f"?q=askola&topic={topic.pk}", f"?q=askola&topic={topic.pk}"),
        ("last page", f"?page={max(1, -(-size // 50))}", f"?skip={max(0, (size - 1) // 50 * 50)}"),
    ):
        page = partial(ours.get, reverse("experts:registry") + asked)
        floor = partial(bare.get, reverse("floor_experts") + plain)
        pair = in_turns(floor, page, times, warm=3)
        told = f"registry {what}, {size} experts"
        results.append(Result.of(told, pair, goal="≤ 40 ms, ≤ 10 q", queries=queries(page)))
    return results


def _sheet(by: User, made: Office, rows: int) -> Result:
    """All rows new: looked at and taken, each in a transaction of its own that is thrown away."""
    content = as_xlsx("Rekisteri", [heading(name, "fi") for name in COLUMNS], (_row(n) for n in range(rows)))

    def ours(*, dry_run: bool) -> None:
        with _thrown_away():
            report = take("registry", "registry.xlsx", content, by=by, at=made.now, dry_run=dry_run)
            if (report.added, report.faults) != (rows, []):
                raise RuntimeError(report.faults[:3])

    def floor() -> None:
        with _thrown_away():
            _bare(content)

    look = seconds(partial(ours, dry_run=True))
    pair = Pair([seconds(floor)], [seconds(partial(ours, dry_run=False))])
    note = f"the look before it {look:.1f} s; floor: read, and one insert of bare records"
    return Result.of(f"registry from a sheet, {rows} rows taken", pair, goal="≤ 60 s", note=note)


def _row(n: int) -> list[Any]:
    name = office.LAST[n % len(office.LAST)]
    return [
        f"{name} {n}", office.FIRST[n % len(office.FIRST)], f"sheet{n}@example.org", f"040 {n}", TOWNS[n % len(TOWNS)],
        "fi", "suomi; ruotsi", "masennus; ahdistus", "1.1.2026", "toistaiseksi", 2026, f"S{n}",
    ]  # fmt: skip


def _bare(content: bytes) -> None:
    from openpyxl import load_workbook  # noqa: PLC0415 - heavy

    rows = iter(load_workbook(BytesIO(content), read_only=True).worksheets[0].iter_rows(values_only=True))
    next(rows)
    Expert.objects.bulk_create(
        Expert(last_name=str(row[0]), first_name=str(row[1]), email=str(row[2]), work_languages=["fi"]) for row in rows
    )
