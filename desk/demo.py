"""The demonstration office: an invented office with three months of work, loaded once into an empty database."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import F

from desk import (
    demo_away,
    demo_budgets,
    demo_changes,
    demo_hours,
    demo_imports,
    demo_induction,
    demo_messages,
    demo_plans,
    demo_processes,
    demo_recruitment,
    demo_registry,
    demo_rights,
    demo_sms,
    demo_tables,
    demo_texts,
    demo_training,
)
from desk import demo_contracts as contracts
from desk import demo_people as people
from desk.demo_cast import ExpertCast, UnitCast
from desk.demo_items import FEE_ITEMS
from desk.demo_story import Office
from experts import actions as registry
from experts.models import Area, Contract, Expert, TaxCard, Topic
from experts.usual_topics import load_usual
from fees.actions import make_documents
from fees.models import PaymentRun
from feetables.models import FeeItem, FeeTable
from office import people as accounts
from office.actions import log
from office.choices import MessageState, Role
from office.kinds import TaskType as Kind
from office.models import OutboxMessage, Policy, RoleGrant, ServiceArea, Unit, User
from office.workdays import at_wall_clock, is_working_day, local_date, next_month, next_working_day
from supervision.models import Attendance, SupervisionGroup, SupervisionMeeting

PASSWORD = "kokemus-tietaa-enemman"  # noqa: S105 - for the demonstration only, printed by demo_logins


@dataclass(frozen=True)
class Login:
    """A person to sign in as; the part is told in English, for the person who starts the demonstration."""

    part: str
    first: str
    last: str
    language: str

    @property
    def email(self) -> str:
        return address(self.first, self.last)


def address(first: str, last: str) -> str:
    """first.last@example.org without letters that e-mail addresses rarely have."""
    plain = str.maketrans("åäöéüÅÄÖ", "aaoeuaao")
    return f"{first}.{last}".lower().replace(" ", "").translate(plain) + "@example.org"


LOGINS = (
    Login("coordinator", *people.COORDINATOR),
    Login("named employee", *people.UNITS[1].named),
    Login("deputy of the named employee", *people.UNITS[0].deputy),
    Login("employee who orders", *people.UNITS[0].staff[0]),
    Login("experience expert", "Tero", "Lehtimaa", "fi"),
    Login("experience expert", "Ann-Sofi", "Grönvik", "sv"),
    Login("finance", *people.FINANCE),
    Login("work supervisor", *people.SUPERVISORS[0]),
    Login("named employee, and an expert elsewhere", *people.UNITS[10].named),
)


def is_empty() -> bool:
    """Whether nothing has been entered: no person and no unit."""
    return not User.objects.exists() and not Unit.objects.exists()


def load(*, now: datetime, documents: bool = True, threads: int = 1) -> list[str]:
    """Loads the demonstration into an empty database, as it stands at ``now``. Returns acts that were refused.

    One transaction; then the documents of the paid month (by ``threads``). Does nothing when there is data.
    """
    if not is_empty():
        return []
    with transaction.atomic():
        refused = _Beginning(now).live()
    if documents:
        for run in PaymentRun.objects.order_by("number"):
            make_documents(run, threads=threads)
    return refused


class _Beginning:
    """The office as it was set up, half a year before the first month of work."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.random = Random(2026)
        self.today = local_date(now)
        this_month = self.today.replace(day=1)
        last_month = (this_month - timedelta(days=1)).replace(day=1)
        month_before_last = (last_month - timedelta(days=1)).replace(day=1)
        self.first_month = (month_before_last - timedelta(days=1)).replace(day=1)
        self.begun = (self.first_month - timedelta(days=150)).replace(day=1)
        self.at = at_wall_clock(next_working_day(self.begun), time(9))
        self.coordinator = self._first_coordinator()

    def live(self) -> list[str]:
        self._county()
        contracts.load_texts(by=self.coordinator, at=self.at)
        demo_texts.load(self.coordinator, self.at)
        topics = self._topics()
        units = self._units()
        finance = self._person(*people.FINANCE)
        self._grant(finance, Role.FINANCE)
        experts = self._experts(topics)
        office = Office(
            now=self.now, coordinator=self.coordinator, finance=finance, units=units, experts=experts, topics=topics
        )
        office.live()
        demo_plans.load_drafts(units[0], now=self.now)
        demo_hours.load(now=self.now)
        demo_processes.load(coordinator=self.coordinator, now=self.now)
        demo_changes.load(office)
        demo_induction.load(units, coordinator=self.coordinator, begun=self.at, now=self.now)
        self._endings(experts)
        contracts.load_renewals(by=self.coordinator, now=self.now)
        demo_training.load(coordinator=self.coordinator, begun=self.at, now=self.now)
        demo_tables.load(coordinator=self.coordinator, now=self.now)
        demo_recruitment.load(units, topics, coordinator=self.coordinator, now=self.now)
        demo_budgets.load(units, coordinator=self.coordinator, begun=self.at, now=self.now)
        self._supervision([cast.expert for cast in experts if cast.user])
        self._passwords()
        self._outbox()
        demo_away.load(units, coordinator=self.coordinator, now=self.now)
        demo_messages.load(coordinator=self.coordinator, now=self.now)
        demo_sms.load(now=self.now)
        demo_rights.load(coordinator=self.coordinator, begun=self.at, now=self.now)
        demo_imports.one_that_waits(self.coordinator, self.now)
        demo_imports.files_of_the_year(self.coordinator, self.now)
        return office.diary.refused

    # --- people ------------------------------------------------------------------------------------------------------

    def _first_coordinator(self) -> User:
        """Nobody can give the first role: it is there when the office begins."""
        first, last, language = people.COORDINATOR
        user = User.objects.create_user(
            address(first, last), first_name=first, last_name=last, language=language, phone="040 000 0101"
        )
        RoleGrant.objects.create(user=user, role=Role.COORDINATOR, valid_from=self.at)
        return user

    def _person(self, first: str, last: str, language: str) -> User:
        return accounts.find_or_add(
            email=address(first, last),
            first_name=first,
            last_name=last,
            language=language,
            phone=f"040 000 {self.random.randrange(1000, 9999)}",
            by=self.coordinator,
            at=self.at,
        )

    def _grant(self, user: User, role: Role, unit: Unit | None = None) -> None:
        accounts.grant(user, role, unit, by=self.coordinator, at=self.at)

    def _passwords(self) -> None:
        """One hash for all: hashing is slow on purpose. The others sign in by a code."""
        hashed = make_password(PASSWORD)
        User.objects.filter(email__in=[login.email for login in LOGINS]).update(password=hashed)

    # --- county, units, fee tables -----------------------------------------------------------------------------------

    def _county(self) -> None:
        year = self.begun.year
        Policy.objects.create(valid_from=date(year, 1, 1), decision="Aluehallitus 15.12. § 210")
        table = FeeTable.objects.create(
            name=f"Palkkiotaulukko {year} (esimerkki)",
            name_sv=f"Arvodestabell {year} (exempel)",
            valid_from=date(year, 1, 1),
            decided_by="Aluehallitus",
            decided_on=date(year - 1, 12, 15),
            section="§ 211",
            diary_number=f"ESIM/1234/{year - 1}",
        )
        draft = FeeTable.objects.create(
            name=f"Palkkiotaulukko {self.today.year + 1} (esimerkki, luonnos)",
            name_sv=f"Arvodestabell {self.today.year + 1} (exempel, utkast)",
            valid_from=date(self.today.year + 1, 1, 1),
        )
        for made, percent in ((table, Decimal(0)), (draft, Decimal("2.5"))):
            FeeItem.objects.bulk_create(FeeItem(table=made, **item.fields(percent)) for item in FEE_ITEMS)
        FeeTable.objects.filter(pk=table.pk).update(
            state=FeeTable.State.APPROVED, approved_at=self.at, approved_by=self.coordinator
        )
        log("feetable.approve", table, by=self.coordinator, at=self.at, from_state="draft", to_state="approved")

    def _topics(self) -> dict[str, Topic]:
        load_usual()
        return {topic.code: topic for topic in Topic.objects.all()}

    def _units(self) -> list[UnitCast]:
        ServiceArea.objects.bulk_create(ServiceArea(code=code, name_fi=fi, name_sv=sv) for code, fi, sv in people.AREAS)
        areas = {area.code: area for area in ServiceArea.objects.all()}
        found = []
        for facts in people.UNITS:
            unit = Unit.objects.create(
                code=facts.code,
                name_fi=facts.name_fi,
                name_sv=facts.name_sv,
                service_area=areas[facts.area],
                cost_centre=facts.cost_centre,
                place=facts.place,
            )
            named, deputy = self._person(*facts.named), self._person(*facts.deputy)
            staff = [self._person(*person) for person in facts.staff]
            self._grant(named, Role.UNIT_CONTACT, unit)
            self._grant(deputy, Role.DEPUTY, unit)
            for user in staff:
                self._grant(user, Role.STAFF, unit)
            found.append(UnitCast(facts, unit, named, deputy, staff))
        return found

    # --- registry ----------------------------------------------------------------------------------------------------

    def _experts(self, topics: Mapping[str, Topic]) -> list[ExpertCast]:
        found = []
        areas = list(Area.objects.all())
        last = date(self.today.year + 1, 12, 31)
        for n, facts in enumerate(people.EXPERTS):
            introduction = people.INTRODUCTIONS[n % len(people.INTRODUCTIONS)]
            fields: dict[str, Any] = {
                "first_name": facts.first,
                "last_name": facts.last,
                "email": address(facts.first, facts.last) if facts.has_account else "",
                "phone": f"040 000 {self.random.randrange(1000, 9999)}",
                "municipality": facts.municipality,
                "language": facts.language,
                "work_languages": list(facts.languages),
                "kinds": [str(kind) for kind in facts.kinds],
                "remote": n % 4 != 3,
                "training": people.TRAINING[n % len(people.TRAINING)],
                "introduction_fi": introduction[0] if facts.language != "sv" or "fi" in facts.languages else "",
                "introduction_sv": introduction[1] if "sv" in facts.languages else "",
                "payroll_number": f"{70200 + 7 * n}",
            } | demo_registry.shared(n, facts.language)
            shown = {topics[code].pk: code not in facts.hidden and n % 7 != 6 for code in facts.topics}
            expert = registry.add_expert(
                fields,
                shown,
                by=self.coordinator,
                at=self.at,
                account=facts.has_account,
                areas=demo_registry.areas_of(n, facts.municipality, areas),
            )
            # Some contracts run out in the weeks to come; the last but one has not signed yet (see _endings).
            until = self.today + timedelta(days=(0, 24, 41, 55)[n // 9]) if n % 9 == 8 else last
            until = contracts.until_of_first(self.today) if n == 0 else until
            signed = n != len(people.EXPERTS) - 2
            self._contract(expert, facts.kinds, until, signed=signed)
            self._tax_card(expert, n)
            if signed:
                often = 4 if n < 3 else 1
                found.append(ExpertCast(expert, expert.user, until, often, frozenset(facts.topics)))
        return found

    def _contract(self, expert: Expert, kinds: tuple[Kind, ...], until: date, *, signed: bool) -> None:
        begins = self.begun if signed else self.today + timedelta(days=10)
        contract = Contract(
            expert=expert,
            valid_from=begins,
            valid_to=until,
            kinds=[str(kind) for kind in kinds],
            fee_table=FeeTable.objects.get(state=FeeTable.State.APPROVED),
            language=expert.language,
            training=expert.training,
        )
        at = self.at if signed else self.now - timedelta(days=1)
        registry.save_contract(contract, by=self.coordinator, at=at)
        if signed:
            contracts.sign(contract, by=self.coordinator, at=at)

    def _tax_card(self, expert: Expert, n: int) -> None:
        if n % 6 == 4:  # missing: the coordinator is reminded, nothing is held up (R21)
            return
        kinds = [TaxCard.Kind.NON_WAGE]
        if Kind.LECTURE in expert.kinds or Kind.MEETING in expert.kinds:
            kinds.append(TaxCard.Kind.WAGE)
        for year in sorted({self.begun.year, self.today.year}):
            for kind in kinds:
                delivered = max(self.begun, date(year, 1, 8)) if year == self.begun.year else date(year, 1, 8)
                at = at_wall_clock(min(delivered, self.today), time(14))
                registry.note_tax_card(
                    expert, year=year, kind=kind, delivered_on=local_date(at), by=self.coordinator, at=min(at, self.now)
                )

    def _endings(self, experts: list[ExpertCast]) -> None:
        """One expert has left, one is on a break: those who have nothing agreed ahead."""
        ahead = {"state": "agreed", "starts_at__gt": self.now - timedelta(days=2)}
        quiet = [cast for cast in reversed(experts) if not cast.expert.sessions.filter(**ahead).exists()]
        free = [cast for cast in quiet if not cast.expert.offers.filter(state="waiting").exists()]
        free = [cast for cast in free if not cast.expert.orders.exclude(state__in=["agreed", "cancelled"]).exists()]
        at = self.now - timedelta(hours=20)
        for cast in free[:1]:
            contract = Contract.objects.get(expert=cast.expert)
            reason = "Muuttaa toiselle paikkakunnalle" if cast.expert.language == "fi" else "Flyttar till annan ort"
            registry.end_contract(
                contract, last_day=self.today - timedelta(days=1), reason=reason, by=self.coordinator, at=at
            )
            registry.end(Expert.objects.get(pk=cast.expert.pk), by=self.coordinator, at=at, reason="moved")
        demo_registry.breaks([cast.expert for cast in free[1:]], by=self.coordinator, now=self.now)
        left = {cast.expert.pk for cast in free[:4]}
        everybody = [cast.expert for cast in experts if cast.expert.pk not in left]
        demo_registry.absences(everybody, by=self.coordinator, now=self.now)
        demo_registry.looks(everybody, by=self.coordinator, now=self.now)

    # --- supervision -------------------------------------------------------------------------------------------------

    def _supervision(self, experts: list[Expert]) -> None:
        supervisors = [self._person(*person) for person in people.SUPERVISORS]
        for user in supervisors:
            self._grant(user, Role.SUPERVISOR)
        for number, (name_fi, name_sv, supervisor, language, place) in enumerate(people.SUPERVISION):
            group = SupervisionGroup.objects.create(
                name_fi=name_fi, name_sv=name_sv, supervisor=supervisors[supervisor], language=language, seats=8
            )
            members = [expert for expert in experts if (expert.language == "sv") == (language == "sv")]
            members = members[number : number + 7]
            month = self.first_month
            for _month in range(5):
                self._meeting(group, place, month + timedelta(days=7 * number + 5), members)
                month = next_month(month)

    def _meeting(self, group: SupervisionGroup, place: str, day: date, members: list[Expert]) -> None:
        day = day if is_working_day(day) else next_working_day(day)
        starts_at = at_wall_clock(day, time(16, 30))
        meeting = SupervisionMeeting.objects.create(
            group=group, starts_at=starts_at, ends_at=starts_at + timedelta(minutes=90), place=place
        )
        states = Attendance.State
        happened = (states.PRESENT, states.PRESENT, states.PRESENT, states.ABSENT, states.SIGNED_OFF)
        for n, expert in enumerate(members):
            if starts_at < self.now:
                state = happened[(n + day.day) % len(happened)]
            elif (n + day.day) % 3:
                state = states.SIGNED_UP
            else:
                continue
            Attendance.objects.create(meeting=meeting, expert=expert, state=state)

    # --- messages ----------------------------------------------------------------------------------------------------

    def _outbox(self) -> None:
        """In the demonstration no mail leaves: what was written has been sent, a few wait, two failed."""
        written = OutboxMessage.objects.filter(state=MessageState.WAITING)
        newest = list(written.order_by("-created_at", "-pk").values_list("pk", flat=True)[:30])
        tomorrow = at_wall_clock(next_working_day(self.today), time(8))
        held, failed = newest[1:8:2], newest[12:24:11]
        written.filter(pk__in=held).update(due_at=tomorrow)
        written.filter(pk__in=failed).update(
            state=MessageState.FAILED, attempts=5, error="SMTPRecipientsRefused", claimed_at=F("created_at")
        )
        written.exclude(pk__in=held).update(
            state=MessageState.SENT,
            secret="",
            sent_at=F("created_at") + timedelta(seconds=2),
            claimed_at=F("created_at"),
            attempts=1,
        )
