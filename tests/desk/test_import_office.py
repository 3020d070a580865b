"""The office brings its own files: taken whole, told apart, and the same the second time."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Sum
from django.utils import translation
from openpyxl import Workbook, load_workbook

from assignments.models import Order, Session
from desk.importing.files import take
from desk.importing.report import Report
from experts.models import Contract, Expert, Topic
from fees.models import HourList, HourRow
from feetables.models import FeeTable
from office.choices import Role
from office.models import LogEntry, OutboxMessage, RoleGrant, Unit, User
from tests.factories import at, make_user

DATA = Path(__file__).parents[1] / "data"
NOW = at(2026, 11, 12, 10)

pytestmark = pytest.mark.django_db


@pytest.fixture
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


def give(sort: str, name: str, content: bytes | None = None, **options: Any) -> Report:
    return take(sort, name, (DATA / name).read_bytes() if content is None else content, by=None, at=NOW, **options)


def office(registry: str = "registry.xlsx") -> list[Report]:
    return [
        give("units", "units.csv"),
        give("fee_table", "fee_table.csv"),
        give("registry", registry, skip_bad_rows=True),
        give("hours", "hours_2026-10.csv"),
    ]


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("import_office", *arguments, stdout=out, stderr=out)
    return out.getvalue()


def counts() -> tuple[int, ...]:
    models = (Unit, User, RoleGrant, FeeTable, Expert, Contract, Order, Session, HourList, HourRow, OutboxMessage)
    return tuple(model._default_manager.count() for model in models)


def rows(reports: Iterable[Report]) -> list[tuple[str, int, int, int, int, bool]]:
    return [(r.file, r.added, r.changed, r.same, r.bad_rows, r.taken) for r in reports]


def test_an_office_comes_in_whole() -> None:
    assert rows(office()) == [
        ("units.csv", 12, 0, 0, 0, True),
        ("fee_table.csv", 11, 0, 0, 0, True),
        ("registry.xlsx", 48, 0, 0, 0, True),
        ("hours_2026-10.csv", 175, 0, 0, 0, True),
    ]
    sums = HourRow.objects.aggregate(fees=Sum("session__fee"), travel=Sum("session__travel_fee"))
    assert sums == {"fees": Decimal("12170.98"), "travel": Decimal("1197.78")}
    assert HourList.objects.filter(state="approved").count() == 133


def test_each_unit_s_named_employee_approved_its_lists() -> None:
    office()
    approvers = set(HourList.objects.order_by().values_list("unit_id", "approved_by_id").distinct())
    named = set(RoleGrant.objects.order_by().filter(role=Role.UNIT_CONTACT).values_list("unit_id", "user_id"))
    assert approvers == named


def test_nobody_gets_a_message_about_what_was_known() -> None:
    office()
    assert OutboxMessage.objects.count() == 0


# Lesson D3.
def test_taking_the_files_twice_changes_nothing() -> None:
    office()
    before, logged = counts(), LogEntry.objects.count()
    again = office()
    assert rows(again) == [
        ("units.csv", 0, 0, 12, 0, True),
        ("fee_table.csv", 0, 0, 11, 0, True),
        ("registry.xlsx", 0, 0, 48, 0, True),
        ("hours_2026-10.csv", 0, 0, 175, 0, True),
    ]
    assert (counts(), LogEntry.objects.count()) == (before, logged)


def test_a_dry_run_of_the_whole_folder_changes_nothing() -> None:
    before = counts()
    told = run(str(DATA), "--dry-run")
    assert "hours_2026-10.csv: 175 new, 0 changed, 0 unchanged, 0 refused: would be taken" in told
    assert counts() == before


def test_the_person_named_approves() -> None:
    boss = make_user("boss@county.example.org", roles=[Role.COORDINATOR])
    run(str(DATA), "--approved-by", "BOSS@county.example.org")
    assert set(HourList.objects.values_list("approved_by", flat=True)) == {boss.pk}


def test_an_approver_nobody_knows_is_refused() -> None:
    with pytest.raises(CommandError, match=r"Nobody has the address nobody@example\.org"):
        run(str(DATA), "--approved-by", "nobody@example.org")
    assert Unit.objects.count() == 0


@pytest.mark.parametrize("named", ["registry_messy.xlsx", str(DATA / "registry_messy.xlsx")], ids=["name", "path"])
def test_the_registry_may_be_another_file(named: str) -> None:
    told = run(str(DATA), "--registry", named, "--skip-bad-rows", "--dry-run")
    assert "registry_messy.xlsx: 40 new, 0 changed, 0 unchanged, 9 refused: would be taken" in told


def test_a_registry_that_is_not_there_is_refused() -> None:
    with pytest.raises(CommandError, match=r"There is no file nothing\.xlsx"):
        run(str(DATA), "--registry", "nothing.xlsx")
    assert Unit.objects.count() == 0


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="holds no"):
        run(str(tmp_path))


FAULTS = [
    (7, "Sopimus alkaa", "“19.8.25”: write the year with four digits."),
    (9, "Sähköposti", "The e-mail address is missing."),
    (11, "Sopimus päättyy", "There is no day 31.11.2026."),
    (13, "Aihealueet", "Unknown topic “Masenus”. Did you mean “masennus”?"),
    (
        15,
        "Huom.",
        "The cell holds what looks like a personal identity code. Take it away from the sheet.",
    ),
    (17, "Sukunimi", "The cell begins like a formula (=)."),
    (19, "Palkansaajanumero", "The same number is on rows 19, 20 of different persons."),
    (20, "Palkansaajanumero", "The same number is on rows 19, 20 of different persons."),
    (50, "Sähköposti", "The same person is on row 3."),
]


def test_each_fault_of_the_messy_registry_is_told_with_row_column_and_reason(english: None) -> None:
    report = give("registry", "registry_messy.xlsx")
    assert [(f.row, f.column, f.reason) for f in report.faults] == FAULTS
    assert [(f.row, f.reason) for f in report.remarks] == [(5, "Taken as goran.bjorklund@example.org.")]


def test_nothing_of_a_messy_file_is_half_taken() -> None:
    assert not give("registry", "registry_messy.xlsx").taken
    assert (Expert.objects.count(), User.objects.count(), Topic.objects.count()) == (0, 0, 0)


def test_the_good_rows_can_be_taken_alone() -> None:
    report = give("registry", "registry_messy.xlsx", skip_bad_rows=True)
    assert (report.taken, report.added, report.bad_rows, Expert.objects.count()) == (True, 40, 9, 40)


def test_the_identity_code_is_not_repeated_in_the_report() -> None:
    assert "010190" not in str(give("registry", "registry_messy.xlsx").faults)


def test_a_known_payroll_number_is_kept_from_another_person() -> None:
    give("registry", "registry.xlsx")
    faults = {f.row: f.reason for f in give("registry", "registry_messy.xlsx").faults}
    assert {19, 20} & set(faults) == {19}  # in the registry the number is Aino Koskinen's


def test_consent_to_show_a_topic_never_comes_from_a_sheet() -> None:
    give("registry", "registry.xlsx")
    assert set(Expert.objects.values_list("expert_topics__published", flat=True)) == {False}


# --- reading ---------------------------------------------------------------------------------------------------------


def as_sheet(text: str, encoding: str) -> bytes:
    return text.encode(encoding)


UNITS = (DATA / "units.csv").read_text(encoding="utf-8-sig")
SWEDISH = UNITS.replace(
    UNITS.splitlines()[0],
    "Kod;Namn (fi);Namn (sv);Serviceområde;Serviceområde (fi);Serviceområde (sv);Kostnadsställe;Namngiven anställd;"
    "E-post;Ersättare;Ersättarens e-post;Budget 2026",
)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(UNITS.encode("utf-8"), id="UTF-8 without a mark"),
        pytest.param(UNITS.encode("utf-8-sig"), id="UTF-8 with a mark"),
        pytest.param(UNITS.encode("cp1252"), id="Windows-1252"),
        pytest.param(UNITS.replace(";", "\t").encode("utf-8"), id="tabs"),
        pytest.param(SWEDISH.encode("cp1252"), id="Swedish headings"),
        pytest.param(("Yksiköt 2026;;\n;;\n" + UNITS).encode(), id="headings on the third row"),
    ],
)
def test_the_sheet_is_found_whatever_its_form(content: bytes) -> None:
    assert rows([give("units", "units.csv", content)]) == [("units.csv", 12, 0, 0, 0, True)]
    assert Unit.objects.get(code="Y01").name_sv == "Mental- och missbrukarvården, låg tröskel, Borgå"


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("units.csv", b"", "No heading row was found."),
        ("units.csv", b"\x00\x01\x02;\x03", "No heading row was found."),
        ("units.xlsx", b"not a workbook", "The file is not an Excel workbook (xlsx)."),
        ("units.pdf", b"%PDF", "Only CSV and Excel (xlsx) files can be read."),
        ("units.csv", UNITS.splitlines()[0].encode(), "The file has no rows."),
        ("units.csv", UNITS.replace("Kustannuspaikka", "Kp").encode(), "These columns are missing: Kustannuspaikka."),
    ],
    ids=["empty", "rubbish", "no workbook", "pdf", "headings only", "a column is missing"],
)
def test_a_file_that_is_no_such_sheet_is_refused(english: None, name: str, content: bytes, reason: str) -> None:
    report = give("units", name, content)
    assert [(f.row, f.reason) for f in report.faults] == [(0, reason)]
    assert Unit.objects.count() == 0


def test_a_formula_in_a_workbook_is_never_computed(english: None) -> None:
    book = load_workbook(DATA / "registry.xlsx")
    book.worksheets[0]["G2"] = "=1+1"
    saved = BytesIO()
    book.save(saved)
    faults = give("registry", "registry.xlsx", saved.getvalue()).faults
    assert [(f.row, f.column) for f in faults] == [(2, "Työskentelykielet")]


def test_a_date_typed_as_a_date_is_read_as_one() -> None:
    book = load_workbook(DATA / "registry.xlsx")
    book.worksheets[0]["J2"] = datetime(2023, 2, 27)  # noqa: DTZ001 - a spreadsheet knows no zone
    saved = BytesIO()
    book.save(saved)
    assert give("registry", "registry.xlsx", saved.getvalue()).bad_rows == 0


def test_a_phone_number_with_a_plus_is_no_formula() -> None:
    text = UNITS
    sheet = Workbook()
    assert give("units", "units.csv", text.encode()).taken
    head = ["Sukunimi", "Etunimi", "Sähköposti", "Puhelin", "Asiointikieli", "Sopimus alkaa", "Aihealueet", "Kunta"]
    assert sheet.active is not None
    sheet.active.append(head)
    sheet.active.append(
        ["Niemi", "Timo", "timo@example.org", "+358 40 1234567", "fi", "1.1.2026", "masennus", "Porvoo"]
    )
    saved = BytesIO()
    sheet.save(saved)
    assert give("registry", "registry.xlsx", saved.getvalue()).faults == []


# --- hours -----------------------------------------------------------------------------------------------------------

HEAD = (DATA / "hours_2026-10.csv").read_text(encoding="utf-8-sig").splitlines()[0]
GOOD = "Niemi Timo;timo.niemi@example.org;Y07;ryhmä;1.10.2026;14.00;15.45;Marjatta Äijälä;pidetty;;;"


def hours(*lines: str) -> Report:
    give("units", "units.csv")
    give("fee_table", "fee_table.csv")
    give("registry", "registry.xlsx")
    return give("hours", "hours_2026-10.csv", "\n".join([HEAD, *lines]).encode())


@pytest.mark.parametrize(
    ("line", "column", "reason"),
    [
        (GOOD.replace("timo.niemi", "nobody"), "Sähköposti", "The registry has nobody with this address."),
        (GOOD.replace("Niemi Timo", "Niemi Tiina"), "Kokemusasiantuntija", "The address is that of Timo Niemi."),
        (GOOD.replace("Y07", "Y99"), "Yksikkö", "There is no unit Y99."),
        (GOOD.replace("ryhmä", "rymä"), "Tehtävä", "Unknown kind of work “rymä”. Did you mean “ryhmä”?"),
        (GOOD.replace("1.10.2026", "1.9.2026"), "Päivä", "The day is not in the file's month."),
        (GOOD.replace("15.45", "13.45"), "Päättyi", "The end is not after the beginning."),
        (GOOD.replace("15.45", "25.45"), "Päättyi", "“25.45” is not a time (9.00)."),
        (GOOD.replace("Marjatta Äijälä", "Ei Kukaan"), "Tilaaja", "Nobody of this name orders in the unit Y07."),
        (GOOD.replace("pidetty", "tilaaja perui"), "Peruttu (pvm klo)", "When was it cancelled?"),
    ],
    ids=["unknown expert", "another name", "no unit", "kind", "month", "order", "clock", "orderer", "no moment"],
)
def test_a_row_of_hours_that_cannot_be_is_refused(english: None, line: str, column: str, reason: str) -> None:
    report = hours(line)
    assert [(f.row, f.column, f.reason) for f in report.faults] == [(2, column, reason)]
    assert Session.objects.count() == 0


def test_one_expert_is_never_in_two_places(english: None) -> None:
    twice = GOOD.replace("14.00;15.45", "15.00;16.00").replace("Y07", "Y06").replace("Marjatta Äijälä", "Sari Heinonen")
    report = hours(GOOD, twice)
    assert [(f.row, f.reason) for f in report.faults] == [
        (3, "Timo N. has another session at that time: Thu\u00a01\u00a0Oct\u00a02026 at\u00a015:00–16:00.")
    ]
    assert Session.objects.count() == 0


def test_work_outside_the_contract_is_refused(english: None) -> None:
    give("registry", "registry.xlsx")
    Contract.objects.filter(expert__email="timo.niemi@example.org").update(valid_from=at(2026, 10, 2).date())
    report = hours(GOOD)
    assert report.bad_rows == 1


def test_a_row_that_differs_from_what_is_known_is_refused(english: None) -> None:
    hours(GOOD)
    again = hours(GOOD.replace("pidetty", "asiakas ei tullut"))
    assert [f.reason for f in again.faults] == ["The program has this session with other facts. Change it there."]


def test_a_successor_of_the_named_employee_takes_over_at_once() -> None:
    give("units", "units.csv")
    changed = UNITS.replace("Päivi Koskinen;paivi.koskinen", "Uusi Henkilö;uusi.henkilo")
    report = give("units", "units.csv", changed.encode())
    assert (report.changed, report.same) == (1, 11)
    named = RoleGrant.objects.in_force(NOW).filter(unit__code="Y01", role=Role.UNIT_CONTACT)
    assert [grant.user.email for grant in named] == ["uusi.henkilo@county.example.org"]
