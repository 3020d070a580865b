"""One of everything that an address can name: all of the cast's unit and expert, so that the others are strangers."""

from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from typing import Any

from django.test import Client

from assignments import actions as work
from assignments.actions import meetings
from assignments.models import Process
from budgets.models import WarningLevels
from calendars.models import Feed
from desk.models import ErasureReport, UploadedSheet
from experts import actions as registry
from experts.models import Absence, Area, Contract, SavedView, SeenPaper, TaxCard, TopicGroup
from fees import actions as pay
from fees.models import AddedRow, CorrectionRequest, HourList, Receipt, RunDocument
from feetables.models import FeeItem
from office import away, exporting
from office.choices import Role
from office.models import ClosingDay, Export, OutboxMessage, Policy, ReminderSetting, RoleGrant, User
from office.tasks import make_export
from supervision.models import Attendance, SupervisionGroup, SupervisionMeeting
from tests.conftest import Cast
from tests.factories import (
    at,
    make_agreed_session,
    make_closed_session,
    make_contract,
    make_expert,
    make_fee_table,
    make_offer,
    make_order,
    make_topic,
    make_user,
)
from tests.factories.contracts import PDF, make_sent
from tests.factories.induction import make_guide, make_induction, make_row
from tests.factories.recruitment import make_application, make_interview
from tests.factories.training import complete, make_external, make_training

NOW = at(2026, 11, 5, 9)


@dataclass(frozen=True)
class World:
    """The objects by the name of what they are, and the browsers of the people by the part they play."""

    objects: dict[str, int]
    clients: dict[str, Client]


def made_export(by: User) -> Export:
    """The year's sessions, ready."""
    made = exporting.ask(exporting.YEARLY["sessions"], NOW.year, by=by, at=NOW, language="en")
    make_export(made.pk)
    return made


def people_of(cast: Cast) -> dict[str, User | None]:
    """The columns of the tables. ``other_…`` and ``stranger`` belong to the other unit."""
    return {
        "anonymous": None,
        "coordinator": cast.coordinator,
        "named": cast.named,
        "deputy": cast.deputy,
        "staff": cast.orderer,
        "expert": cast.expert_user,
        "other_expert": cast.second_expert_user,
        "finance": cast.finance,
        "supervisor": cast.supervisor,
        "stranger": cast.stranger,
        "other_named": cast.other_named,
        "other_supervisor": make_user(roles=[Role.SUPERVISOR]),
    }


def browsers(cast: Cast) -> dict[str, Client]:
    """A browser for each, signed in."""
    clients = {}
    for name, person in people_of(cast).items():
        clients[name] = Client()
        if person is not None:
            clients[name].force_login(person)
    return clients


