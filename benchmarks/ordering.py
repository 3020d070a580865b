"""Search and calendars over a year of sessions, and several people who accept and cancel at once."""

import argparse
import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from time import process_time
from urllib.parse import urlencode

from django.core.handlers.wsgi import WSGIHandler
from django.urls import reverse
from django.utils import timezone

from assignments.models import Offer, Order, Session
from assignments.states import OfferState, OrderState, SessionState
from benchmarks import agenda, floors, load, office
from benchmarks.load import Burst, Write
from benchmarks.measure import Browser, Pair, Result, in_turns, queries, signed_in
from benchmarks.office import Office
from experts.models import Area, Topic
from office.models import User
from office.workdays import DAY, at_wall_clock, local_date, next_month

Say = Callable[[str], None]
CLIENTS = 8
CONTESTS = 20
PAGE = "≤ 40 ms, ≤ 10 q"


def measured(options: argparse.Namespace, say: Say) -> list[Result]:
    """In a database of its own: 1,000 sessions of one unit, then a year of everybody's, then the writes."""
    made = agenda.opened(options.experts, options.in_unit, options.year)
    months = agenda.months_of(made, options.year)
    this = agenda.this_month(made)
    first = [expert for expert in made.experts if made.unit_of[expert.pk] == made.units[0]]
    agenda.add_sessions(made, first, this, options.entries)
    agenda.add_the_rest(made)
    agenda.add_history()
    office.settle()
    before = made.entries
    say(f"{before} sessions of one unit")
    small = {page.what: page.measured(options.repeat) for page in _pages(made) if page.same_rows}
    for month in months:
        others = [expert for expert in made.experts if month != this or made.unit_of[expert.pk] != made.units[0]]
        agenda.add_sessions(made, others, month, options.entries)
        say(f"{month:%Y-%m} filled")
    agenda.add_history()
    office.settle()
    say(f"{made.entries} sessions")
    large = {page.what: page.measured(options.repeat) for page in _pages(made)}
    say("pages")
    growth = [
        # the best go of each: they are not measured in turns, and other work would be taken for growth
        Result(f"growth: {what}, {before} to {made.entries}", early.best, large[what].best or 0, goal="≤ 1.1 ×")
        for what, early in small.items()
    ]
    return [*large.values(), *growth, *_writes(made, options, say)]


# --- pages -----------------------------------------------------------------------------------------------------------


@dataclass
class _Page:
    """A page of ours and its floor. ``same_rows``: it shows as much in a small office as in a large one."""

    what: str
    who: User
    address: str
    floor: str
    same_rows: bool = False

    def measured(self, times: int) -> Result:
        """Both in turns, by the same person."""
        ours = partial(Browser(WSGIHandler(), self.who).get, self.address)
        bare = partial(Browser(floors.thin(), self.who).get, self.floor)
        pair = in_turns(bare, ours, times, warm=3)
        note = f"{len(ours()) / 1024:.0f} KB, {_cpu(ours) * 1000:.0f} ms of Python"
        return Result.of(self.what, pair, goal=PAGE, queries=queries(ours), note=note)


def _cpu(work: Callable[[], object]) -> float:
    """Seconds of this process's CPU, the least of some goes: what other work on the machine changes little."""
    found = []
    for _ in range(5):
        begun = process_time()
        work()
        found.append(process_time() - begun)
    return min(found)


def _asked(name: str, *args: object, **asked: object) -> str:
    return f"{reverse(name, args=args)}?{urlencode(asked)}"


def _busy(made: Office) -> tuple[datetime, datetime]:
    """A time of the coming month at which many are busy."""
    starts_at = agenda.moment(next_month(agenda.this_month(made)), 10, 3)
    return starts_at, starts_at + timedelta(hours=2)


def _pages(made: Office) -> list[_Page]:
    return [*_searches(made), *_lists(made), *_calendars(made)]


def _searches(made: Office) -> list[_Page]:
    staff, topic, area = made.staff[0], Topic.objects.order_by("pk")[2], Area.objects.order_by("pk")[1]
    start, end = _busy(made)
    free = _asked("floor_free", **{"from": start.isoformat(), "to": end.isoformat()})
    day = {"day": f"{local_date(start):%d.%m.%Y}", "start": "10.00", "end": "12.00"}
    time = day | {"kind": "individual"}
    anybody = _asked("floor_experts")
    return [
        _Page("search: everybody", staff, reverse("assignments:find"), anybody, same_rows=True),
        _Page(
            "search: topic, language, area", staff,
            _asked("assignments:find", topic=topic.pk, language="fi", area=area.pk),
            _asked("floor_experts", topic=topic.pk), same_rows=True,
        ),
        _Page("search: kind of work and time", staff, _asked("assignments:find", **time), free, same_rows=True),
        _Page("search: a whole day", staff, _asked("assignments:find", day=day["day"]), free, same_rows=True),
        _Page("search by the coordinator: time", made.coordinator, _asked("assignments:find", **time), free),
        _Page("step “who”, twelve times", staff, reverse("assignments:order_who", args=[_draft(made).pk]), free),
    ]  # fmt: skip


