"""hours_YYYY-MM.csv: a month of agreed sessions with their outcome, as hour lists approved by the unit."""

import re
from datetime import date, datetime
from functools import partial

from django.utils.translation import gettext as _

from assignments.actions.conditions import Conditions
from assignments.actions.imported import Past, record_past
from assignments.models import Session
from assignments.rules import Event
from desk.importing.report import Change, Report, Row, RowRefused
from desk.importing.sheets import Line, SheetError
from desk.importing.words import HOURS_HEADINGS, OUTCOMES, TASK_NAMES
from experts.models import Expert
from experts.sheet_words import KIND_WORDS
from fees.actions.imported import take_approved
from office import cells
from office.choices import NAMED, ORDERERS
from office.errors import RuleError
from office.kinds import TaskType
from office.models import RoleGrant, Unit, User
from office.workdays import HELSINKI, to_utc

HEADINGS = HOURS_HEADINGS
#: The journey was made when the expert came (R11).
TRAVELLED = {Event.HELD, Event.NO_SHOW, Event.NOBODY_CAME}
NEEDED = ("expert", "email", "unit", "kind", "day", "starts", "ends", "orderer", "outcome")


def month_of_file(name: str) -> date:
    """The month in the file's name. Raises SheetError."""
    found = re.search(r"(\d{4})-(\d{2})", name)
    if not found or not 1 <= int(found[2]) <= 12:
        raise SheetError(_("The file's name does not tell the month (hours_2026-10.csv)."))
    return date(int(found[1]), int(found[2]), 1)


class Importer:
    """Takes the lines of an hours file. Rows that are in the program already are left as they are."""

    def __init__(
        self, report: Report, heads: dict[str, str], *, by: User | None, at: datetime, approver: User | None = None
    ) -> None:
        self.report, self.by, self.at, self.heads, self.approver = report, by, at, heads, approver
        self.month = month_of_file(report.file)
        self.conditions = Conditions()
        self.units = {unit.code: unit for unit in Unit.objects.all()}
        self.experts = {expert.email.lower(): expert for expert in Expert.objects.exclude(email="")}
        grants = RoleGrant.objects.in_force(at).select_related("user").order_by("pk")
        self.people: dict[tuple[int | None, str], User] = {}
        self.named: dict[int | None, User] = {}
        for grant in grants:
            if grant.role in ORDERERS:
                self.people.setdefault((grant.unit_id, str(grant.user).casefold()), grant.user)
            if grant.role in NAMED and (grant.role == "unit_contact" or grant.unit_id not in self.named):
                self.named[grant.unit_id] = grant.user
        self.new: dict[tuple[int, int], tuple[Expert, Unit, list[Session]]] = {}

    def row(self, line: Line) -> Change:
        """One session with its outcome."""
        row = Row(line)
        expert = row.get("email", self._expert, None)
        unit = row.get("unit", self._unit, None)
        kind = row.get("kind", self._kind, None)
        day = row.get("day", cells.day, None)
        starts, ends = row.get("starts", cells.clock, None), row.get("ends", cells.clock, None)
        event = row.get("outcome", self._event, None)
        received = row.get("cancelled", lambda text: cells.moment(text) if text else None, None)
        km = row.get("km", partial(cells.number, decimals=1), None)
        agreed = row.get("agreed", cells.number, None)
        orderer_name = row.get("orderer", partial(cells.text, needed=True), "")
        if expert and line["expert"].casefold() not in {expert.sort_name.casefold(), str(expert).casefold()}:
            row.refuse("expert", _("The address is that of %(name)s.") % {"name": expert})
        orderer = self.people.get((unit.pk, orderer_name.casefold())) if unit else None
        if unit and not orderer:
            row.refuse("orderer", _("Nobody of this name orders in the unit %(unit)s.") % {"unit": unit.code})
        if day and (day.year, day.month) != (self.month.year, self.month.month):
            row.refuse("day", _("The day is not in the file's month."))
        if starts and ends and ends <= starts:
            row.refuse("ends", _("The end is not after the beginning."))
        if event is Event.ORDERER_CANCELLED and received is None:
            row.refuse("cancelled", _("When was it cancelled?"))
        row.check()
        if not (expert and unit and kind and day and starts and ends and event and orderer):  # pragma: no cover
            raise AssertionError  # row.check() has refused it; for the type checker
        starts_at, ends_at = (to_utc(datetime.combine(day, clock, tzinfo=HELSINKI)) for clock in (starts, ends))
        there = Session.objects.filter(expert=expert, unit=unit, starts_at=starts_at, kind=kind.value).first()
        if there is not None:
            return self._compare(row, there, ends_at, event)
        past = Past(
            unit=unit,
            orderer=orderer,
            expert=expert,
            kind=kind.value,
            task=TASK_NAMES[kind],
            starts_at=starts_at,
            ends_at=ends_at,
            event=event,
            received_at=received,
            agreed_amount=agreed,
            travel_km=km,
            done_km=km if event in TRAVELLED else None,
            source=f"{self.report.file}:{line.number}",
        )
        try:
            session = record_past(past, conditions=self.conditions, by=self.by, at=self.at)
        except RuleError as error:
            raise RowRefused(("", str(error.message))) from error
        self.new.setdefault((expert.pk, unit.pk), (expert, unit, []))[2].append(session)
        return Change.ADDED

    def _compare(self, row: Row, there: Session, ends_at: datetime, event: Event) -> Change:
        """A session at that time is known: the same one stays, another one is refused."""
        outcomes = {Event.ORDERER_CANCELLED: ("cancelled_in_time", "cancelled_late")}.get(event, (event.value,))
        if there.ends_at == ends_at and there.outcome in outcomes:
            return Change.SAME
        raise RowRefused((row.head("starts"), _("The program has this session with other facts. Change it there.")))

    def finish(self) -> None:
        """Makes the lists of the new rows, approved by the person named, or by each unit's own named employee."""
        for _key, (expert, unit, sessions) in sorted(self.new.items()):
            approver = self.approver or self.named.get(unit.pk)
            if approver is None:
                raise RowRefused((self.heads["unit"], _("The unit has no named employee to approve its lists.")))
            take_approved(
                expert,
                unit,
                self.month,
                sessions,
                approver=approver,
                by=self.by,
                at=self.at,
                file=self.report.file,
            )

    def _expert(self, text: str) -> Expert:
        found = self.experts.get(cells.email(text))
        if found is None:
            raise cells.CellError(_("The registry has nobody with this address."))
        return found

    def _unit(self, text: str) -> Unit:
        found = self.units.get(text)
        if found is None:
            raise cells.CellError(_("There is no unit %(code)s.") % {"code": text})
        return found

    def _kind(self, text: str) -> TaskType:
        return KIND_WORDS[cells.one_of(text, {word: word for word in KIND_WORDS}, _("kind of work"))]

    def _event(self, text: str) -> Event:
        return OUTCOMES[cells.one_of(text, {word: word for word in OUTCOMES}, _("outcome"))]
