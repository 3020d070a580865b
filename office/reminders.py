"""Reminders: who is told what without anybody remembering the date.

Each app registers its own in ``reminders.py``: a question of which people something is open for on a working day. What
is due is decided here, in Helsinki time and from the database. A reminder is asked once for each working day (a row of
``ReminderRound``, written in the transaction of its messages), so that a late tick catches up, and a second tick, a
second clock or a restart changes nothing. Each message has a key that names its occasion, and is asked once more at
sending whether it still holds (N1, N3, N9).
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from office.choices import NAMED, MessageState, Role
from office.models import OutboxMessage, ReminderRound, ReminderSetting, RoleGrant, User
from office.outbox import KINDS, Kind, kind, post_many, written
from office.outbox_text import Outsider, in_force
from office.policies import Rules, rules_on
from office.workdays import (
    HELSINKI,
    at_wall_clock,
    is_working_day,
    local_date,
    next_working_day,
    previous_working_day,
)

logger = logging.getLogger("erfa.reminders")

DAY = timedelta(days=1)
#: As many working days before today as a clock that stood still makes up for.
CATCH_UP = 3
#: Rounds are forgotten after this time: what is so old is never asked again.
KEPT = timedelta(days=60)
#: In the day: mail that is not urgent leaves on a working day between these times in Helsinki.
MORNING, EVENING = time(7), time(20)
#: With a reminder's name a lock of the database: one worker at a time carries a reminder out.
LOCK = 731


@dataclass(frozen=True)
class Round:
    """What a reminder is asked: for which working days (mostly one: today), at which moment, by which setting.

    A day off belongs to the working day after it for what has begun, and to the one before it for what comes.
    """

    days: tuple[date, ...]
    at: datetime
    before: tuple[int, ...]
    rules: Rules

    @property
    def today(self) -> date:
        return self.days[-1]

    @property
    def name(self) -> str:
        """The occasion of what is told once a day."""
        return self.today.isoformat()

    @property
    def begun(self) -> list[date]:
        """The days that have come since the working day before the round."""
        first = previous_working_day(self.days[0], closing_days=self.rules.closing_days) + DAY
        return _days(first, self.today + DAY)

    @property
    def near(self) -> list[date]:
        """The days until the next working day after the round: a limit on one of them is told of now."""
        return _days(self.days[0], next_working_day(self.today, closing_days=self.rules.closing_days))

    def coming(self, days: int) -> list[date]:
        """The days that are told of so many days before; none that is past."""
        return [day + days * DAY for day in self.near if day + days * DAY >= local_date(self.at)]

    @property
    def begins_week(self) -> bool:
        """Whether it is the first working day of a week."""
        return any(day.weekday() == 0 for day in self.begun)


@dataclass(frozen=True)
class Note:
    """One person is reminded of one thing. ``once`` names the occasion, ``url`` the one link (a path).

    To somebody without an account (an ``Outsider``) the message has no link, for no page would open.
    """

    recipient: User | Outsider
    about: models.Model
    once: str
    url: str
    context: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Setting:
    """How a reminder goes: Helsinki time of the day, and so many days before where it has any."""

    is_on: bool
    clock: time
    days: tuple[int, ...]


@dataclass(frozen=True)
class Reminder:
    """A reminder with its defaults. ``when`` may say ``%(days)s`` and ``%(clock)s``."""

    name: str
    kind: Kind
    to: str | Promise
    when: str | Promise
    default: Setting
    urgent: bool
    find: "Find"
    by_moment: bool = False  # written by its app when the moment of a record comes near, not by a round of the day

    @property
    def description(self) -> str | Promise:
        return self.kind.description


Find = Callable[[Round], Iterable[Note]]
REMINDERS: dict[str, Reminder] = {}


def reminder(
    name: str,
    description: str | Promise,
    *,
    to: str | Promise,
    when: str | Promise,
    clock: time = time(9),
    days: tuple[int, ...] = (),
    urgent: bool = False,
    still_true: Callable[[OutboxMessage], bool] | None = None,
    still_true_of: Callable[[Sequence[OutboxMessage]], Iterable[int]] | None = None,
) -> Callable[[Find], Find]:
    """Registers a reminder and its kind of message, ``remind_<name>``.

    The function tells whom to remind in a round, in a fixed number of queries, one note a person, nothing past.
    """

    def register(find: Find) -> Find:
        what = kind(f"remind_{name}", description, still_true=still_true, still_true_of=still_true_of)
        REMINDERS[name] = Reminder(name, what, to, when, Setting(is_on=True, clock=clock, days=days), urgent, find)
        return find

    return register


def reminder_by_moment(what: Kind, *, to: str | Promise, when: str | Promise, days: tuple[int, ...]) -> Reminder:
    """Registers the setting of a reminder that has no time of the day: its app asks ``setting_of`` and writes it."""
    how = Setting(is_on=True, clock=MORNING, days=days)
    made = Reminder(what.name, what, to, when, how, urgent=True, find=lambda _asked: (), by_moment=True)
    REMINDERS[what.name] = made
    return made


def setting_of(one: Reminder, day: date) -> Setting:
    """How a reminder goes on the day. One query."""
    rows = ReminderSetting.objects.filter(name=one.name, valid_from__lte=day).order_by("-valid_from")[:1]
    return setting_on(one, day, rows)


def setting_on(one: Reminder, day: date, rows: Iterable[ReminderSetting]) -> Setting:
    """How the reminder goes on the day: the row that has begun latest, else the default."""
    begun = [row for row in rows if row.name == one.name and row.valid_from <= day]
    if not begun:
        return one.default
    last = max(begun, key=lambda row: row.valid_from)
    return Setting(is_on=last.is_on, clock=last.clock, days=tuple(last.days))


def sending_moment(at: datetime, rules: Rules) -> datetime:
    """When mail that is not urgent may leave: now in the day of a working day, else at seven on the next one."""
    local = at.astimezone(HELSINKI)
    day, works = local.date(), is_working_day(local.date(), closing_days=rules.closing_days)
    if works and MORNING <= local.time() < EVENING:
        return at
    if not works or local.time() >= EVENING:
        day = next_working_day(day, closing_days=rules.closing_days)
    return at_wall_clock(day, MORNING)


def occasion(message: OutboxMessage) -> str:
    """What the message's key ends with: the ``once`` of its note."""
    return message.once.rpartition(":")[2]