def _draft(made: Office) -> Order:
    """An order of the first unit with twelve weekly times, made once."""
    staff, (start, end) = made.staff[0], _busy(made)
    found = Order.objects.filter(orderer=staff, state=OrderState.DRAFT).first()
    if found is None:
        unit = made.units[0]
        found = Order.objects.create(unit=unit, orderer=staff, kind="group", task="Ryhmä", created_at=made.now)
        Session.objects.bulk_create(
            Session(order=found, unit=unit, kind="group", starts_at=start + 7 * n * DAY, ends_at=end + 7 * n * DAY)
            for n in range(12)
        )
    return found


def _floor(first: date, days: int, **where: int) -> str:
    start, end = at_wall_clock(first, datetime.min.time()), at_wall_clock(first + days * DAY, datetime.min.time())
    return _asked("floor_sessions", **where, **{"from": start.isoformat(), "to": end.isoformat()})


def _lists(made: Office) -> list[_Page]:
    staff, month, unit = made.staff[0], agenda.this_month(made), made.units[0].pk
    session = Session.objects.filter(unit=unit, state=SessionState.AGREED).order_by("starts_at", "pk")[0]
    expert = made.experts[0]
    rows = {"most": 50}
    return [
        _Page("a unit's sessions, 50 rows", staff, reverse("assignments:unit_sessions"),
              _floor(month, 31, unit=unit, **rows), same_rows=True),
        _Page("all sessions, 50 rows", made.coordinator, reverse("assignments:unit_sessions"),
              _floor(month, 31, **rows)),
        _Page("orders, 50 rows", made.coordinator, reverse("assignments:orders"), _floor(month, 31, **rows)),
        _Page("one session", staff, reverse("assignments:session", args=[session.pk]),
              _floor(month, 1, unit=unit), same_rows=True),
        _Page("the expert's own times", _user(expert.user), reverse("assignments:my_sessions"),
              _floor(month, 31, expert=expert.pk)),
        _Page("first page, named employee", made.named[0], reverse("home"), _floor(month, 1, unit=unit)),
    ]  # fmt: skip


def _user(user: User | None) -> User:
    if user is None:  # pragma: no cover - the bench gives everybody an account
        raise RuntimeError
    return user


def _calendars(made: Office) -> list[_Page]:
    """A month's own weeks, so that the small office has them too."""
    month = agenda.this_month(made)
    monday = month + (7 - month.weekday()) % 7 * DAY
    pages = []
    for whom, who, where in (
        ("expert", _user(made.experts[0].user), {"expert": made.experts[0].pk}),
        ("unit", made.named[0], {"unit": made.units[0].pk}),
        ("everybody", made.coordinator, {}),
    ):
        for show, first, days in (("day", monday, 1), ("week", monday, 7), ("month", month, 31), ("list", month, 60)):
            address = _asked("calendars:calendar", show=show, day=first)
            same = show in {"day", "week"} and bool(where)
            pages.append(_Page(f"calendar, {whom}: {show}", who, address, _floor(first, days, **where), same))
    pages += [
        _Page("subscription, expert", pages[0].who, _feed(pages[0].who),
              _floor(month, 90, expert=made.experts[0].pk)),
        _Page("subscription, unit", made.named[0], _feed(made.named[0]),
              _floor(month, 90, unit=made.units[0].pk)),
    ]  # fmt: skip
    return pages


def _feed(user: User) -> str:
    from calendars.actions import make_feed  # noqa: PLC0415 - the only place

    return reverse("calendars:feed", args=[make_feed("bench", by=user, at=timezone.now())])


# --- writes ----------------------------------------------------------------------------------------------------------


