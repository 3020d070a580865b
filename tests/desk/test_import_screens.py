"""A file on the screen: read beside the page, told by field, taken once as it was seen, or not at all."""

from collections.abc import Callable
from datetime import date
from html import unescape
from pathlib import Path
from re import search, sub
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from desk import actions
from desk.models import UploadedSheet
from experts.models import Expert, ReadLog, TaxCard
from office.choices import Language
from office.errors import Conflict
from office.models import LogEntry, User
from tests.conftest import Cast, Clock
from tests.factories import at

DATA = Path(__file__).parents[1] / "data"
NOW = at(2026, 11, 12, 10)
HEAD = "Sukunimi;Etunimi;Sähköposti;Puhelin;Kunta;Asiointikieli;Sopimus alkaa;Sopimus päättyy;Palkansaajanumero"
TIMO = "Niemi;Timo;timo@example.org;040 1;Porvoo;fi;1.1.2026;31.12.2026;111"
ANNA = "Berg;Anna;anna@example.org;040 2;Sipoo;sv;1.1.2026;;222"

pytestmark = pytest.mark.django_db
State = UploadedSheet.State


@pytest.fixture(autouse=True)
def morning(clock: Clock) -> None:
    clock(NOW)


@pytest.fixture
def office(cast: Cast, client_for: Callable[[User], Client]) -> Client:
    return client_for(cast.coordinator)


def send(office: Client, *rows: str, name: str = "registry.csv", content: bytes | None = None) -> UploadedSheet:
    file = SimpleUploadedFile(name, content if content is not None else "\n".join([HEAD, *rows]).encode())
    answer = office.post(reverse("desk:imports"), {"sort": "registry", "file": file})
    sheet = UploadedSheet.objects.latest("id")
    assert (answer.status_code, answer["Location"]) == (302, reverse("desk:import_sheet", args=[sheet.pk]))
    return sheet


def page(office: Client, sheet: UploadedSheet) -> str:
    return office.get(reverse("desk:import_sheet", args=[sheet.pk])).content.decode()


def words(shown: str) -> str:
    return " ".join(unescape(sub(r"<[^>]+>", " ", shown)).split())


def press(office: Client, what: str, sheet: UploadedSheet, **fields: Any) -> Any:
    return office.post(reverse(f"desk:import_{what}", args=[sheet.pk]), fields)


def take(office: Client, sheet: UploadedSheet, **fields: Any) -> Any:
    """As the page offers it: with the mark of the dry run that was seen."""
    found = search(r'name="seen" value="(\w+)"', page(office, sheet))
    assert found
    return press(office, "take", sheet, seen=found[1], **fields)


def known(*rows: str, by: User) -> None:
    sheet = actions.upload("registry", "r.csv", "\n".join([HEAD, *rows]).encode(), by=by, at=NOW, language="en")
    actions.work(sheet.pk, at=NOW)
    sheet.refresh_from_db()
    actions.confirm(sheet, seen=sheet.seen, by=by, at=NOW)
    actions.work(sheet.pk, at=NOW)
    sheet.refresh_from_db()
    assert sheet.state == State.TAKEN


def test_a_file_is_looked_at_before_anything_is_taken(office: Client) -> None:
    before = Expert.objects.count()
    sheet = send(office, TIMO, ANNA)
    shown = words(page(office, sheet))
    assert "New 2 Changed 0 Unchanged 0 Refused 0" in shown
    assert "New: 2. Changed: 0. Unchanged: 0. Refused: 0. All of it is taken, or nothing." in shown
    assert "2 Niemi Timo new 3 Berg Anna new" in shown
    assert Expert.objects.count() == before


def test_taking_it_adds_people_with_account_contract_and_history(cast: Cast, office: Client) -> None:
    sheet = send(office, TIMO)
    take(office, sheet)
    assert "The file has been taken." in words(page(office, sheet))
    timo = Expert.objects.get(email="timo@example.org")
    assert timo.user is not None
    assert (timo.user.email, timo.user.first_name, timo.payroll_number) == ("timo@example.org", "Timo", "111")
    assert timo.user.holdings.roles == {"expert"}
    contract = timo.contracts.get()
    assert (str(contract.valid_from), str(contract.valid_to), contract.state) == (
        "2026-01-01",
        "2026-12-31",
        "in_force",
    )
    told = LogEntry.objects.of(timo).values_list("kind", "actor", "facts__file")
    assert list(told) == [(kind, cast.coordinator.pk, "registry.csv") for kind in ("expert.add", "expert.account")]
    sheet.refresh_from_db()
    assert (sheet.state, bytes(sheet.content), sheet.report) == (State.TAKEN, b"", None)