def ids_of(objects: Iterable[models.Model]) -> str:
    """An occasion that names records: as many as a key has room for."""
    return "-".join(str(one.pk) for one in list(objects)[:12])


def told_of(message: OutboxMessage) -> list[int]:
    """The records that the occasion names (``ids_of``)."""
    return [int(number) for number in occasion(message).split("-")]


def start_of(day: date) -> datetime:
    """When the day begins in Helsinki, in UTC."""
    return at_wall_clock(day, time(0))


def holders(at: datetime, *roles: str) -> list[User]:
    """Active people with one of the roles at the moment, each once (one query)."""
    held = RoleGrant.objects.in_force(at).filter(role__in=roles)
    return list(User.objects.filter(is_active=True, pk__in=held.values("user")).order_by("pk"))


# --- the tick --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Told:
    """What a tick did: messages written, and reminders that could not be asked (the log says why)."""

    written: int
    failed: tuple[str, ...]


def tick(*, at: datetime) -> Told:
    """Carries out what is due and has not been. Harmless at any time and as often as one likes.

    A reminder that fails leaves nothing behind, holds up no other (N2) and is tried again by the next tick.
    """
    today = local_date(at)
    rules = rules_on(today)
    days = _window(today, rules)
    # Rounds of days to come were made by a clock that was wrong: those days are asked when they come.
    ReminderRound.objects.filter(Q(day__gt=today) | Q(day__lt=today - KEPT)).delete()
    rows = list(ReminderSetting.objects.filter(valid_from__lte=today))
    done = set(ReminderRound.objects.filter(day__in=days).values_list("name", "day"))
    count, failed = 0, []
    of_the_day = [one for one in REMINDERS.values() if not one.by_moment]
    for one in sorted(of_the_day, key=lambda found: found.name == DAILY):
        due = [day for day in days if (one.name, day) not in done and _is_due(setting_on(one, day, rows), day, at)]
        if not due:
            continue
        try:
            count += carry_out(one, due, setting_on(one, due[-1], rows), rules, at=at)
        except Exception:
            logger.exception("the reminder %s could not be carried out", one.name)
            failed.append(one.name)
    return Told(count, tuple(failed))


