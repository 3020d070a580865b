"""Every address × every role, against the committed table ``urls.txt``.

A cell is what GET / POST (with nothing in it) answer: ``login`` for a way to the log-in page, ``→`` for another
redirect, else the status. All objects belong to the first unit and its expert: for strangers they are not there (404).

After adding a view: give its object in OBJECTS, write the table anew with
``ERFA_WRITE_TABLES=1 pytest tests/matrices``, and READ the difference before committing it.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import translation

from office.checks import TRUSTED_MODULES, patterns
from tests.conftest import Clock
from tests.conftest import cast as cast_fixture
from tests.matrices.world import NOW, World, build

pytestmark = pytest.mark.django_db  # each test is a savepoint inside the world's transaction
TABLE = Path(__file__).with_name("urls.txt")

#: Which object of the world an address names: by the address' name, else by the app's default for ``pk``.
OBJECTS = {
    "budgets:levels_remove": "warning_levels",
    "desk:import_sheet": "sheet",
    "desk:expert_data": "expert",
    "desk:expert_data_file": "expert",
    "desk:erase": "expert",
    "desk:erasure": "erasure",
    "desk:import_take": "sheet",
    "desk:import_again": "sheet",
    "desk:import_stop": "sheet",
    "assignments:order": "offered",
    "assignments:order_confirm": "to_confirm",
    "assignments:order_withdraw": "offered",
    "assignments:order_suggest": "looking",
    "assignments:order_change": "offered",
    "assignments:order_missing": "offered",
    "assignments:order_paper": "offered",
    "assignments:order_dates": "offered",
    "assignments:order_another": "offered",
    "assignments:order_leave": "offered",
    "assignments:order_one": "offered",
    "assignments:order_none": "offered",
    "assignments:order_who_can": "who_can",
    "assignments:offer_choose": "can",
    "assignments:unit_habits": "unit",
    "assignments:session": "agreed",
    "assignments:session_mark": "agreed",
    "assignments:session_move": "agreed",
    "assignments:session_undo": "held",
    "assignments:series_cancel": "agreed",
    "assignments:series_move": "agreed",
    "assignments:series_place": "agreed",
    "assignments:session_fee": "held",
    "assignments:session_fee_rule": "held",
    "assignments:moves": "move",
    "assignments:moves_accept": "move",
    "assignments:moves_decline": "move",
    "assignments:moves_withdraw": "move",
    "assignments:process": "process",
    "assignments:process_plan": "process",
    "assignments:process_end": "process",
    "assignments:process_open": "process",
    "assignments:meeting": "coordination",
    "assignments:meeting_edit": "coordination",
    "assignments:meeting_decide": "coordination",
    "assignments:decision_done": "decision",
    "assignments:move_accept": "move",
    "assignments:move_decline": "move",
    "assignments:move_withdraw": "move",
    "assignments:offer": "offer",
    "assignments:offer_accept": "offer",
    "assignments:offer_decline": "offer",
    "calendars:feed_close": "feed",
    "calendars:session_file": "agreed",
    "experts:contract": "contract",
    "experts:contract_edit": "draft_contract",
    "experts:contract_sign": "draft_contract",
    "assignments:contract_ending": "contract",
    "experts:contract_send": "draft_contract",
    "experts:contract_take_back": "sent_contract",
    "experts:contract_paper": "sent_contract",
    "experts:contract_countersign": "accepted_contract",
    "experts:contract_renew": "contract",
    "experts:contract_remove": "draft_contract",
    "experts:contract_accept": "sent_contract",
    "experts:contract_ask_change": "sent_contract",
    "experts:contract_pdf": "accepted_contract",
    "experts:contract_scan": "accepted_contract",
    "experts:contract_text": "draft_text",
    "experts:contract_text_edit": "draft_text",
    "experts:contract_text_use": "draft_text",
    "experts:contract_text_remove": "draft_text",
    "experts:topic": "topic",
    "experts:topic_group": "topic_group",
    "experts:topic_group_move": "topic_group",
    "experts:area": "work_area",
    "experts:absence_remove": "absence",
    "experts:view_remove": "saved_view",
    "experts:paper_remove": "paper",
    "experts:tax_card_remove": "tax_card",
    "feetables:table": "table",
    "desk:fee_table_file": "table",
    "feetables:item_edit": "item",
    "feetables:item_remove": "item",
    "fees:run": "run",
    "fees:run_lines": "run",
    "fees:run_zip": "run",
    "fees:run_pay": "run",
    "fees:run_files": "run",
    "fees:run_send": "run",
    "fees:run_reject": "run",
    "fees:run_resend": "run",
    "fees:document": "document",
    "fees:my_statement": "document",
    "fees:correct": "line",
    "fees:drop_correction": "correction",
    "fees:row_remove": "added",
    "fees:ask_correction": "held",
    "fees:request": "request",
    "fees:request_withdraw": "request",
    "fees:row_draft": "held",
    "fees:costs": "held",
    "fees:receipt": "receipt",
    "fees:receipt_remove": "receipt",
    "fees:simulation": "table",
    "fees:simulation_file": "table",
    "fees:differences": "table",
    "fees:differences_make": "table",
    "fees:differences_agreed": "table",
    "fees:differences_looked": "table",
    "induction:row_edit": "row",
    "induction:row_move": "row",
    "induction:guide_read": "guide",
    "induction:version": "guide",
    "induction:publish": "guide_draft",
    "induction:drop": "guide_draft",
    "induction:checklist": "induction",
    "induction:tick": "induction",
    "induction:reopen": "induction",
    "induction:refresh": "induction",
    "office:export": "export",
    "office:export_act": "export",
    "office:export_file": "export",
    "office:grant_end": "grant",
    "office:away_new": "unit",
    "office:away_end": "away",
    "office:service_area": "area",
    "office:closing_day_remove": "closing_day",
    "office:policy_remove": "policy",
    "office:reminder_remove": "reminder_setting",
    "office:message": "message",
    "office:send_again": "message",
    "office:message_hold": "message",
    "office:message_release": "message",
    "office:message_edit": "message",
    "office:message_discard": "message",
    "office:message_tell": "message",
    "office:message_mail": "message",
    "supervision:meeting": "meeting",
    "supervision:place": "meeting",
    "supervision:sign_up_for": "meeting",
    "supervision:cancel": "meeting",
    "supervision:attendance": "attendance",
    "training:date": "course_date",
    "training:date_remove": "course_date",
    "training:undo": "course_place",
    "training:take_off": "course_place",
    "training:training": "training",
    "training:external_new": "expert",
    "training:external_remove": "external_training",
}
DEFAULTS = {
    "assignments": "draft",
    "budgets": "unit",
    "experts": "expert",
    "feetables": "draft_table",
    "fees": "list",
    "induction": "unit",
    "office": "unit",
    "recruitment": "application",
    "supervision": "group",
    "training": "course",
}
VALUES = {
    "token": "unknown",
    "language": "sv",
    "month": "2026-10",
    "year": "2027",
    "event": "held",
    "step": "withdraw",
    "sort": "induction",
    "name": "month_board",
    "kind": "offer",
    "code": "fees",
    "form": "csv",
}


def names() -> list[str]:
    """The names of all our addresses; sign-in pages are allauth's."""
    found = []
    for _route, pattern in patterns(get_resolver()):
        module = pattern.callback.__module__
        if not module.startswith(TRUSTED_MODULES):
            app = module.split(".")[0]
            assert pattern.name, f"{pattern} has no name"
            is_top = pattern.name in TOP
            found.append(pattern.name if is_top else f"{app}:{pattern.name}")
    return found