def build(cast: Cast) -> World:
    """Writes the world."""
    mine: dict[str, Any] = {"unit": cast.unit, "orderer": cast.orderer}
    table = make_fee_table()
    draft_table = make_fee_table(valid_from=date(2027, 1, 1), approved=False)
    topic = make_topic()
    ahead = [(at(2026, 12, 9, 10), at(2026, 12, 9, 11))]

    draft = make_order(**mine, expert=cast.expert, times=ahead)
    to_confirm = make_order(**mine, state="to_confirm", expert=cast.expert, times=ahead)
    looking = make_order(**mine, state="looking", times=ahead)
    offered = make_order(**mine, state="looking", times=[(at(2026, 12, 10, 10), at(2026, 12, 10, 11))])
    offer = make_offer(offered, cast.expert, sent_at=at(2026, 11, 4, 9))
    who_can = make_order(**mine, state="looking", times=[(at(2026, 12, 11, 10), at(2026, 12, 11, 11))])
    both, sent_at = [cast.expert, cast.second_expert], at(2026, 11, 4, 9)
    work.ask_several(who_can, both, asking="who_can", answer_days=10, by=cast.coordinator, at=sent_at)
    can = who_can.offers.get(expert=cast.expert)
    work.say_yes(can, by=cast.expert_user, at=at(2026, 11, 4, 10))
    agreed = make_agreed_session(at(2026, 12, 2, 10), expert=cast.expert, agreed_at=at(2026, 11, 1, 9), **mine)
    to_move = make_agreed_session(at(2026, 12, 3, 10), expert=cast.expert, agreed_at=at(2026, 11, 1, 9), **mine)
    move = work.propose_move(to_move, at(2026, 12, 4, 10), at(2026, 12, 4, 11), by=cast.orderer, at=at(2026, 11, 4, 9))

    make_closed_session(at(2026, 9, 9, 10), expert=cast.expert, **mine)
    held = make_closed_session(at(2026, 10, 7, 10), expert=cast.expert, **mine)
    november = make_closed_session(at(2026, 11, 4, 10), expert=cast.expert, **mine)
    AddedRow.objects.create(
        session=november, what="meeting", ordered_by=cast.orderer, why="Why", added_by=cast.expert_user, added_at=NOW
    )
    pay.send_month(cast.expert, date(2026, 9, 1), by=cast.expert_user, at=at(2026, 10, 2, 9))
    paid_list = HourList.objects.get(month=date(2026, 9, 1))
    pay.approve([paid_list], by=cast.named, at=at(2026, 10, 5, 9))
    run = pay.make_run(date(2026, 9, 1), by=cast.coordinator, at=at(2026, 10, 12, 9), documents=False)
    line = run.lines.get()
    correction = pay.correct(line, Decimal("-5.00"), by=cast.coordinator, at=at(2026, 11, 2, 9), reason="too long")
    statement = RunDocument.objects.create(
        run=run, kind="statement", expert=cast.expert, filename="1-eva.pdf", content=b"%PDF-", sha256="0" * 64, size=5
    )
    pay.send_month(cast.expert, date(2026, 10, 1), by=cast.expert_user, at=at(2026, 11, 2, 9))
    at_unit = HourList.objects.get(month=date(2026, 10, 1))

    coordination = meetings.write_meeting(cast.unit, held_at=NOW, since=at(2026, 10, 1, 9), by=cast.coordinator, at=NOW)
    signed = Contract.objects.get(expert=cast.expert)
    sent_contract = make_sent(cast.expert, cast.coordinator)
    accepted_contract = make_sent(
        cast.expert, cast.coordinator, valid_from=date(2029, 1, 1), valid_to=date(2029, 12, 31)
    )
    registry.note_paper(
        accepted_contract, content=PDF, signed_on=NOW.date(), seen=accepted_contract.text_hash, by=cast.coordinator,
        at=NOW,
    )  # fmt: skip
    new_expert = make_expert(contract=False, first_name="Nina", last_name="New", email="nina@example.org")
    group = SupervisionGroup.objects.create(name_fi="Ryhmä", name_sv="Grupp", supervisor=cast.supervisor)
    meeting = SupervisionMeeting.objects.create(
        group=group, starts_at=at(2026, 11, 20, 16), ends_at=at(2026, 11, 20, 18), place="Esimerkkikatu 1"
    )
    application = make_application()
    make_interview(application, cast.named, cast.coordinator)
    rows = [make_row(None), make_row(cast.unit, "Oma")]
    make_row(None, "Puhelin", sort="readiness")
    place = complete(cast.expert, make_training(), date(2026, 9, 8))
    found = {
        "training": place.course.training,
        "course": place.course,
        "course_date": place.course.dates.get(),
        "course_place": place,
        "external_training": make_external(cast.expert, by=cast.coordinator),
        "tax_card": TaxCard.objects.create(expert=cast.expert, year=2026, delivered_on=date(2026, 1, 2)),
        "paper": SeenPaper.objects.create(
            expert=cast.expert, kind=SeenPaper.Kind.YEL, shown_on=date(2026, 1, 2), seen_by=cast.coordinator
        ),
        "row": rows[1],
        "guide": make_guide(cast.unit),
        "guide_draft": make_guide(cast.unit, published=False),
        "induction": make_induction(cast.expert, cast.unit, rows, by=cast.named),
        "application": application,
        "draft": draft,
        "to_confirm": to_confirm,
        "looking": looking,
        "offered": offered,
        "offer": offer,
        "who_can": who_can,
        "can": can,
        "agreed": agreed,
        "process": Process.objects.create(order=agreed.order),
        "coordination": coordination,
        "decision": meetings.add_decision(coordination, "Call", by=cast.coordinator, at=NOW),
        "held": held,
        "move": move,
        "expert": cast.expert,
        "contract": signed,
        "draft_contract": make_contract(new_expert, state=Contract.State.DRAFT),
        "sent_contract": sent_contract,
        "accepted_contract": accepted_contract,
        "draft_text": registry.new_text("sv", by=cast.coordinator, at=NOW),
        "topic": topic,
        "topic_group": TopicGroup.objects.create(name_fi="Aiheryhmä", name_sv="Temagrupp"),
        "work_area": Area.objects.create(name_fi="Askola", name_sv="Askola"),
        "absence": Absence.objects.create(expert=cast.expert, first_day=date(2027, 1, 4), last_day=date(2027, 1, 8)),
        "saved_view": SavedView.objects.create(
            user=cast.coordinator, page="registry", name="Active", query="state=active"
        ),
        "table": table,
        "draft_table": draft_table,
        "item": FeeItem.objects.filter(table=draft_table).earliest("pk"),
        "list": at_unit,
        "added": november,
        "request": CorrectionRequest.objects.create(
            session=held, wanted="Longer", asked_at=NOW, asked_by=cast.expert_user
        ),
        "receipt": Receipt.objects.create(
            session=held,
            filename="receipt.pdf",
            media_type="application/pdf",
            content=b"%PDF-",
            sha256="1" * 64,
            size=5,
            added_at=NOW,
            added_by=cast.expert_user,
        ),
        "run": run,
        "document": statement,
        "line": line,
        "correction": correction,
        "unit": cast.unit,
        "area": cast.unit.service_area,
        "away": away.note(cast.named, date(2026, 12, 7), date(2026, 12, 8), by=cast.named, at=NOW),
        "grant": RoleGrant.objects.get(user=cast.deputy),
        "closing_day": ClosingDay.objects.create(day=date(2026, 12, 7), reason="Closed"),
        "policy": Policy.objects.create(valid_from=date(2027, 1, 1)),
        "reminder_setting": ReminderSetting.objects.create(
            name="month_board", valid_from=date(2099, 1, 1), clock=time(9)
        ),
        "message": OutboxMessage.objects.filter(recipient=cast.expert_user).earliest("pk"),
        "warning_levels": WarningLevels.objects.create(valid_from=date(2027, 1, 1)),
        "sheet": UploadedSheet.objects.create(
            sort="units", name="u.csv", content=b"", uploaded_by=cast.coordinator, uploaded_at=NOW
        ),
        "export": made_export(cast.coordinator),
        "erasure": ErasureReport.objects.create(expert_number=999_999, at=NOW, by=cast.coordinator),
        "group": group,
        "meeting": meeting,
        "feed": Feed.objects.create(user=cast.expert_user, token_hash="0" * 64, name="telephone", created_at=NOW),
        "attendance": Attendance.objects.create(meeting=meeting, expert=cast.expert),
    }
    return World({name: obj.pk for name, obj in found.items()}, browsers(cast))
