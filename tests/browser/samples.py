"""Which pages there are: every address × the people who see it differently, of the demonstration office.

After adding a page: add its name here. An address without a sample fails ``test_pages`` unless it only takes POST.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet
from django.urls import URLResolver, get_resolver, reverse

from assignments.models import CoordinationMeeting, Move, Offer, Order, Process, Session
from desk.demo import LOGINS
from desk.models import ErasureReport, UploadedSheet
from experts.models import Area, Contract, ContractText, Expert, Topic, TopicGroup
from fees.models import CorrectionRequest, HourList, PaymentRun, RunLine
from feetables.models import FeeItem, FeeTable
from induction.models import ChecklistRow, GuideVersion, Induction
from office.away import uncovered
from office.models import Export, OutboxMessage, ServiceArea, Unit, User
from recruitment.models import Application, Interviewer
from supervision.models import SupervisionGroup, SupervisionMeeting
from tests.browser.moment import NOW
from training.models import Course, CourseDate, Training

PEOPLE = dict(
    zip(
        (
            "coordinator",
            "named",
            "deputy",
            "staff",
            "expert",
            "expert_sv",
            "finance",
            "supervisor",
            "named_expert",
        ),
        (login.email for login in LOGINS),
        strict=True,
    )
)
Question = Callable[[User], Any]


@dataclass(frozen=True)
class Sample:
    """A page: its address' name, who looks, and the object (or the values, or the query) that it is about."""

    name: str
    person: str  # of PEOPLE; "" for nobody
    state: str = ""
    find: Question | None = None
    values: tuple[tuple[str, str], ...] = ()
    query: str = ""

    @property
    def id(self) -> str:
        return "-".join(filter(None, (self.name, self.person, self.state)))

    def look(self) -> tuple[User | None, str]:
        """Who looks, and the address: the log-in of the demonstration, else a colleague who has such an object."""
        if not self.person:
            return None, reverse(self.name) + self.query
        login = User.objects.get(email=PEOPLE[self.person])
        values: dict[str, Any] = dict(self.values)
        if self.find is None:
            return login, reverse(self.name, kwargs=values) + self.query
        colleagues = User.objects.filter(grants__role__in=login.holdings.roles, grants__valid_to=None).order_by("pk")
        for user in (login, *colleagues.distinct()):
            if found := self.find(user):
                values["expert_pk" if self.name in {"fees:month_of_expert", "fees:row_add_for"} else "pk"] = found.pk
                return user, reverse(self.name, kwargs=values) + self.query
        raise AssertionError(f"{self.id}: the demonstration has none")


def every(*people: str) -> Callable[..., list[Sample]]:
    """The same page for several people."""

    def samples(name: str, state: str = "", find: Question | None = None, **more: Any) -> list[Sample]:
        return [Sample(name, person, state, find, **more) for person in people]

    return samples


def seen(model: Any, *order: str, **where: Any) -> Question:
    """The first object that the person sees and that is so."""

    def find(user: User) -> Model | None:
        rows: QuerySet[Any] = model.objects.visible_to(user).filter(**where)
        return rows.order_by(*(order or ("-pk",))).first()

    return find


def the(model: Any, *order: str, **where: Any) -> Question:
    return lambda _user: model.objects.filter(**where).order_by(*(order or ("-pk",))).first()


def own_time(**where: Any) -> Question:
    return lambda user: Session.objects.filter(expert__user=user, **where).order_by("-starts_at").first()


def own_expert(user: User) -> Expert:
    return Expert.objects.get(user=user)


def own_contract(user: User) -> Contract:
    return Contract.objects.filter(expert__user=user).latest("pk")


def own_interview(**where: Any) -> Question:
    """An application that the person interviews."""
    open_states = ("interview_booked", "interviewed")

    def find(user: User) -> Application | None:
        rows = Interviewer.objects.filter(user=user, interview__application__state__in=open_states, **where)
        return Application.objects.filter(interview__interviewers__in=rows).order_by("pk").first()

    return find


