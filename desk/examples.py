"""What the examples of messages tell of: people and work that are nowhere. Nothing of it is saved, no query is made."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from assignments.models import Move, Offer, Order, Session
from assignments.states import Outcome
from experts.models import Contract, Expert
from fees.models import HourList, PaymentRun
from feetables.models import FeeTable
from office.away import Uncovered
from office.choices import Role
from office.covering import Gap
from office.examples import Example, examples
from office.models import RoleGrant, Unit, User
from office.outbox_text import Outsider
from office.workdays import HELSINKI, at_wall_clock, previous_working_day
from recruitment.models import Interview
from supervision.models import SupervisionGroup, SupervisionMeeting
from training.models import Course, CourseDate, Training

HOUR = timedelta(hours=1)
#: Written to people without an account, or to another address than the account's.
TO_OUTSIDERS = {
    *("address_to_confirm", "address_changed", "application_received", "application_interview"),
    *("application_accepted", "application_not_accepted", "application_withdrawn"),
}


class _World:
    """One unit, one expert, one order with two times, all next month."""

    def __init__(self, language: str, at: datetime) -> None:
        today = at.astimezone(HELSINKI).date()
        first = date(today.year + today.month // 12, today.month % 12 + 1, 8)
        self.day = first + timedelta(days=(2 - first.weekday()) % 7)  # the second Wednesday of next month
        self.month = today.replace(day=1)
        self.reader = User(pk=1, first_name="Kim", last_name="Ek", email="kim.ek@example.org", language=language)
        self.unit = Unit(pk=1, code="Y00", name_fi="Esimerkkiyksikkö", name_sv="Exempelenheten")
        self.orderer = User(pk=2, first_name="Salla", last_name="Malli", email="salla.malli@example.org")
        self.expert = Expert(pk=1, first_name="Aino", last_name="Esimerkki", language=language)
        self.order = Order(
            pk=1, unit=self.unit, orderer=self.orderer, kind="individual", task=_("Support in everyday life"),
            place=_("The unit's meeting room"), expert=self.expert, travel_km=Decimal(24),
        )  # fmt: skip
        self.sessions = [self._session(self.day), self._session(self.day + timedelta(days=7))]
        self.offer = Offer(
            pk=1, order=self.order, expert=self.expert, answer_by=self._clock(self.day - 7 * HOUR * 24, 15)
        )

    def _clock(self, day: date, hour: int) -> datetime:
        return at_wall_clock(day, datetime(2000, 1, 1, hour, tzinfo=UTC).time())

    def _session(self, day: date) -> Session:
        start = self._clock(day, 13)
        return Session(
            pk=1, order=self.order, unit=self.unit, expert=self.expert, kind="individual", starts_at=start,
            ends_at=start + HOUR, place=self.order.place, free_until=self._clock(previous_working_day(day), 15),
            agreed_fee=Decimal("50.00"), fee=Decimal("0.00"), received_at=self._clock(day - timedelta(days=5), 10),
            outcome=Outcome.CANCELLED_IN_TIME,
        )  # fmt: skip

    def about(self, kind: str) -> Any:
        """The record that the message is about."""
        makers: dict[str, Callable[[], Any]] = {
            "list": lambda: HourList(
                pk=1, expert=self.expert, unit=self.unit, month=self.month,
                return_reason=_("One meeting is missing on the list."),
            ),
            "contract": lambda: Contract(
                pk=1, expert=self.expert, valid_from=self.month, valid_to=self.day + timedelta(days=300)
            ),
            "run": lambda: PaymentRun(
                pk=1, number=12, pay_date=self.day + timedelta(days=16), total=Decimal("4210.50"), experts=23
            ),
            "role": lambda: RoleGrant(
                pk=1, user=self.reader, role=Role.UNIT_CONTACT, unit=self.unit, valid_from=self.sessions[0].starts_at
            ),
            "supervision": lambda: self.meeting,
        }  # fmt: skip
        makers["new"] = lambda: self.sessions[0]
        makers |= {"paid": makers["run"], "rows": makers["run"]}
        return makers.get(kind.partition("_")[0], lambda: self.reader)()

    @property
    def meeting(self) -> SupervisionMeeting:
        start = self._clock(self.day, 15)
        group = SupervisionGroup(pk=1, name_fi="Itäinen ryhmä", name_sv="Östra gruppen")
        return SupervisionMeeting(pk=1, group=group, starts_at=start, ends_at=start + HOUR, place=_("The library"))

    def context(self, kind: str) -> dict[str, Any]:
        """Everything that any template asks for; a template takes what it needs."""
        first, second = self.sessions
        later = first.starts_at + timedelta(days=2)
        move = Move(
            pk=1, session=first, starts_at=later, ends_at=later + HOUR, state="accepted", proposed_by=self.orderer,
            reason=_("The room is taken."),
        )  # fmt: skip
        other = Move(
            pk=2, session=second, starts_at=later + timedelta(days=7), ends_at=later + timedelta(days=7, hours=1)
        )
        course = Course(
            pk=1,
            training=Training(
                pk=1, name_fi="Kokemusasiantuntijan peruskurssi", name_sv="Grundkurs för erfarenhetsexperter"
            ),
        )
        rows = [{"session": one, "own": False, "expert": self.expert.short_name, "free": True} for one in self.sessions]
        said = {
            "order": self.order, "offer": self.offer, "session": first, "times": self.sessions, "move": move,
            "sessions": self.sessions, "names": [self.expert.short_name],
            "moves": [move, other], "able": 2, "following": None, "because": "", "edits": [_("Place: the library")],
            "expert": self.expert, "words": _("We meet again next week."), "count": 2, "dates": [], "notes": [],
            "pair": False, "interview": Interview(pk=1, starts_at=first.starts_at, place=_("The unit's meeting room")),
            "course": course, "month": self.month, "today": self.month, "due": self.day.replace(day=9),
            "uncovered": [Uncovered(self.unit, Gap(1, self.day, self.day + timedelta(days=2)))],
            "pay": self.day + timedelta(days=16), "total": Decimal("150.00"), "rows": 3, "lines": 2,
            "first": first.starts_at, "until": self.day, "year": self.day.year, "new": 1, "open": 2,
            "not_sent": 4, "at_unit": 7, "approved": 12, "meeting": self.meeting, "units": [self.unit],
            "contracts": [Contract(pk=1, expert=self.expert, valid_from=self.month, valid_to=self.day)],
            "url": reverse("home"), "accepted": True, "answer": "", "starts_at": first.starts_at,
            "by": self.offer.answer_by, "amount": Decimal("12.50"),
            "wanted": _("The meeting ended at 15:30, not at 15."), "opener": "Leena Malli",
            "reason": _("The unit's diary says so."),
        }  # fmt: skip
        if kind == "new_prices":
            said |= {
                "prices": [{"session": first, "was": Decimal("50.00"), "now": Decimal("52.00")}], "count": 1,
                "own": True, "table": FeeTable(pk=1, name="Palkkiotaulukko 2027", name_sv="Arvodestabell 2027"),
            }  # fmt: skip
        if kind in {"remind_session_tomorrow", "remind_outcome_missing"}:
            said |= {"rows": rows, "first": first}
        if kind == "course_place":
            said["dates"] = [
                CourseDate(
                    pk=1, course=course, starts_at=first.starts_at, ends_at=first.ends_at, place=_("The library")
                )
            ]
        if kind == "remind_daily":
            link = f"{settings.SITE_URL}{reverse('home')}"
            said["lines"] = [
                {"sentence": text, "link": link}
                for text in (_("Inductions wait for you"), _("An order without an expert"))
            ]
        return said


@examples
def of_kind(kind: str, language: str, at: datetime) -> Example:
    """The example of a kind, in the language of its reader."""
    with translation.override(language):
        world = _World(language, at)
        reader = Outsider("Kim Ek", "kim.ek@example.org", language) if kind in TO_OUTSIDERS else world.reader
        return Example(reader, world.about(kind), world.context(kind))
