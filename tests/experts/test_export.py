"""The registry as a file: what the list shows, nothing that runs, and an import takes it back without a change."""

import csv
from collections.abc import Callable
from datetime import date, datetime
from io import BytesIO, StringIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation
from openpyxl import load_workbook

from desk.importing.files import take
from experts.models import Area, Expert, ReadLog, TaxCard
from office.models import LogEntry, User
from tests.conftest import Cast, Clock
from tests.factories import at, make_expert, make_topic, make_user

pytestmark = pytest.mark.django_db
NOW = at(2026, 11, 12, 10)


@pytest.fixture
def coordinator(cast: Cast, client_for: Callable[[User], Client], clock: Clock) -> Client:
    clock(NOW)
    return client_for(cast.coordinator)


@pytest.fixture
def odd(cast: Cast) -> Expert:
    """Somebody with everything that is difficult in a file."""
    made = make_expert(
        first_name="=A1",
        last_name='O"Hara; Öhman',
        email="o@example.org",
        phone="+358 40 123",
        topics=[make_topic("Masennus, vaikea"), make_topic("Velat")],
        kinds=["group", "walk_in"],
        user=False,
        municipality="Askola",
        payroll_number="0012",
        note="- lähes aina\r\n@iltaisin; “kyllä”",
    )
    made.areas.set(
        [Area.objects.create(name_fi="Itä", name_sv="Öst"), Area.objects.create(name_fi="Sipoo", name_sv="Sibbo")]
    )
    TaxCard.objects.create(expert=made, year=2026, delivered_on=date(2026, 1, 2))
    return made


def file(coordinator: Client, **asked: str) -> bytes:
    return bytes(coordinator.get(reverse("experts:registry_file"), asked).content)


# Lesson P3.
def test_the_list_as_a_file_holds_what_is_seen_and_runs_nothing(coordinator: Client, cast: Cast, odd: Expert) -> None:
    raw = file(coordinator, form="csv", q="Öhman").decode("utf-8-sig")
    heads, row = csv.reader(StringIO(raw, newline=""), delimiter=";")
    begins = odd.contracts.get().valid_from
    assert dict(zip(heads, row, strict=True)) == {
        "Last name": 'O"Hara; Öhman',
        "First name": "'=A1",
        "E-mail": "o@example.org",
        "Telephone": "'+358 40 123",
        "Municipality": "Askola",
        "Areas": "Itä; Sipoo",
        "Contact language": "English",
        "Working languages": "Finnish; Swedish; English",
        "Kinds of work": "Group leading; Walk-in reception",
        "Training": "",
        "Contract begins": f"{begins.day}.{begins.month}.{begins.year}",
        "Contract ends": "31.12.2027",
        "Tax card delivered (year)": "2026",
        "Payroll number": "0012",
        "State": "Active",
        "Note": "'- lähes aina\r\n@iltaisin; “kyllä”",
    }
    noted = ReadLog.objects.order_by("pk").values_list("reader", "expert", "what")
    assert list(noted) == [(cast.coordinator.pk, whom, "export") for whom in (None, odd.pk)]


# Lesson P2.
def test_topics_only_when_asked_for_and_that_is_noted(coordinator: Client, cast: Cast, odd: Expert) -> None:
    assert "Masennus" not in file(coordinator, form="csv").decode()
    assert '"Masennus, vaikea; Velat"' in file(coordinator, form="csv", topics="on").decode()
    noted = ReadLog.objects.filter(expert=None).order_by("pk")
    assert list(noted.values_list("what", flat=True)) == ["export", "export with topics"]


def test_each_who_is_in_the_file_reads_that_they_were_and_nobody_else(
    coordinator: Client, client_for: Callable[[User], Client], cast: Cast, odd: Expert
) -> None:
    """The expert's own log; the coordinator's list of all looks has one row, and the names when one is asked for."""

    def looks(expert: Expert, user: User) -> list[str]:
        page = client_for(user).get(reverse("experts:reads", args=[expert.pk]))
        return [look["text"] for look in page.context["looks"]]

    file(coordinator, form="csv", q="Expert", topics="on")
    assert looks(cast.expert, cast.expert_user) == ["Carla Coordinator: export of the registry with topics"]
    assert not ReadLog.objects.filter(expert=odd).exists()
    everybody = coordinator.get(reverse("experts:looks"))
    assert [words for _look, words in everybody.context["rows"]] == ["export of the registry with topics"]
    eva = coordinator.get(reverse("experts:looks"), {"expert": "eva"})
    assert [look.expert for look, _words in eva.context["rows"]] == [cast.expert]