def test_a_changed_row_is_told_by_field_old_and_new(cast: Cast, office: Client) -> None:
    known(TIMO, ANNA, by=cast.coordinator)
    sheet = send(
        office, TIMO.replace("040 1", "040 9").replace("Porvoo", "Loviisa").replace("2026;111", "2027;111"), ANNA
    )
    shown = page(office, sheet)
    assert "New 0 Changed 1 Unchanged 1 Refused 0" in words(shown)
    for name, old, new in (
        ("Puhelin", "040 1", "040 9"),
        ("Kunta", "Porvoo", "Loviisa"),
        ("Sopimus päättyy", "31.12.2026", "31.12.2027"),
    ):
        assert f"<li>{name}: <del>{old}</del> <ins>{new}</ins></li>" in shown
    take(office, sheet)
    timo = Expert.objects.get(payroll_number="111")
    assert timo.user is not None
    assert (timo.phone, timo.municipality, timo.user.phone) == ("040 9", "Loviisa", "040 9")
    assert str(timo.contracts.get().valid_to) == "2027-12-31"
    changed = LogEntry.objects.of(timo).get(kind="expert.change")
    assert changed.facts == {"fields": ["municipality", "phone"], "file": "registry.csv"}


# Lesson D3.
def test_somebody_is_known_by_payroll_number_when_the_address_is_new(cast: Cast, office: Client) -> None:
    known(TIMO, by=cast.coordinator)
    user = User.objects.get(email="timo@example.org")
    take(office, send(office, TIMO.replace("timo@example.org", "timo.niemi@example.net")))
    timo = Expert.objects.get(payroll_number="111")
    user.refresh_from_db()
    assert (timo.email, user.email, timo.user_id) == ("timo.niemi@example.net", "timo.niemi@example.net", user.pk)


def test_a_row_that_fits_two_people_is_refused(cast: Cast, office: Client) -> None:
    known(TIMO, ANNA, by=cast.coordinator)
    sheet = send(office, TIMO.replace("111", "222"))
    assert "2 Palkansaajanumero The number belongs to another expert, Anna Berg." in words(page(office, sheet))


def test_two_rows_about_one_person_are_refused_whatever_they_know_them_by(cast: Cast, office: Client) -> None:
    known(TIMO, by=cast.coordinator)
    sheet = send(office, TIMO, TIMO.replace("timo@example.org", "other@example.org"))
    assert "3 Sähköposti The same person is on row 2." in words(page(office, sheet))


# Lesson D3.
def test_taking_the_same_file_twice_changes_nothing(cast: Cast, office: Client) -> None:
    known(TIMO, ANNA, by=cast.coordinator)
    logged = LogEntry.objects.count()
    sheet = send(office, TIMO, ANNA)
    shown = page(office, sheet)
    assert "there is nothing to take" in shown
    assert reverse("desk:import_take", args=[sheet.pk]) not in shown
    assert LogEntry.objects.count() == logged


def test_a_column_that_is_not_in_the_file_is_left_as_it_is(cast: Cast, office: Client) -> None:
    head = "Sukunimi;Etunimi;Sähköposti;Asiointikieli;Aihealueet;Huom.;Sopimus alkaa;Sopimus päättyy"
    full = f"{head}\nNiemi;Timo;timo@example.org;fi;masennus;Hyvä luennoija;1.1.2026;31.12.2026".encode()
    take(office, send(office, content=full))
    less = "Sukunimi;Etunimi;Sähköposti;Asiointikieli;Sopimus alkaa\nNiemi;Timo;timo@example.org;sv;1.1.2026".encode()
    sheet = send(office, content=less)
    assert sheet.report is not None
    assert sheet.report["differences"] == [[2, "Niemi Timo", [["Asiointikieli", "Finnish", "Swedish"]]]]
    take(office, sheet)
    timo = Expert.objects.get(email="timo@example.org")
    assert [row.topic.code for row in timo.expert_topics.all()] == ["depression"]
    assert (timo.language, timo.note, str(timo.contracts.get().valid_to)) == ("sv", "Hyvä luennoija", "2026-12-31")