def _writes(made: Office, options: argparse.Namespace, say: Say) -> list[Result]:
    """Accepting and cancelling beside the bare write, in turns; then the contests."""
    each = options.writes
    offers = agenda.add_offers(made, each * (options.rounds * 2 + 1))
    contested = agenda.add_offers(made, CONTESTS * CLIENTS, hour=agenda.EVENING + 2, same=CLIENTS)
    office.settle()
    cookies = {expert.pk: signed_in(_user(expert.user)) for expert in made.experts}
    staff = {unit.pk: signed_in(person) for unit, person in zip(made.units, made.staff, strict=True)}
    rest = iter(offers)
    say("questions to answer")
    with load.served("application") as port, load.served("floor") as bare:
        turn = _Turn(port, bare, made, cookies, staff)
        turn.go(rest, each, CLIENTS)  # warm: each thread's connection has met every statement often enough to keep it
        several = [turn.go(rest, each, CLIENTS) for _ in range(options.rounds)]
        say(f"{CLIENTS} clients")
        single = [turn.go(rest, each // 2, 1) for _ in range(options.rounds)]
        say("one client")
        won = _contests(port, contested, cookies)
    results = []
    for name in ("accept", "cancel"):
        for goes, who, goal in ((several, f"{CLIENTS} clients", "≥ 150 /s"), (single, "1 client", "≤ 15 ms")):
            results.append(_told(name, who, goal, goes))
    say(f"{won} times of an expert, each asked for by {CLIENTS} orders and accepted at the same moment: one each")
    return results


@dataclass
class _Turn:
    """The same number of bare writes, acceptances and cancellations, one after the other."""

    port: int
    bare: int
    made: Office
    cookies: dict[int, str]
    staff: dict[int, str]

    def go(self, offers: Iterator[Offer], how_many: int, clients: int) -> dict[str, Burst]:
        """``floor``, ``accept``, ``cancel``; an error when one of them was not done."""
        some = [next(offers) for _ in range(how_many)]
        orders = [offer.order_id for offer in some]
        sessions = list(Session.objects.filter(order__in=orders).select_related("order"))
        floor = load.burst(self.bare, [self._bare(session) for session in sessions], clients)
        accept = load.burst(self.port, [self._accept(offer) for offer in some], clients)
        agreed = Session.objects.filter(order__in=orders, state=SessionState.AGREED).count()
        cancel = load.burst(self.port, [self._cancel(session) for session in sessions], clients)
        done = Session.objects.filter(order__in=orders, outcome="cancelled_in_time").count()
        if (agreed, done) != (how_many, how_many):
            raise RuntimeError(f"{how_many}: {agreed} agreed, {done} cancelled; {set(accept.answers + cancel.answers)}")
        return {"floor": floor, "accept": accept, "cancel": cancel}

    def _bare(self, session: Session) -> Write:
        return Write(reverse("floor_write"), self.staff[session.unit_id], {"session": str(session.pk)})

    def _accept(self, offer: Offer) -> Write:
        return _acceptance(offer, self.cookies)

    def _cancel(self, session: Session) -> Write:
        address = reverse("assignments:session_mark", args=[session.pk, "orderer_cancelled"])
        return Write(address, self.staff[session.unit_id], {"expected_total": "0.00"})


def _acceptance(offer: Offer, cookies: dict[int, str]) -> Write:
    return Write(reverse("assignments:offer_accept", args=[offer.pk]), cookies[offer.expert_id], {"though_away": "on"})


def _told(name: str, who: str, goal: str, goes: list[dict[str, Burst]]) -> Result:
    """Milliseconds for one client, else how long each took when so many went on at once (a second, in the note)."""
    pair = Pair([statistics.median(go["floor"].each) for go in goes], [statistics.median(go[name].each) for go in goes])
    rates = [go[name].a_second for go in goes]
    bare = [go["floor"].a_second for go in goes]
    note = f"{statistics.median(rates):.0f} /s, best {max(rates):.0f}; floor {statistics.median(bare):.0f} /s"
    return Result.of(f"{name}, {who}, p50", pair, goal=goal, note=note)


def _contests(port: int, offers: list[Offer], cookies: dict[int, str]) -> int:
    """Each time of an expert is asked for by several orders, and all are accepted at the same moment: one may win."""
    won = 0
    for begin in range(0, len(offers), CLIENTS):
        some = offers[begin : begin + CLIENTS]
        load.at_the_same_moment(port, [_acceptance(offer, cookies) for offer in some])
        states = list(Offer.objects.filter(pk__in=[offer.pk for offer in some]).values_list("state", flat=True))
        if states.count(OfferState.ACCEPTED) != 1:
            raise RuntimeError(f"{states.count(OfferState.ACCEPTED)} of {len(some)} acceptances of one time")
        won += 1
    return won