def kept_unit(user: User) -> Unit | None:
    """A unit whose induction the person keeps."""
    return Unit.objects.filter(pk__in=user.holdings.units_as("unit_contact", "deputy")).first()


def warned_unit(level: int) -> Question:
    """A unit whose forecast stands so to its budget."""
    return lambda _user: Unit.objects.filter(outlooks__level=level).order_by("code").first()


def first_log_in(_user: User) -> Contract:
    """The contract in force of the expert who signs in, with sessions to come."""
    return Contract.objects.get(state="in_force", expert__user__email=PEOPLE["expert"])


def own_unit_list(**where: Any) -> Question:
    """An hour list that the named employee checks."""

    def find(user: User) -> HourList | None:
        units = user.holdings.units_as("unit_contact", "deputy")
        return HourList.objects.filter(unit__in=units, **where).exclude(expert__user=user).first()

    return find


def draft_of(kind: str) -> Question:
    return seen(Order, lead=None, state="draft", kind=kind)


coordinator, staff, named, expert = every("coordinator"), every("staff"), every("named"), every("expert")
supervisor, finance, nobody = every("supervisor"), every("finance"), every("")
orderers = every("staff", "coordinator")
both_sides = every("staff", "expert")
ahead: dict[str, Any] = {"state": "agreed", "starts_at__gt": NOW, "moves": None}
past: dict[str, Any] = {"state": "agreed", "ends_at__lt": NOW}
month, last = (("month", "2026-10"),), (("month", "2026-09"),)
in_payment, paid = (("month", "2026-08"),), (("month", "2026-07"),)
draft = seen(Order, lead=None, state="draft")
timed_draft = seen(Order, lead=None, state="draft", sessions__state="planned")
#: Kinds of work that differ in their questions.
KINDS = ("individual", "group", "lecture", "walk_in", "meeting")
agreed = seen(Session, "starts_at", **ahead)
own_past = seen(Session, **past)