def carry_out(one: Reminder, days: Sequence[date], how: Setting, rules: Rules, *, at: datetime) -> int:
    """Writes the reminder's messages for the working days, once; tells how many. One transaction."""
    with transaction.atomic():
        if not _alone(one.name):
            return 0
        done = set(ReminderRound.objects.filter(name=one.name, day__in=days).values_list("day", flat=True))
        left = tuple(day for day in days if day not in done)
        if not left:
            return 0
        ReminderRound.objects.bulk_create(ReminderRound(name=one.name, day=day, done_at=at) for day in left)
        asked = Round(left, at, how.days, rules)
        notes = list(one.find(asked))
        if not notes:
            return 0
        once_a_day = _by_role(at) if not one.urgent and one.name != DAILY else set()
        messages, texts = [], in_force(one.kind.name)
        for note in notes:
            account = note.recipient if isinstance(note.recipient, User) else None
            said = {"texts": texts, "url": note.url if account else ""} | note.context
            message = written(one.kind, note.recipient, about=note.about, at=at, once=note.once, **said)
            if message is None:
                continue
            message.due_at = at if one.urgent else sending_moment(at, rules)
            if account and not one.urgent and one.name != DAILY and message.state == MessageState.WAITING:
                chosen = account.daily_reminders
                if account.pk in once_a_day if chosen is None else chosen:
                    message.state = MessageState.TO_GATHER
            messages.append(message)
        return post_many(messages)


def _is_due(how: Setting, day: date, at: datetime) -> bool:
    return how.is_on and at_wall_clock(day, how.clock) <= at


def _window(today: date, rules: Rules) -> list[date]:
    """Today when it is a working day, and the working days before it that are still made up for; oldest first."""
    days = [today] if is_working_day(today, closing_days=rules.closing_days) else []
    day = today
    for _number in range(CATCH_UP):
        day = previous_working_day(day, closing_days=rules.closing_days)
        days.append(day)
    return sorted(days)


def _days(first: date, end: date) -> list[date]:
    """Half-open."""
    return [first + number * DAY for number in range((end - first).days)]


def _alone(name: str) -> bool:
    """Whether this worker got the reminder; another one is at it otherwise, until its transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, hashtext(%s))", [LOCK, name])
        (got,) = cursor.fetchone()
    return bool(got)


# --- all of a day in one message -------------------------------------------------------------------------------------

DAILY = "daily"
#: Who has not chosen gets one message a day in these roles, and each reminder at once in the others.
DAILY_BY_ROLE = NAMED | {Role.COORDINATOR}


def _by_role(at: datetime) -> set[int]:
    """The people of these roles."""
    return set(RoleGrant.objects.in_force(at).filter(role__in=DAILY_BY_ROLE).values_list("user_id", flat=True))


def is_daily(user: User) -> bool:
    """Whether the person gets one message a day, by choice or by role."""
    return user.has_role(*DAILY_BY_ROLE) if user.daily_reminders is None else user.daily_reminders


def _holds(line: OutboxMessage) -> bool:
    what = KINDS.get(line.kind)
    return what is None or what.still_true is None or what.still_true(line)


def _any_line_holds(message: OutboxMessage) -> bool:
    """Whether something of the daily message is still open when it leaves."""
    lines = OutboxMessage.objects.filter(
        recipient=message.recipient_id, state=MessageState.GATHERED, due_at=message.created_at
    )
    return any(_holds(line) for line in lines)


def _link(body: str) -> str:
    """The one link of a reminder."""
    return next((row for row in body.splitlines() if row.startswith(settings.SITE_URL)), "")


@reminder(
    DAILY,
    _("The reminders of a day in one message"),
    to=_("Whoever has chosen one message a day; named employees, deputies and coordinators until they choose"),
    when=_("On working days at %(clock)s, when there is something"),
    still_true=_any_line_holds,
)
def daily(asked: Round) -> Iterator[Note]:
    """One message a person from the lines that wait and still hold; the lines are marked as told."""
    waiting = OutboxMessage.objects.filter(state=MessageState.TO_GATHER).select_related("recipient")
    lines: dict[User, list[OutboxMessage]] = {}
    dropped = []
    for line in waiting.order_by("recipient", "id"):
        if line.recipient is None or not line.recipient.is_active or not _holds(line):
            dropped.append(line.pk)
        else:
            lines.setdefault(line.recipient, []).append(line)
    OutboxMessage.objects.filter(pk__in=dropped).update(state=MessageState.DROPPED)
    told = [line.pk for found in lines.values() for line in found]
    OutboxMessage.objects.filter(pk__in=told).update(state=MessageState.GATHERED, due_at=asked.at)
    for user, found in lines.items():
        said = [{"sentence": line.subject, "link": _link(line.body)} for line in found]
        yield Note(user, user, asked.at.isoformat(), "", {"lines": said})