TOP = {"home", "set_language", "privacy", "accessibility", "healthz", "readyz", "metrics"}
NAMES = names()


def address(name: str, world: World) -> str:
    """The address of the name, of the world's objects."""
    app, _colon, _short = name.partition(":")
    with_values: dict[str, Any] = {}
    for route in (
        get_resolver(None)
        .namespace_dict.get(app, ("", get_resolver()))[1]
        .reverse_dict.getlist(name.rpartition(":")[2])
    ):
        for wanted in route[0][0][1]:
            if wanted == "pk":
                with_values[wanted] = world.objects[OBJECTS.get(name, DEFAULTS.get(app, ""))]
            elif wanted.endswith("_pk"):
                with_values[wanted] = world.objects[wanted.removesuffix("_pk")]
            else:
                with_values[wanted] = VALUES[wanted]
        break
    return reverse(name, kwargs=with_values)


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Built once for all rows and rolled back; each request is rolled back by itself."""
    with django_db_blocker.unblock(), translation.override("en"), transaction.atomic():
        yield build(cast_fixture.__wrapped__(None))  # type: ignore[attr-defined]  # the fixture's own function
        transaction.set_rollback(True)


def answer(client: Client, method: str, path: str) -> str:
    with transaction.atomic():
        client.cookies.pop("messages", None)
        found = getattr(client, method)(path)
        if found.streaming:  # read to the end, so that the client closes the file
            b"".join(found.streaming_content)
        transaction.set_rollback(True)
    if found.status_code == 302:
        return "login" if found.headers["Location"].startswith("/accounts/login/") else "→"
    return str(found.status_code)


def row(name: str, world: World) -> list[str]:
    """What each person gets."""
    path = address(name, world)
    return ["/".join(answer(client, method, path) for method in ("get", "post")) for client in world.clients.values()]


def committed() -> dict[str, list[str]]:
    lines = TABLE.read_text(encoding="utf-8").splitlines() if TABLE.exists() else []
    return {line.split()[0]: line.split()[1:] for line in lines[1:] if line.strip()}


def test_the_table_has_every_address_and_no_other() -> None:
    """P9: a new address without its row fails."""
    if not os.environ.get("ERFA_WRITE_TABLES"):
        assert sorted(committed()) == sorted(NAMES)


# Lesson P5.
@pytest.mark.parametrize("name", NAMES)
def test_who_gets_what(name: str, world: World, clock: Clock) -> None:
    clock(NOW)
    found = row(name, world)
    if os.environ.get("ERFA_WRITE_TABLES"):
        write(name, found, world)
    told = dict(zip(world.clients, found, strict=True))
    assert told == dict(zip(world.clients, committed()[name], strict=True))


def write(name: str, cells: list[str], world: World) -> None:
    """Replaces one row, in the order of the addresses."""
    rows = {known: row for known, row in committed().items() if known in NAMES} | {name: cells}
    lines = [("address", *world.clients), *((known, *rows[known]) for known in NAMES if known in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    told = ("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines)
    TABLE.write_text("\n".join(told) + "\n", encoding="utf-8")
