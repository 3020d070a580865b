"""A person's data by record class: what a download shows, what an erasure does, how long it is kept.

Each app tells its own classes in ``rights.py``; ``desk`` carries them out. A class says

- which rows are a person's (``rows``), so that nothing is forgotten: a test walks all models;
- how they read (``collects``): sections of records of facts, and files;
- what an erasure does: removes them (``erases``), or keeps them because a law says so (``kept_by_law``);
- what an erasure has to wait for (``blocks``);
- how long they are kept (``retained``), and how they go (``removes``).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.db.models import DateField, Value
from django.utils.functional import Promise

if TYPE_CHECKING:
    from office.models import User

Words = str | Promise
Plain = str | int | bool | Decimal | date | datetime | list[str] | None

#: What stands where a name stood, in both languages of the county; the number of the record follows.
ERASED = "Poistettu – Raderad"

#: Rows that tell about other records.
TELLING = frozenset({"office.LogEntry", "office.OutboxMessage"})


@dataclass(frozen=True)
class Person:
    """Whose data: an account, an expert of the registry (its id), or both."""

    name: str
    language: str
    user: "User | None" = None
    expert_id: int = 0  # 0: is in no registry
    email: str = ""
    said: tuple[str, ...] = ()  # how texts name the person: full and short name, e-mail, telephone

    @property
    def user_id(self) -> int:
        """The account's id; 0 without an account."""
        return self.user.pk if self.user else 0


@dataclass(frozen=True)
class Fact:
    """A label and a value. ``value`` is for machines, ``shown`` for people (none: the value in the reader's way)."""

    key: str
    label: Words
    value: Plain
    shown: Words | None = None


Record = Sequence[Fact]


@dataclass(frozen=True)
class Section:
    """Records of one sort under a heading. ``key`` stays the same for ever: programs read it."""

    key: str
    title: Words
    records: Sequence[Record]
    note: Words = ""


@dataclass(frozen=True)
class File:
    """A document of the person's. ``read`` is called when its turn comes, so that one at a time is in memory."""

    name: str
    title: Words
    read: Callable[[], bytes]


Rows = Mapping[str, "models.QuerySet[Any]"]


@dataclass(frozen=True)
class Obstacle:
    """Rows that an erasure has to wait for, and how that is said for so many of them."""

    rows: "models.QuerySet[Any]"
    said: Callable[[int], Words]


Ends = Callable[[Person], "models.QuerySet[Any]"]
Waits = Callable[[Person, datetime], Iterable[Obstacle]]


@dataclass
class RecordClass:
    """One sort of records. ``months``: how long it is kept by default; None: until an erasure."""

    code: str
    name: Words
    place: int
    labels: tuple[str, ...]
    rows: Callable[[Person], Rows]
    why: Words = ""
    by_law: bool = False
    months: int | None = None
    least: int = 0
    in_work: bool = False
    since: Words = ""
    collect: Callable[[Person], Iterable[Section]] | None = None
    collect_files: Callable[[Person], Iterable[File]] | None = None
    ends: Ends | None = None
    waits: list[Waits] = field(default_factory=list)
    erase: Callable[[Person, str, datetime], int] | None = None
    over: Callable[[date], "models.QuerySet[Any]"] | None = None
    remove: Callable[[Sequence[Any]], Mapping[str, int]] | None = None
    leans: list[Callable[["models.QuerySet[Any]"], "models.QuerySet[Any]"]] = field(default_factory=list)

    def collects(self, function: Callable[[Person], Iterable[Section]]) -> Callable[[Person], Iterable[Section]]:
        """Registers how the person's rows read. Few queries, none in loops."""
        self.collect = function
        return function

    def gives_files(self, function: Callable[[Person], Iterable[File]]) -> Callable[[Person], Iterable[File]]:
        """Registers the documents that go into the download."""
        self.collect_files = function
        return function

    def kept_by_law(self, why: Words) -> Callable[[Ends], Ends]:
        """An erasure leaves these. Registers the person's rows with the day their time counts from (``ended``)."""
        self.by_law = True
        self.why = why

        def register(function: Ends) -> Ends:
            self.ends = function
            return function

        return register

    def blocks(self, function: Waits) -> Waits:
        """Registers what an erasure has to wait for."""
        self.waits.append(function)
        return function

    def erases(self, function: Callable[[Person, str, datetime], int]) -> Callable[[Person, str, datetime], int]:
        """Registers ``(person, new name, at)``: removes or changes the rows in the caller's transaction; how many."""
        self.erase = function
        return function

    def retained(
        self, *, months: int, since: Words, least: int = 0, in_work: bool = False
    ) -> Callable[[Callable[[date], "models.QuerySet[Any]"]], Callable[[date], "models.QuerySet[Any]"]]:
        """Registers what ended before a day: a queryset annotated with ``ended``.

        ``least``: the fewest months, because a law demands it, or (``in_work``) because somebody still works on it.
        """
        self.months, self.since, self.least, self.in_work = months, since, least, in_work

        def register(function: Callable[[date], "models.QuerySet[Any]"]) -> Callable[[date], "models.QuerySet[Any]"]:
            self.over = function
            return function

        return register

    def removes(
        self, function: Callable[[Sequence[Any]], Mapping[str, int]]
    ) -> Callable[[Sequence[Any]], Mapping[str, int]]:
        """Registers how rows that are over their time go, with what hangs on them: rows removed by table."""
        self.remove = function
        return function

    def leaned_on(
        self, function: Callable[["models.QuerySet[Any]"], "models.QuerySet[Any]"]
    ) -> Callable[["models.QuerySet[Any]"], "models.QuerySet[Any]"]:
        """An app above leaves out of what is over its time the rows that something of its own still leans on."""
        self.leans.append(function)
        return function

    def over_its_time(self, border: date) -> "models.QuerySet[Any]":
        """What ended before the day and can go: with ``ended``. Only of a class that has a period."""
        assert self.over is not None, self.code  # noqa: S101 - a fault of ours
        found = self.over(border)
        for leave_out in self.leans:
            found = leave_out(found)
        return found