SAMPLES: list[Sample] = [
    # Everybody's
    *every(*PEOPLE)("home"),
    *every("", "expert")("privacy"),
    *every("", "expert")("accessibility"),
    *every(*(person for person in PEOPLE if person != "coordinator"))("office:my_messages"),
    *every("expert", "coordinator")("office:my_reminders"),
    *every("expert", "staff")("office:my_sms"),
    *every("named", "staff")("office:my_away"),
    *every("expert", "staff")("office:message", find=lambda user: user.messages.order_by("-pk").first()),
    # Finding and ordering
    *staff("assignments:find"),
    *staff("assignments:find", "found", query="?language=fi&day=28.10.2026&start=9&end=11"),
    *staff("assignments:find", "nobody", query="?language=en&kind=lecture&municipality=Nowhere"),
    *orderers("assignments:orders"),
    *orderers("assignments:order_new"),
    *every("staff", "named", "coordinator")(
        "assignments:order", "to_confirm", seen(Order, lead=None, state="to_confirm")
    ),
    *orderers("assignments:order", "draft", draft),
    *orderers("assignments:order", "offered", seen(Order, lead=None, state="offered")),
    *coordinator("assignments:order", "looking", seen(Order, lead=None, state="looking")),
    *orderers("assignments:order", "agreed", seen(Order, lead=None, state="agreed")),
    *orderers("assignments:order", "cancelled", seen(Order, lead=None, state="cancelled"))[1:],
    *staff("assignments:order_what", find=draft),
    *(sample for kind in KINDS for sample in staff("assignments:order_details", kind, draft_of(kind))),
    *staff("assignments:order_when", find=draft),
    *staff("assignments:order_when", "period", draft_of("walk_in")),
    *staff("assignments:order_who", find=timed_draft),
    *staff("assignments:order_who", "wide", timed_draft, query="?wide=1&all=1"),
    *staff("assignments:order_several", find=timed_draft),
    *orderers(
        "assignments:order_second", find=seen(Order, state="draft", kind="group", lead=None, sessions__state="planned")
    ),
    *orderers("assignments:order_missing", find=seen(Order, state="looking", lead__state="agreed")),
    *orderers("assignments:order", "two-experts", seen(Order, lead=None, state="agreed", companion__state="agreed")),
    *coordinator("assignments:order_several", "looking", seen(Order, lead=None, state="looking")),
    *orderers("assignments:order", "who-can", seen(Order, lead=None, state="offered", asking="who_can")),
    *orderers("assignments:order", "in-turn", seen(Order, lead=None, state="offered", asking="in_turn")),
    *orderers("assignments:order_who_can", find=seen(Order, lead=None, state="offered", asking="who_can")),
    *every("named", "coordinator")("assignments:order_change", find=seen(Order, lead=None, state="offered")),
    *named("assignments:unit_habits", find=kept_unit),
    *coordinator("assignments:unit_habits", find=the(Unit, "pk", is_active=True)),
    *staff("assignments:order_fee", find=timed_draft),
    *staff("assignments:order_check", find=timed_draft),
    *staff("assignments:order_cancel", find=seen(Order, lead=None, state="offered")),
    *coordinator("assignments:order_suggest", find=seen(Order, lead=None, state="looking")),
    # Sessions and offers
    *every("staff", "named", "coordinator")("assignments:unit_sessions"),
    *expert("assignments:my_sessions"),
    *expert(
        "assignments:offer", "waiting", lambda user: Offer.objects.filter(state="waiting", expert__user=user).first()
    ),
    *orderers("assignments:offer", "waiting", seen(Offer, state="waiting")),
    *every("coordinator")("assignments:offer", "declined", seen(Offer, state="declined")),
    *every("staff", "expert", "coordinator")("assignments:session", "ahead", agreed),
    *both_sides("assignments:session", "past", own_past),
    *coordinator("assignments:session", "late", seen(Session, outcome="cancelled_late")),
    *coordinator("assignments:session", "held", seen(Session, outcome="held")),
    *coordinator("assignments:session", "moved", seen(Session, outcome="moved")),
    *coordinator("assignments:session", "new-time", seen(Session, state="agreed", moves__state="waiting")),
    *both_sides("assignments:session_move", find=agreed),
    *both_sides("assignments:series_cancel", find=agreed, query="?scope=ahead"),
    *both_sides("assignments:series_move", find=agreed),
    *staff("assignments:series_place", find=agreed),
    *coordinator("assignments:moves", find=the(Move, session__kind="group")),
    *coordinator("assignments:session_fee", find=seen(Session, override_fee=0)),
    *coordinator("assignments:session", "decided", seen(Session, override_fee=0)),
    *every("staff", "expert", "coordinator")("assignments:processes"),
    *every("staff", "expert", "coordinator")("assignments:process", "running", seen(Process, state="running")),
    *coordinator("assignments:process", "ended", seen(Process, state="ended")),
    *coordinator("assignments:process_plan", find=seen(Process, state="running")),
    *coordinator("assignments:process_end", find=seen(Process, state="running")),
    *coordinator("assignments:meetings"),
    *coordinator("assignments:meeting_new"),
    *coordinator("assignments:meeting", find=seen(CoordinationMeeting)),
    *coordinator("assignments:meeting_edit", find=seen(CoordinationMeeting)),
    *staff("assignments:session_mark", "cancel", agreed, values=(("event", "orderer_cancelled"),)),
    *expert("assignments:session_mark", "ill", agreed, values=(("event", "expert_ill"),)),
    *both_sides("assignments:session_mark", "held", own_past, values=(("event", "held"),)),
    *both_sides("assignments:session_mark", "no-show", own_past, values=(("event", "no_show"),)),
    # Registry
    *coordinator("experts:registry"),
    *coordinator("experts:registry_export"),
    *coordinator("experts:expert_new"),
    *coordinator("experts:expert", "active", the(Expert, "pk")),
    *coordinator("experts:expert", "ended", the(Expert, state="ended")),
    *coordinator("experts:expert_edit", find=the(Expert, "pk")),
    *coordinator("experts:registry", "filtered", query="?topic=group-1&state=active"),
    *coordinator("experts:expert", "on-a-break", the(Expert, state="paused", pause_until__isnull=False)),
    *coordinator("experts:expert_pause", find=the(Expert, "pk", state="active")),
    *coordinator("experts:expert_pause", "change", the(Expert, state="paused", pause_until__isnull=True)),
    *coordinator("experts:expert_end", find=the(Expert, "pk", state="active")),
    *coordinator("experts:absences", find=the(Expert, "pk", absences__isnull=False)),
    *coordinator("experts:looks"),
    *expert("experts:my_absences"),
    *coordinator("experts:reads", find=the(Expert, "pk")),
    *expert("experts:reads", "own", own_expert),
    *coordinator("experts:tax_card", find=the(Expert, "pk")),
    *expert("experts:tax_card", "own", own_expert),
    *coordinator("experts:tax_cards"),
    *coordinator("experts:tax_cards", "next-year", query="?year=2027&kind=wage"),
    *coordinator("experts:paper_new", find=the(Expert, "pk")),
    *coordinator("experts:expert", "papers", the(Expert, "pk", seen_papers__kind="yel")),
    *coordinator("experts:contract_new", find=the(Expert, "pk")),
    *coordinator("experts:contract", "signed", the(Contract, state="in_force")),
    *coordinator("experts:contract", "made-in-erfa", the(Contract, state="in_force", countersigned_at__isnull=False)),
    *coordinator("experts:contract", "draft", the(Contract, state="draft")),
    *coordinator("experts:contract", "sent", the(Contract, state="sent")),
    *coordinator("experts:contract", "accepted", the(Contract, state="accepted", accepted_how="program")),
    *coordinator("experts:contract", "on-paper", the(Contract, state="accepted", accepted_how="paper")),
    *coordinator("experts:contract", "ended", the(Contract, state="ended")),
    *expert("experts:contract", "to-accept", the(Contract, state="sent")),
    *coordinator("experts:contracts"),
    *coordinator("experts:contract_texts"),
    *coordinator("experts:contract_text", "in-use", the(ContractText, state="in_use")),
    *coordinator("experts:contract_text", "draft", the(ContractText, state="draft")),
    *coordinator("experts:contract_text_edit", find=the(ContractText, state="draft")),
    *coordinator("assignments:contract_ending", "day", first_log_in),
    *coordinator(
        "assignments:contract_ending", "sessions", first_log_in, query="?last_day=29.10.2026&end_reason=expert"
    ),
    *coordinator("experts:contract_edit", "draft", the(Contract, state="draft")),
    *expert("experts:contract", "own", own_contract),
    *expert("experts:me"),
    *every("expert")("experts:address"),
    *expert("experts:my_edit"),
    *coordinator("experts:topics"),
    *coordinator("experts:topic_new"),
    *coordinator("experts:topic", find=the(Topic)),
    *coordinator("experts:topic_group_new"),
    *coordinator("experts:topic_group", find=the(TopicGroup, "pk")),
    *coordinator("experts:area_new"),
    *coordinator("experts:area", find=the(Area, "pk")),
    # Recruitment
    *nobody("recruitment:apply"),
    *nobody("recruitment:thanks"),
    *coordinator("recruitment:applications"),
    *coordinator("recruitment:applications", "all", query="?state=all&q=a"),
    *coordinator("recruitment:enter"),
    *coordinator("recruitment:application", "new", the(Application, state="received")),
    *coordinator("recruitment:application", "ahead", the(Application, state="interview_booked")),
    *coordinator("recruitment:application", "views", the(Application, state="interviewed")),
    *coordinator("recruitment:application", "training", the(Application, state="training")),
    *coordinator("recruitment:application", "accepted", the(Application, state="accepted")),
    *coordinator("recruitment:application", "ended", the(Application, state="not_accepted")),
    *coordinator("recruitment:edit", find=the(Application, state="received")),
    *coordinator("recruitment:book", find=the(Application, state="received")),
    *coordinator("recruitment:book", "change", the(Application, state="interview_booked")),
    *coordinator("recruitment:remove", find=the(Application, state="received")),
    *coordinator("recruitment:decide", "accept", the(Application, state="training"), values=(("step", "accept"),)),
    *coordinator("recruitment:decide", "train", the(Application, state="interviewed"), values=(("step", "train"),)),
    *coordinator("recruitment:decide", "decline", the(Application, state="received"), values=(("step", "decline"),)),
    *coordinator("recruitment:decide", "withdraw", the(Application, state="received"), values=(("step", "withdraw"),)),
    *named("recruitment:view", "write", own_interview(given_at=None)),
    *named("recruitment:view", "given", own_interview(given_at__isnull=False)),
    # Fee tables
    *every("coordinator", "finance")("feetables:tables"),
    *every("coordinator", "finance")("feetables:amounts"),
    *coordinator("feetables:table_new"),
    *every("coordinator", "finance")("feetables:compare", query="?all=1"),
    *every("coordinator", "finance")("feetables:table", "approved", the(FeeTable, state="approved")),
    *coordinator("feetables:table", "draft", the(FeeTable, state="draft")),
    *coordinator("feetables:table_edit", find=the(FeeTable, state="draft")),
    *coordinator("feetables:item_new", find=the(FeeTable, state="draft")),
    *coordinator("feetables:item_edit", find=the(FeeItem, table__state="draft")),
    # Hours, checking, payment
    *every("expert", "expert_sv", "named_expert")("fees:my_month"),
    *expert("fees:my_month_of", "this", values=month),
    *expert("fees:my_month_of", "sent", values=last),
    *expert("fees:my_month_of", "in-payment", values=in_payment),
    *expert("fees:my_month_of", "paid", values=paid),
    *expert("fees:row_add", values=month),
    *expert("fees:costs", find=own_time(travel_cap__isnull=False, outcome="held")),
    *expert("fees:ask_correction", find=own_time(hour_row__hour_list__state="paid")),
    *every("named", "coordinator")("fees:requests"),
    *coordinator("fees:request", find=the(CorrectionRequest)),
    *coordinator("fees:row_add_for", find=the(Expert, "pk"), values=month),
    *coordinator("fees:month_of_expert", find=the(Expert, "pk"), values=month),
    *every("named", "deputy")("fees:check"),
    *named("fees:hour_list", "to-check", own_unit_list(state="at_unit")),
    *every("named", "deputy")("fees:hour_list", "paid", own_unit_list(state="paid")),
    *coordinator("fees:board"),
    *coordinator("fees:board_of", "half-way", values=last),
    *coordinator("fees:board_of", "paid", values=paid),
    *coordinator("fees:close", "half-way", values=last),
    *every("coordinator", "finance")("fees:runs"),
    *every("coordinator", "finance")("fees:run", "sent", the(PaymentRun, state="sent")),
    *finance("fees:run", "paid", the(PaymentRun, state="paid")),
    *every("coordinator", "finance")("fees:run_lines", find=the(PaymentRun)),
    *expert("fees:my_payments"),
    *every("coordinator", "finance")("fees:annual"),
    *finance("fees:annual_of", values=(("year", "2026"),)),
    *coordinator("fees:correct", find=the(RunLine)),
    *coordinator("fees:corrections"),
    *every("coordinator", "finance")("fees:simulation", "draft", the(FeeTable, state="draft")),
    *coordinator("fees:differences", find=lambda _user: FeeTable.objects.filter(state="approved").first()),
    # Induction
    *coordinator("induction:overview"),
    *coordinator("induction:overview", "filtered", query="?look=not_ready"),
    *coordinator("induction:common"),
    *coordinator("induction:common_guide_edit"),
    *coordinator("induction:common_row_new", values=(("sort", "induction"),)),
    *coordinator("induction:unit", find=the(Unit, "pk")),
    *coordinator("induction:checklist", "open", the(Induction, state="open")),
    *named("induction:my_units"),
    *every("named", "named_expert")("induction:unit", find=kept_unit),
    *named("induction:unit_texts", find=kept_unit),
    *named("induction:guide_edit", find=kept_unit),
    *named("induction:row_new", find=kept_unit, values=(("sort", "readiness"),)),
    *named("induction:row_edit", find=lambda user: ChecklistRow.objects.kept_by(user).first()),
    *named("induction:readiness_history", find=kept_unit),
    *named("induction:start", find=kept_unit),
    *named("induction:start", "found", kept_unit, query="?q=a"),
    *named("induction:version", "draft", lambda user: GuideVersion.objects.kept_by(user).filter(state="draft").first()),
    *named("induction:version", "published", seen(GuideVersion, state="published")),
    *named("induction:checklist", "open", seen(Induction, state="open")),
    *every("named", "expert")("induction:checklist", "done", seen(Induction, state="done")),
    *every("expert", "expert_sv")("induction:guide"),
    # Supervision
    *every("supervisor", "expert", "coordinator")("supervision:groups"),
    *every("supervisor", "expert", "coordinator")("supervision:group", find=seen(SupervisionGroup)),
    *coordinator("supervision:group_new"),
    *coordinator("supervision:group_edit", find=the(SupervisionGroup)),
    *every("supervisor", "coordinator")(
        "supervision:meeting", "past", seen(SupervisionMeeting, "-pk", starts_at__lt=NOW)
    ),
    *every("supervisor", "coordinator")(
        "supervision:meeting", "ahead", seen(SupervisionMeeting, "pk", starts_at__gt=NOW)
    ),
    *every("expert", "staff", "coordinator")("calendars:calendar"),
    *every("expert", "coordinator")("calendars:calendar", "month", query="?show=month"),
    *every("expert", "coordinator")("calendars:calendar", "list", query="?show=list"),
    *every("expert")("calendars:feeds"),
    # Training
    *coordinator("training:courses"),
    *coordinator("training:course", "over", the(Course, "pk", training__code="group")),
    *coordinator("training:course", "full", the(Course, "pk", training__code="speaker")),
    *coordinator("training:course_new"),
    *coordinator("training:course_edit", find=the(Course)),
    *coordinator("training:date", "to-mark", the(CourseDate, "starts_at", marked_at=None)),
    *coordinator("training:date", "marked", the(CourseDate, "starts_at", marked_at__isnull=False)),
    *coordinator("training:date", "ahead", the(CourseDate, "-starts_at")),
    *coordinator("training:trainings"),
    *coordinator("training:training_new"),
    *coordinator("training:training", find=the(Training)),
    *coordinator("training:external_new", find=the(Expert, "pk")),
    # The office
    *coordinator("office:units"),
    *coordinator("office:unit_new"),
    *coordinator("office:unit", find=the(Unit, "pk")),
    *coordinator("office:unit_edit", find=the(Unit, "pk")),
    *coordinator("office:grant_new", find=the(Unit, "pk")),
    *coordinator("office:hand_over", find=the(Unit, "pk")),
    *coordinator("office:away_new", find=the(Unit, "pk")),
    *coordinator("office:unit", "uncovered", lambda _user: uncovered(NOW)[0].unit),
    *coordinator("office:people"),
    *coordinator("office:county_grant_new"),
    *coordinator("budgets:overview"),
    *coordinator("budgets:overview", "over", query="?level=3&sort=unit"),
    *coordinator("budgets:overview", "next-year", query="?year=2027"),
    *coordinator("budgets:unit", "over", find=warned_unit(3)),
    *coordinator("budgets:unit", "no-budget", find=warned_unit(0)),
    *every("named", "deputy")("budgets:unit", find=kept_unit),
    *coordinator("budgets:set", find=warned_unit(3)),
    *coordinator("budgets:same_again", values=(("year", "2027"),)),
    *coordinator("budgets:levels"),
    *coordinator("office:service_areas"),
    *coordinator("office:service_area_new"),
    *coordinator("office:service_area", find=the(ServiceArea)),
    *coordinator("office:rules"),
    *coordinator("office:reminders"),
    *coordinator("office:reminder_change", values=(("name", "contract_ending"),)),
    *coordinator("office:permissions"),
    *coordinator("office:outbox"),
    *coordinator("office:message", "failed", the(OutboxMessage, state="failed")),
    *coordinator("office:message", "held", the(OutboxMessage, state="on_hold")),
    *coordinator("office:message", "by-hand", the(OutboxMessage, state="by_hand")),
    *coordinator("office:message_edit", find=the(OutboxMessage, state="failed")),
    *coordinator("office:message_discard", find=the(OutboxMessage, state="failed")),
    *coordinator("office:exports"),
    *coordinator("office:export", "ready", the(Export, sort="sessions")),
    *coordinator("office:export", "broken-off", the(Export, sort="paid_lines")),
    *coordinator("office:kinds"),
    *coordinator("office:kind_text", values=(("kind", "remind_list_ready"), ("language", "fi"))),
    *expert("desk:my_data"),
    *coordinator("desk:expert_data", find=the(Expert, "pk")),
    *coordinator("desk:expert_data", "erased", the(Expert, erased_at__isnull=False)),
    *coordinator("desk:erase", "not-yet", the(Expert, "pk")),
    *coordinator("desk:erase", "ended", the(Expert, state="ended", erased_at__isnull=True)),
    *coordinator("desk:erasure", find=the(ErasureReport)),
    *coordinator("desk:retention"),
    *coordinator("desk:retention_period", values=(("code", "fees"),)),
    *coordinator("desk:retention_reports"),
    *coordinator("desk:imports"),
    *coordinator("desk:import_sheet", find=the(UploadedSheet)),
    # Signing in: allauth's pages in our dress
    *nobody("account_login"),
    *nobody("account_request_login_code"),
    *nobody("account_reset_password"),
    *every("expert")("account_logout"),
    *every("expert")("account_change_password"),
    *every("expert")("mfa_index"),
]