def test_a_tax_card_of_the_sheet_counts_as_delivered(cast: Cast, office: Client) -> None:
    head = f"{HEAD};Verokortti toimitettu (vuosi)"
    known(TIMO, ANNA, by=cast.coordinator)
    Expert.objects.get(payroll_number="222").tax_cards.create(year=2026, delivered_on=None)
    sheet = send(office, content="\n".join([head, f"{TIMO};2025", f"{ANNA};2026"]).encode())
    assert "<li>Verokortti toimitettu (vuosi): <del>–</del> <ins>2025</ins></li>" in page(office, sheet)
    take(office, sheet)
    cards = TaxCard.objects.order_by("year").values_list("expert__payroll_number", "year", "delivered_on")
    assert list(cards) == [("111", 2025, date(2025, 12, 31)), ("222", 2026, date(2026, 11, 12))]


def test_with_one_bad_row_nothing_is_taken_unless_it_is_left_out_knowingly(office: Client) -> None:
    before = Expert.objects.count()
    sheet = send(office, TIMO, ANNA.replace("anna@example.org", "anna@"))
    answer = take(office, sheet)
    assert "Rows are refused: say that they are left out, or mend the sheet first." in unescape(answer.content.decode())
    assert Expert.objects.count() == before
    take(office, sheet, skip_bad_rows="on")
    assert set(Expert.objects.filter(last_name__in=["Niemi", "Berg"]).values_list("last_name", flat=True)) == {"Niemi"}


def test_what_was_seen_is_what_is_taken_else_it_is_asked_again(cast: Cast, office: Client) -> None:
    known(TIMO, by=cast.coordinator)
    sheet = send(office, TIMO.replace("040 1", "040 9"))
    Expert.objects.filter(payroll_number="111").update(phone="050 5")
    take(office, sheet)
    assert Expert.objects.get(payroll_number="111").phone == "050 5"
    shown = page(office, sheet)
    assert "Something has changed since you looked" in shown
    assert "<del>050 5</del> <ins>040 9</ins>" in shown
    take(office, sheet)
    assert Expert.objects.get(payroll_number="111").phone == "040 9"


def test_an_old_page_cannot_take_what_another_look_has_shown(cast: Cast, office: Client) -> None:
    sheet = send(office, TIMO)
    sheet.refresh_from_db()
    with pytest.raises(Conflict):
        actions.confirm(sheet, seen="0" * 64, by=cast.coordinator, at=NOW)
    with pytest.raises(Conflict):
        actions.confirm(sheet, seen="", by=cast.coordinator, at=NOW)
    assert not Expert.objects.filter(email="timo@example.org").exists()


def test_a_second_click_takes_nothing_again(cast: Cast, office: Client) -> None:
    sheet = send(office, TIMO)
    sheet.refresh_from_db()
    actions.confirm(sheet, seen=sheet.seen, by=cast.coordinator, at=NOW)
    with pytest.raises(Conflict):
        actions.confirm(sheet, seen=sheet.seen, by=cast.coordinator, at=NOW)
    actions.work(sheet.pk, at=NOW)
    actions.work(sheet.pk, at=NOW)
    assert LogEntry.objects.filter(kind="sheet.taken").count() == 1
    assert Expert.objects.filter(email="timo@example.org").count() == 1


def test_who_decides_against_it_leaves_no_file_behind(office: Client) -> None:
    sheet = send(office, TIMO)
    press(office, "stop", sheet)
    sheet.refresh_from_db()
    assert (sheet.state, bytes(sheet.content), sheet.report) == (State.STOPPED, b"", None)
    shown = page(office, sheet)
    assert "Nothing of the file has been taken." in shown
    assert "Read the file again" not in shown


def test_somebody_else_s_file_is_nobody_s_business(
    cast: Cast, office: Client, client_for: Callable[[User], Client]
) -> None:
    sheet = send(office, TIMO)
    other = User.objects.create_user("second@county.example.org", first_name="S", last_name="C")
    other.grants.create(role="coordinator", valid_from=at(2020, 1, 1))
    stranger = client_for(other)
    assert stranger.get(reverse("desk:import_sheet", args=[sheet.pk])).status_code == 404
    for what in ("take", "stop", "again"):
        assert press(stranger, what, sheet).status_code == 404


def test_work_that_fell_silent_says_so_and_can_be_done_again(cast: Cast, office: Client) -> None:
    sheet = send(office, TIMO)
    long_ago = NOW - actions.SILENT - actions.SILENT
    UploadedSheet.objects.filter(pk=sheet.pk).update(state=State.TAKING, beat_at=long_ago)
    assert "Nothing has been heard of the work for a while" in page(office, sheet)
    press(office, "again", sheet)
    sheet.refresh_from_db()
    assert sheet.state == State.LOOKED