CLASSES: dict[str, RecordClass] = {}


def record_class(
    code: str, name: Words, place: int, labels: Sequence[str], rows: Callable[[Person], Rows], *, why: Words = ""
) -> RecordClass:
    """Registers a class of records with the models it covers (``"app.Model"``)."""
    CLASSES[code] = RecordClass(code, name, place, tuple(labels), rows, why)
    return CLASSES[code]


def classes() -> list[RecordClass]:
    """All classes in the order in which they are shown."""
    return sorted(CLASSES.values(), key=lambda found: (found.place, found.code))


def name_of(code: str) -> Words:
    """The name of a class; the code of one that is no more."""
    return CLASSES[code].name if code in CLASSES else code


def covered() -> set[str]:
    """The models that a class knows."""
    return {label for found in CLASSES.values() for label in found.labels}


def about(person: Person) -> dict[str, "models.QuerySet[Any]"]:
    """The person's records by model: what the history and messages are about."""
    found: dict[str, models.QuerySet[Any]] = {}
    for known in CLASSES.values():
        if not TELLING.intersection(known.labels):
            found |= {label.lower(): rows.order_by().values("pk") for label, rows in known.rows(person).items()}
    return found


# --- how records read ------------------------------------------------------------------------------------------------


def fact(key: str, label: Words, value: Plain, shown: Words | None = None) -> Fact:
    return Fact(key, label, value, shown)


def chosen(key: str, label: Words, obj: models.Model, name: str) -> Fact:
    """A field with choices: its code, and its words."""
    return Fact(key, label, getattr(obj, name), getattr(obj, f"get_{name}_display")())


def told(key: str, label: Words, codes: Iterable[str], words: Mapping[str, Words]) -> Fact:
    """Several codes with their words."""
    codes = list(codes)
    return Fact(key, label, codes, ", ".join(str(words.get(code, code)) for code in codes))


def read(obj: models.Model, *names: str) -> list[Fact]:
    """Fields with their own labels; codes get their words. Raises ValueError for a field without a label of ours."""
    found = []
    for name in names:
        fld = obj._meta.get_field(name)
        label = getattr(fld, "verbose_name", "")
        if not isinstance(label, Promise):
            raise ValueError(f"{obj._meta.label}.{name} has no label that people read")  # noqa: TRY004 - a label's lack
        value = getattr(obj, fld.attname if isinstance(fld, models.ForeignKey) else name)
        base = getattr(fld, "base_field", fld)
        shown: str | None = None
        if words := dict(getattr(base, "flatchoices", ())):
            codes = value if isinstance(value, list) else [value]
            shown = ", ".join(str(words.get(code, code)) for code in codes if code not in {"", None})
        found.append(Fact(name, label, value, shown))
    return found


def section(key: str, title: Words, records: Iterable[Record], note: Words = "") -> Iterator[Section]:
    """The section, when there is anything in it."""
    if found := list(records):
        yield Section(key, title, found, note)


# --- counting and removing -------------------------------------------------------------------------------------------


class Tally(NamedTuple):
    """How many rows, and the first and the last of the days from which their time counts (``ended``)."""

    rows: int
    oldest: date | None
    newest: date | None


def tally(asked: Mapping[str, "models.QuerySet[Any]"]) -> dict[str, Tally]:
    """Counts many sets of rows in one query. A set without ``ended`` has no days."""
    parts, values = [], []
    for key, rows in asked.items():
        dated = "ended" in rows.query.annotations
        wanted = rows.order_by().values("ended") if dated else rows.order_by().values(nothing=Value(None, DateField()))
        try:
            sql, params = wanted.query.sql_with_params()
        except EmptyResultSet:
            continue
        parts.append(f"SELECT %s, count(*), min(t.day)::date, max(t.day)::date FROM ({sql}) t (day)")  # noqa: S608 - Django's SQL
        values += [key, *params]
    found: dict[str, Tally] = dict.fromkeys(asked, Tally(0, None, None))
    if parts:
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(parts), values)
            found |= {key: Tally(count, first, last) for key, count, first, last in cursor.fetchall()}
    return found


def clear(*found: "models.QuerySet[Any]") -> dict[str, int]:
    """Removes rows by plain DELETE, in the order given; the database holds what hangs together. Counts by table."""
    removed: dict[str, int] = {}
    for rows in found:
        count = rows.order_by()._raw_delete(rows.db)  # no rows are read: documents weigh
        if count:
            label = rows.model._meta.label
            removed[label] = removed.get(label, 0) + count
    return removed
