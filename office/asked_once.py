"""Questions whose SQL Django writes once for each process; afterwards only the values are others.

Writing the SQL of a queryset takes Django longer than PostgreSQL takes to answer it, and an action asks the same dozen
questions each time. A ``Question`` is an ordinary queryset, written by a function of its values::

    _HELD = Question(lambda user, at: RoleGrant.objects.in_force(at).filter(user=user), user=int, at=datetime)
    grants = _HELD(user=5, at=now)

Each value is a number, a text, a day or a moment, and stands in the SQL as a parameter. What changes the SQL itself (a
list of unknown length, a filter that is sometimes there, None) is no question of this sort. Docs: decision 0028.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.contrib.auth import get_user_model
from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import QuerySet

from office.access import Holdings

if TYPE_CHECKING:
    from office.models import User

Row = TypeVar("Row")

#: In place of the values while the SQL is written; nothing of the office looks like these.
_STANDING_IN: dict[type, Callable[[int], Any]] = {
    int: lambda number: -2_000_000_000 - number,
    str: lambda number: f"\ufffe{number}",
    date: lambda number: date(1800, 1, 1) + timedelta(days=number),
    datetime: lambda number: datetime(1800, 1, 1, tzinfo=UTC) + timedelta(days=number),
}


#: What is so near to them was worked out from one of them.
_NEAR = timedelta(days=3650)


def _stands_in(value: Any) -> bool:
    """Whether a value was made from one that stands in: it would stay in the SQL for ever."""
    if isinstance(value, datetime):
        return abs(value.astimezone(UTC) - datetime(1800, 1, 1, tzinfo=UTC)) < _NEAR
    if isinstance(value, date):
        return abs(value - date(1800, 1, 1)) < _NEAR
    return (isinstance(value, str) and "\ufffe" in value) or (isinstance(value, int) and value < -1_900_000_000)


@dataclass(frozen=True)
class _Place:
    """Where a value stands among the parameters."""

    name: str


@dataclass
class _Written:
    """What Django's iterables read of a queryset, with the compiler that has written it."""

    model: Any
    db: str
    query: Any
    rows: Any
    compiler: Any
    sql: str
    params: tuple[Any, ...]
    converters: dict[int, Any]
    _fields: Any = None
    _hints: dict[str, Any] = field(default_factory=dict)
    _known_related_objects: dict[Any, Any] = field(default_factory=dict)


class _Known:
    """A query that is not written anew."""

    def __init__(self, query: Any, compiler: Any) -> None:
        self._query, self._compiler = query, compiler

    def get_compiler(self, *_args: Any, **_kwargs: Any) -> Any:
        return self._compiler

    def __getattr__(self, name: str) -> Any:
        return getattr(self._query, name)


class Question(Generic[Row]):
    """A queryset as a function of its values: calling it asks, and gives the rows. One query, as any other.

    ``types``: int, str, date or datetime for each value. ValueError where a value does not reach the SQL as it is.
    """

    def __init__(self, ask: Callable[..., "QuerySet[Any, Row]"], *, unused: bool = False, **types: type) -> None:
        """``unused``: a value may be left out of the SQL."""
        self._ask, self._types, self._unused = ask, types, unused
        self._written: _Written | None = None

    def __call__(self, **values: Any) -> list[Row]:
        written = self._written = self._written or self._write()
        if written is None:
            return []
        if values.keys() != self._types.keys() or None in values.values():
            raise ValueError(f"This question asks for {', '.join(self._types)}, each with a value.")
        params = tuple(values[one.name] if isinstance(one, _Place) else one for one in written.params)
        compiler = _copied(written.compiler)  # another thread asks the same with other values
        compiler.connection = connections[written.db]
        compiler.as_sql = lambda *_args, **_kwargs: (written.sql, params)
        compiler.get_converters = lambda _fields: written.converters
        asked = _copied(written)
        asked.query = _Known(written.query, compiler)
        return list(written.rows(asked))

    def one(self, **values: Any) -> Row | None:
        """The first row, if there is any."""
        return next(iter(self(**values)), None)

    def _write(self) -> _Written | None:
        standing = {name: _STANDING_IN[kind](number) for number, (name, kind) in enumerate(self._types.items())}
        queryset = self._ask(**standing)
        own: Any = queryset  # what stands behind it is Django's own
        if own._prefetch_related_lookups:
            raise ValueError("What is fetched beside the rows is a question of its own.")
        compiler = queryset.query.get_compiler(DEFAULT_DB_ALIAS)
        try:
            sql, params = compiler.as_sql()
        except EmptyResultSet:  # nothing can fit, whatever the values: Django would not ask either
            return None
        converters = compiler.get_converters([column[0] for column in compiler.select[: compiler.col_count]])
        names = {(type(value), value): name for name, value in standing.items()}
        places = tuple(
            _Place(names[type(one), one]) if _plain(one) and (type(one), one) in names else one for one in params
        )
        if changed := [one for one in places if _stands_in(one)]:
            raise ValueError(f"A value reaches the SQL changed: {changed}. Give what it becomes as a value of its own.")
        missing = self._types.keys() - {one.name for one in places if isinstance(one, _Place)}
        if missing and not self._unused:
            raise ValueError(f"Not in the SQL as they are: {', '.join(sorted(missing))}.")
        return _Written(
            queryset.model, DEFAULT_DB_ALIAS, queryset.query, own._iterable_class, compiler, sql, places, converters,
            own._fields,
        )  # fmt: skip


def _copied(thing: Any) -> Any:
    """The same with attributes of its own."""
    own = object.__new__(type(thing))
    own.__dict__.update(thing.__dict__)
    return own


class Seen(Generic[Row]):
    """A question whose rows are those that the reader may see: ``ask`` gets a reader first (for ``visible_to``).

    Written once for each set of roles and number of units; who reads and which units they are, are values.
    """

    def __init__(self, ask: Callable[..., "QuerySet[Any, Row]"], **types: type) -> None:
        self._ask, self._types = ask, types
        self._written: dict[tuple[tuple[str, int], ...], Question[Row]] = {}

    def __call__(self, reader: "User", **values: Any) -> list[Row]:
        units = sorted({unit or 0 for _role, unit in reader.holdings.pairs})
        shape = tuple(sorted((role, units.index(unit or 0)) for role, unit in reader.holdings.pairs))
        question = self._written.get(shape)
        if question is None:
            question = self._written[shape] = self._question(shape, units)
        return question(reader=reader.pk, **{f"unit{number}": unit for number, unit in enumerate(units)}, **values)

    def one(self, reader: "User", **values: Any) -> Row | None:
        """The first row, if there is any."""
        return next(iter(self(reader, **values)), None)

    def _question(self, shape: tuple[tuple[str, int], ...], units: Sequence[int]) -> Question[Row]:
        def ask(reader: int, **values: Any) -> "QuerySet[Any, Row]":
            of = [values.pop(f"unit{number}") for number in range(len(units))]
            stand_in = get_user_model()(pk=reader)
            stand_in.holdings = Holdings.of((role, of[number] if units[number] else None) for role, number in shape)
            return self._ask(stand_in, **values)

        numbers: dict[str, type] = dict.fromkeys(["reader", *(f"unit{number}" for number in range(len(units)))], int)
        return Question(ask, unused=True, **numbers, **self._types)


def _plain(value: Any) -> bool:
    return isinstance(value, int | str | date)