def test_work_that_goes_on_shows_how_far_it_is_without_script(office: Client) -> None:
    sheet = send(office, TIMO)
    UploadedSheet.objects.filter(pk=sheet.pk).update(state=State.TAKING, beat_at=NOW, done=1250, total=5000)
    shown = page(office, sheet)
    assert "How far is it now?" in words(shown)
    assert "http-equiv" not in shown
    assert '<progress max="100" value="25"' in shown
    assert "1,250 of 5,000 rows" in words(shown)
    press(office, "stop", sheet)
    shown = page(office, sheet)
    assert "How far is it now?" not in words(shown)
    assert "Read the file again" in shown


def test_a_fault_of_the_program_is_told_as_one(
    office: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_args: object, **_named: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("desk.actions.take", broken)
    sheet = send(office, TIMO)
    assert "This is a fault of the program, not of your file" in page(office, sheet)
    assert "ZeroDivisionError" in caplog.text


def test_reasons_are_in_the_reader_s_language(cast: Cast, office: Client) -> None:
    sheet = send(office, ANNA.replace("1.1.2026", "31.11.2026"))
    assert "There is no day 31.11.2026." in page(office, sheet)
    UploadedSheet.objects.filter(pk=sheet.pk).update(language=Language.SV)
    assert "Read the file again in this language" in page(office, sheet)
    press(office, "again", sheet)
    assert "Read the file again in this language" not in page(office, sheet)


def test_each_fault_of_the_messy_registry_is_on_the_page(office: Client) -> None:
    sheet = send(office, name="registry_messy.xlsx", content=(DATA / "registry_messy.xlsx").read_bytes())
    shown = words(page(office, sheet))
    assert "New 40 Changed 0 Unchanged 0 Refused 9" in shown
    for told in (
        "7 Sopimus alkaa “19.8.25”: write the year with four digits.",
        "9 Sähköposti The e-mail address is missing.",
        "11 Sopimus päättyy There is no day 31.11.2026.",
        "13 Aihealueet Unknown topic “Masenus”. Did you mean “masennus”?",
        "15 Huom. The cell holds what looks like a personal identity code. Take it away from the sheet.",
        "17 Sukunimi The cell begins like a formula (=).",
        "19 Palkansaajanumero The same number is on rows 19, 20 of different persons.",
        "20 Palkansaajanumero The same number is on rows 19, 20 of different persons.",
        "50 Sähköposti The same person is on row 3.",
    ):
        assert told in shown
    assert "010190" not in shown


def test_a_look_at_the_registry_s_sheet_is_noted(cast: Cast, office: Client) -> None:
    send(office, TIMO)
    look = ReadLog.objects.get()
    assert (look.reader, look.expert, look.what) == (cast.coordinator, None, "import")


def test_what_the_database_refuses_is_told_by_row(cast: Cast, office: Client) -> None:
    """Two swap their numbers: neither can be first."""
    known(TIMO, ANNA, by=cast.coordinator)
    Expert.objects.filter(payroll_number="222").update(payroll_number=None)
    other = Expert.objects.create(first_name="X", last_name="Y", email="x@example.org", work_languages=["fi"])
    contract = other.contracts.create(
        valid_from="2026-06-01", kinds=["group"], signed_on="2026-06-01", state="in_force"
    )
    row = "Y;X;x@example.org;;;fi;1.1.2026;31.12.2026;"
    sheet = send(office, TIMO.replace("040 1", "040 7"), row)
    shown = words(page(office, sheet))
    assert "3 – The expert has another contract on some of these days." in shown
    assert "Changed 1" in shown
    contract.refresh_from_db()
    assert contract.valid_to is None


def test_few_queries_for_many_rows(
    cast: Cast, office: Client, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    rows = [f"Niemi;Timo{n};timo{n}@example.org;040 1;Porvoo;fi;1.1.2026;31.12.2026;{1000 + n}" for n in range(60)]
    sheet = send(office, *rows)
    with django_assert_max_num_queries(10):
        shown = page(office, sheet)
    assert "Take 60 rows" in shown
    with django_assert_max_num_queries(45):
        actions.confirm(
            UploadedSheet.objects.get(pk=sheet.pk), seen=sheet.seen or _seen(sheet), by=cast.coordinator, at=NOW
        )
        actions.work(sheet.pk, at=NOW)
    assert Expert.objects.filter(last_name="Niemi").count() == 60


def _seen(sheet: UploadedSheet) -> str:
    sheet.refresh_from_db()
    return sheet.seen