def test_the_own_record_in_the_own_export_is_no_look(client_for: Callable[[User], Client], clock: Clock) -> None:
    clock(NOW)
    both = make_user(roles=[("coordinator", None), ("expert", None)])
    make_expert(first_name="Olga", last_name="Own", user=both)
    file(client_for(both), form="csv")
    assert list(ReadLog.objects.values_list("expert", flat=True)) == [None]


def test_an_export_is_noted_by_one_statement(coordinator: Client) -> None:
    written = []
    for more in (1, 30):
        for _n in range(more):
            make_expert(user=False, contract=False)
        with CaptureQueriesContext(connection) as caught:
            file(coordinator, form="csv")
        written.append([found["sql"] for found in caught if found["sql"].startswith("INSERT")])
    assert [len(statements) for statements in written] == [1, 1]
    assert set(ReadLog.objects.exclude(expert=None).values_list("expert", flat=True)) == set(
        Expert.objects.values_list("pk", flat=True)
    )


def test_the_workbook_has_days_as_days_and_texts_that_do_not_run(coordinator: Client, odd: Expert) -> None:
    sheet = load_workbook(BytesIO(file(coordinator, form="xlsx", q="Öhman"))).worksheets[0]
    head, row = ([cell.value for cell in line] for line in sheet.iter_rows())
    told = dict(zip(head, row, strict=True))
    assert told["First name"] == "'=A1"
    assert told["Payroll number"] == "0012"
    ends = told["Contract ends"]
    assert isinstance(ends, datetime)
    assert ends.date() == odd.contracts.get().valid_to
    assert all(cell.data_type != "f" for line in sheet.iter_rows() for cell in line)


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("topics", ["on", ""], ids=["with topics", "without"])
def test_a_file_taken_back_as_it_is_changes_nothing(
    coordinator: Client, cast: Cast, odd: Expert, language: str, form: str, topics: str
) -> None:
    make_expert(first_name="Pia", last_name="Paused", state="paused", kinds=[], contract=False)
    make_expert(first_name="No", last_name="Address", email="", user=False, payroll_number=None)
    before = list(Expert.objects.order_by("pk").values())
    logged = LogEntry.objects.count()
    User.objects.filter(pk=cast.coordinator.pk).update(language=language)
    with translation.override(language):
        content = file(coordinator, form=form, topics=topics)
        report = take("registry", f"registry.{form}", content, by=cast.coordinator, at=NOW)
    assert (report.faults, report.differences) == ([], [])
    assert (report.added, report.changed, report.same) == (0, 0, len(before))
    assert list(Expert.objects.order_by("pk").values()) == before
    assert LogEntry.objects.count() == logged


def test_export_change_import(coordinator: Client, cast: Cast, odd: Expert) -> None:
    book = load_workbook(BytesIO(file(coordinator, q="Öhman")))
    sheet = book.worksheets[0]
    heads = [cell.value for cell in sheet[1]]
    sheet.cell(2, heads.index("Municipality") + 1).value = "Porvoo"
    sheet.cell(2, heads.index("Areas") + 1).value = "Öst"
    saved = BytesIO()
    book.save(saved)
    report = take("registry", "registry.xlsx", saved.getvalue(), by=cast.coordinator, at=NOW)
    assert [(told.row, list(told.fields)) for told in report.differences] == [
        (2, [("Municipality", "Askola", "Porvoo"), ("Areas", "Itä; Sipoo", "Itä")])
    ]
    odd.refresh_from_db()
    assert (odd.municipality, [area.name_fi for area in odd.areas.all()]) == ("Porvoo", ["Itä"])
    kinds = LogEntry.objects.of(odd).values_list("kind", flat=True)
    assert list(kinds) == ["expert.change", "expert.areas"]


def test_the_state_is_not_changed_by_a_file(coordinator: Client, cast: Cast, odd: Expert) -> None:
    content = file(coordinator, form="csv", q="Öhman").decode("utf-8-sig").replace(";Active;", ";Ended;").encode()
    report = take("registry", "registry.csv", content, by=cast.coordinator, at=NOW)
    assert [(f.row, f.column, f.reason) for f in report.faults] == [
        (2, "State", "The state is not changed by a file. Change it on the expert’s page.")
    ]


def test_the_page_before_the_file_keeps_the_filters(coordinator: Client, odd: Expert) -> None:
    shown = coordinator.get(reverse("experts:registry_export"), {"q": "Öhman"}).content.decode()
    assert "1 expert, as the list is filtered now." in shown
    assert '<input type="hidden" name="q" value="Öhman">' in shown


def test_a_file_of_many_asks_as_little_as_one_of_few(
    coordinator: Client, odd: Expert, django_assert_max_num_queries: Callable[..., object]
) -> None:
    for _n in range(30):
        make_expert(user=False)
    with django_assert_max_num_queries(14):  # type: ignore[attr-defined]
        assert file(coordinator, form="csv").count(b"example.org") > 30
