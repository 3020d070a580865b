"""Hours on the screen: who has approved them, as ``import_office --approved-by`` does."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from desk.models import UploadedSheet
from fees.models import HourList
from office.choices import Role
from office.models import LogEntry, User
from tests.conftest import Cast, Clock
from tests.factories import DATA, at, fee_table_on, grant, make_user

NOW = at(2026, 11, 12, 10)
HEAD = (DATA / "hours_2026-10.csv").read_text("utf-8-sig").splitlines()[0]
CHOICE = "Who has approved the hours?"

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(cast: Cast, clock: Clock, client_for: Callable[[User], Client]) -> Client:
    clock(NOW)
    fee_table_on(NOW.date())
    return client_for(cast.coordinator)


def row(cast: Cast, **changed: str) -> str:
    """One hour of Eva's, by the headings of an office's own file."""
    told = {
        "Kokemusasiantuntija": "Expert Eva",
        "Sähköposti": "eva@example.org",
        "Yksikkö": "Y01",
        "Tehtävä": "yksilötyö",
        "Päivä": "7.10.2026",
        "Alkoi": "10.00",
        "Päättyi": "11.00",
        "Tilaaja": "Anna Orderer",
        "Toteutuma": "pidetty",
    } | changed
    assert not set(told) - set(HEAD.split(";")), HEAD
    return ";".join(told.get(name, "") for name in HEAD.split(";"))


def send(office: Client, *rows: str) -> UploadedSheet:
    file = SimpleUploadedFile("hours_2026-10.csv", "\n".join([HEAD, *rows]).encode())
    answer = office.post(reverse("desk:imports"), {"sort": "hours", "file": file})
    assert answer.status_code == 302
    return UploadedSheet.objects.latest("pk")


def page(office: Client, sheet: UploadedSheet) -> str:
    return office.get(reverse("desk:import_sheet", args=[sheet.pk])).content.decode()


def words(shown: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", shown)).split())


def take(office: Client, sheet: UploadedSheet, **fields: Any) -> Any:
    sheet.refresh_from_db()
    return office.post(reverse("desk:import_take", args=[sheet.pk]), {"seen": sheet.seen, **fields})


def approver_of_the_list() -> User | None:
    return HourList.objects.get().approved_by


def test_each_unit_s_own_named_employee_when_nobody_is_chosen(cast: Cast, office: Client) -> None:
    sheet = send(office, row(cast))
    assert CHOICE in page(office, sheet)
    take(office, sheet, approver="")
    assert approver_of_the_list() == cast.named


def test_the_person_chosen_approves(cast: Cast, office: Client) -> None:
    sheet = send(office, row(cast))
    take(office, sheet, approver=cast.other_named.pk)
    assert approver_of_the_list() == cast.other_named
    logged = LogEntry.objects.get(kind="hourlist.imported")
    assert (logged.actor, logged.on_behalf_of) == (cast.coordinator, cast.other_named)


def test_named_employees_deputies_and_coordinators_in_force_are_offered(cast: Cast, office: Client) -> None:
    former = make_user("former@county.example.org", first_name="Fred", last_name="Former")
    grant(former, Role.DEPUTY, cast.unit, until=at(2026, 11, 1))
    gone = make_user("gone@county.example.org", roles=[(Role.DEPUTY, cast.unit)], is_active=False)
    shown = page(office, send(office, row(cast)))
    select = re.search(r'<select name="approver".*?</select>', shown, re.DOTALL)
    assert select
    assert re.findall(r"<option[^>]*>\s*(.*?)\s*</option>", unescape(select[0])) == [
        "Each unit's own named employee",
        "Carla Coordinator (carla@county.example.org)",
        "Dan Deputy (dan@county.example.org)",
        "Nora Named (nora@county.example.org)",
        "Olga Othernamed (olga@county.example.org)",
    ]
    assert former.email not in shown
    assert gone.email not in shown


@pytest.mark.parametrize("who", ["orderer", "finance", "expert_user"])
def test_somebody_who_may_not_is_refused_in_the_form(cast: Cast, office: Client, who: str) -> None:
    sheet = send(office, row(cast))
    answer = take(office, sheet, approver=getattr(cast, who).pk)
    assert answer.status_code == 200
    assert "Select a valid choice." in words(answer.content.decode())
    assert not HourList.objects.exists()
    sheet.refresh_from_db()
    assert sheet.state == UploadedSheet.State.LOOKED


def test_what_was_chosen_stays_when_another_field_is_refused(cast: Cast, office: Client) -> None:
    sheet = send(office, row(cast), row(cast, Päivä="31.11.2026"))
    answer = take(office, sheet, approver=cast.deputy.pk)
    assert "Rows are refused" in words(answer.content.decode())
    assert f'value="{cast.deputy.pk}" selected' in answer.content.decode()
    take(office, sheet, approver=cast.deputy.pk, skip_bad_rows="on")
    assert approver_of_the_list() == cast.deputy


def test_a_unit_without_a_named_employee_asks_for_somebody(cast: Cast, office: Client) -> None:
    cast.unit.grants.filter(role__in=[Role.UNIT_CONTACT, Role.DEPUTY]).delete()
    sheet = send(office, row(cast))
    shown = words(page(office, sheet))
    assert "The file is refused as it is The unit has no named employee to approve its lists." in shown
    answer = take(office, sheet, approver="")
    assert "The file is refused so. Choose another approver, or mend the sheet." in words(answer.content.decode())
    take(office, sheet, approver=cast.other_named.pk)  # otherwise than what was seen: it is shown once more
    assert not HourList.objects.exists()
    shown = page(office, sheet)
    assert "The file is refused as it is" not in words(shown)
    assert f'value="{cast.other_named.pk}" selected' in shown
    take(office, sheet, approver=cast.other_named.pk)
    assert approver_of_the_list() == cast.other_named


def test_nobody_approves_their_own_hours(cast: Cast, office: Client) -> None:
    grant(cast.expert_user, Role.DEPUTY, cast.other_unit)
    sheet = send(office, row(cast))
    take(office, sheet, approver=cast.expert_user.pk)
    assert not HourList.objects.exists()
    assert "Nobody checks their own hour list." in words(page(office, sheet))
    answer = take(office, sheet, approver=cast.expert_user.pk)
    assert "Choose another approver" in words(answer.content.decode())
    assert not HourList.objects.exists()


def test_other_files_do_not_ask(cast: Cast, office: Client) -> None:
    file = SimpleUploadedFile("units.csv", (DATA / "units.csv").read_bytes())
    office.post(reverse("desk:imports"), {"sort": "units", "file": file})
    shown = page(office, UploadedSheet.objects.latest("pk"))
    assert "Take the file?" in shown
    assert CHOICE not in shown