#: Addresses that answer GET with something that is not a page: files, ways on, words for machines.
NO_PAGES = {
    "desk:fee_table_file",  # a file: tests/desk/test_fee_table_file.py
    "office:export_file",  # a file: tests/office/test_exports.py
    "experts:address_confirm",  # the link is in the mail only: tests/experts/test_address.py
    "assignments:answer",  # the link is in the mail only: tests/browser/test_answer.py
    "office:kind_mail",  # a mail, not a page of ours: tests/office/test_outbox_html.py
    "office:message_mail",
    "assignments:order_paper",
    "assignments:order_dates",
    "experts:contract_pdf",
    "experts:contract_scan",
    "assignments:order_start",
    "calendars:feed",
    "calendars:session_file",
    "experts:registry_file",
    "budgets:overview_file",
    "budgets:unit_file",
    "fees:annual_statement",
    "fees:board_file",
    "fees:paper_back",
    "fees:document",
    "fees:my_annual",
    "fees:my_statement",
    "fees:receipt",
    "fees:hour_paper",
    "fees:hour_paper_of",
    "fees:run_zip",
    "fees:simulation_file",
    "healthz",
    "readyz",
    "metrics",
    "set_language",
}


def addresses(resolver: URLResolver | None = None, namespace: str = "") -> list[tuple[str, Any]]:
    """The names of all addresses with their views."""
    found: list[tuple[str, Any]] = []
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            found += addresses(pattern, inner)
        else:
            found.append((f"{namespace}{pattern.name}", pattern.callback))
    return found
