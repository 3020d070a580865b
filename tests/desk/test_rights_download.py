"""A person gets all data about themself: to read and for programs, the same in both, nothing secret."""

import io
import json
import re
import zipfile
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from desk.download import make
from experts.models import Absence, Expert, ReadLog, SeenPaper, TaxCard
from office.errors import Refused
from office.models import LogEntry, OutboxMessage, User
from tests.conftest import Cast, Clock
from tests.desk.years_ago import ended_expert, paid_month
from tests.factories import at, make_agreed_session, make_fee_table, make_offer, make_order, make_topic

NOW = at(2026, 11, 5, 9)


def full(cast: Cast) -> Expert:
    """Somebody with a little of everything."""
    expert = cast.expert
    paid_month(cast, date(2026, 9, 1))
    make_agreed_session(at(2026, 12, 2, 10), expert=expert, unit=cast.unit, orderer=cast.orderer, agreed_at=NOW)
    make_offer(make_order(unit=cast.unit, orderer=cast.orderer, state="looking", task="Asked and not taken"), expert)
    expert.expert_topics.create(topic=make_topic("Masennus", code="depression", name_sv="Depression"), published=True)
    Absence.objects.create(expert=expert, first_day=date(2026, 12, 24), last_day=date(2026, 12, 26))
    TaxCard.objects.create(expert=expert, year=2026, delivered_on=date(2026, 1, 8), noted_by=cast.coordinator)
    SeenPaper.objects.create(expert=expert, kind="criminal_record", shown_on=date(2026, 1, 9), seen_by=cast.coordinator)
    Expert.objects.filter(pk=expert.pk).update(
        phone="040 123 4567", introduction_fi="Oma tarinani", note="Calls back in the evening"
    )
    ReadLog.objects.create(at=at(2026, 10, 1), reader=cast.coordinator, expert=expert, what="page")
    expert.refresh_from_db()
    return expert


def downloaded(expert: Expert, by: User) -> tuple[dict[str, Any], str, zipfile.ZipFile]:
    with make(expert, by=by, at=NOW) as file:
        return opened(file.read())


def opened(content: bytes) -> tuple[dict[str, Any], str, zipfile.ZipFile]:
    packed = zipfile.ZipFile(io.BytesIO(content))
    page = next(name for name in packed.namelist() if name.endswith(".html"))
    return json.loads(packed.read("data.json")), packed.read(page).decode(), packed


@pytest.fixture
def told(cast: Cast) -> tuple[dict[str, Any], str, zipfile.ZipFile]:
    expert = full(cast)
    return downloaded(expert, cast.expert_user)


def test_json_has_every_sort_of_record_under_keys_that_stay(told: Any) -> None:
    data, _page, _packed = told
    assert (data["format"], data["version"]) == ("erfa-personal-data", 1)
    records = data["records"]
    assert records["registry"]["registry"][0]["phone"] == "040 123 4567"
    assert records["registry"]["registry"][0]["note"] == "Calls back in the evening"
    assert records["registry"]["topics"] == [{"topic": "depression", "published": True}]
    assert records["absences"]["absences"] == [{"first_day": "2026-12-24", "last_day": "2026-12-26"}]
    assert records["papers"]["tax_cards"] == [{"year": 2026, "kind": "non_wage", "delivered_on": "2026-01-08"}]
    assert records["papers"]["papers_seen"][0]["kind"] == "criminal_record"
    assert records["contracts"]["contracts"][0]["valid_to"] == "2027-12-31"
    assert {one["task"] for one in records["orders"]["offers"]} == {"Asked and not taken"}
    assert [one["state"] for one in records["orders"]["sessions"]] == ["closed", "agreed"]
    assert records["orders"]["sessions"][0]["starts_at"] == "2026-09-07T07:00:00+00:00"
    assert records["orders"]["sessions"][0]["orderer"] == "Anna Orderer"
    assert records["fees"]["fee_lines"][0]["amount"] == records["orders"]["sessions"][0]["fee"]
    assert records["fees"]["hour_lists"][0]["approved_by"] == "Nora Named"
    assert [one["what"] for one in records["read_log"]["looks"]] == ["page"]
    assert records["account"]["roles"][0]["role"] == "expert"
    assert {one["kind"] for one in records["history"]["history"]} >= {"hourlist.send", "hourlist.pay"}
    assert records["messages"]["messages"]


def test_what_programs_read_stands_on_the_page_too(told: Any) -> None:
    data, page, _packed = told
    assert "Calls back in the evening" in page
    assert "Oma tarinani" in page
    assert "Masennus" in page
    assert "Thu 24 Dec 2026" in page.replace("\xa0", " ")
    for records in data["records"].values():
        for key in records:
            assert key == "kept_months" or f'id="{key}"' in page


def test_the_page_stands_alone(told: Any) -> None:
    _data, page, packed = told
    outside = [link for link in re.findall(r'(?:href|src)="([^"]*)"', page) if not link.startswith("#")]
    assert sorted(outside) == sorted(name for name in packed.namelist() if name.startswith("documents/"))
    assert "<script" not in page
    assert page.count("<h1>") == 1
    assert '<html lang="en">' in page


def test_the_documents_are_in_it_as_they_are(told: Any) -> None:
    data, _page, packed = told
    [statement] = data["files"]
    assert packed.read(statement["name"]) == b"%PDF-1.7"


def test_nothing_secret_is_in_it(cast: Cast) -> None:
    cast.expert_user.set_password("a secret of mine")
    cast.expert_user.save()
    from allauth.mfa.models import Authenticator  # noqa: PLC0415

    Authenticator.objects.create(user=cast.expert_user, type="totp", data={"secret": "JBSWY3DPEHPK3PXP"})
    expert = Expert.objects.select_related("user").get(pk=cast.expert.pk)
    data, page, _packed = downloaded(expert, cast.expert_user)
    everything = json.dumps(data) + page
    assert data["records"]["account"]["account"][0]["second_factors"] == ["totp"]
    for secret in ("JBSWY3DPEHPK3PXP", cast.expert_user.password, "pbkdf2", "md5$"):
        assert secret not in everything


def test_nothing_of_another_expert_is_in_it(cast: Cast) -> None:
    make_fee_table()
    other = cast.second_expert
    make_agreed_session(at(2026, 12, 2, 10), expert=other, unit=cast.unit, orderer=cast.orderer, agreed_at=NOW)
    OutboxMessage.objects.create(
        recipient=cast.second_expert_user, kind="x", language="en", subject="For Otto", body="b", once="o",
        about_type="experts.expert", about_id=other.pk, state="waiting", created_at=NOW, due_at=NOW,
    )  # fmt: skip
    data, page, _packed = downloaded(full(cast), cast.expert_user)
    assert "Otto" not in json.dumps(data) + page


def test_names_of_employees_are_not_in_the_history(told: Any) -> None:
    data, _page, _packed = told
    who = {one["who"] for one in data["records"]["history"]["history"]}
    assert who <= {"you", "somebody of the county", "the program"}


@pytest.mark.parametrize(("language", "name"), [("fi", "html"), ("sv", "html")])
def test_it_is_in_the_persons_language(cast: Cast, language: str, name: str) -> None:
    Expert.objects.filter(pk=cast.expert.pk).update(language=language)
    expert = Expert.objects.select_related("user").get(pk=cast.expert.pk)
    _data, page, packed = downloaded(expert, cast.expert_user)
    assert f'<html lang="{language}">' in page
    assert len([one for one in packed.namelist() if one.endswith(name)]) == 1


# --- who may, and what is noted ------------------------------------------------------------------------------------


def test_ones_own_download_is_noted_but_no_look(cast: Cast, client_for: Callable[[User], Client], clock: Clock) -> None:
    clock(NOW)
    full(cast)
    looks = ReadLog.objects.count()
    answer = client_for(cast.expert_user).post(reverse("desk:my_data_file"))
    assert answer["Content-Type"] == "application/zip"
    assert answer["Content-Disposition"] == 'attachment; filename="erfa-my-data-2026-11-05.zip"'
    data, _page, _packed = opened(b"".join(answer.streaming_content))  # type: ignore[attr-defined]
    assert data["person"]["name"] == "Eva Expert"
    entry = LogEntry.objects.get(kind="expert.data")
    assert (entry.actor, entry.on_behalf_of) == (cast.expert_user, None)
    assert ReadLog.objects.count() == looks


def test_the_coordinators_download_is_a_look_on_the_experts_behalf(
    cast: Cast, client_for: Callable[[User], Client]
) -> None:
    answer = client_for(cast.coordinator).post(reverse("desk:expert_data_file", args=[cast.expert.pk]))
    data, _page, _packed = opened(b"".join(answer.streaming_content))  # type: ignore[attr-defined]
    assert data["person"]["expert"] == cast.expert.pk
    look = ReadLog.objects.get(expert=cast.expert)
    assert (look.reader, look.what) == (cast.coordinator, "data")
    assert LogEntry.objects.get(kind="expert.data").on_behalf_of == cast.expert_user


def test_a_get_gives_no_file(cast: Cast, client_for: Callable[[User], Client]) -> None:
    assert client_for(cast.expert_user).get(reverse("desk:my_data_file")).status_code == 405
    assert not LogEntry.objects.filter(kind="expert.data").exists()


def test_nobody_else_gets_it(cast: Cast) -> None:
    for person in (cast.second_expert_user, cast.named, cast.orderer, cast.finance, cast.supervisor):
        with pytest.raises(Refused, match="You may not do this"):
            make(cast.expert, by=person, at=NOW)
    assert not LogEntry.objects.filter(kind="expert.data").exists()


def test_somebody_without_an_account_gets_it_from_the_coordinator(cast: Cast) -> None:
    expert = ended_expert(user=False)
    data, _page, _packed = downloaded(expert, cast.coordinator)
    assert data["person"] == {"name": "Lea Leaver", "expert": expert.pk, "account": None}
    assert "account" not in data["records"]


# --- the pages -----------------------------------------------------------------------------------------------------


def test_the_pages_tell_what_the_file_holds(cast: Cast, client_for: Callable[[User], Client]) -> None:
    own = client_for(cast.expert_user).get(reverse("desk:my_data")).content.decode()
    assert "Hour lists, fees and statements" in own
    assert "Download the file" in own
    theirs = client_for(cast.coordinator).get(reverse("desk:expert_data", args=[cast.expert.pk])).content.decode()
    assert "Eva Expert" in theirs
    assert "Download on the expert&#x27;s behalf" in theirs or "Download on the expert's behalf" in theirs


def test_the_way_there_is_on_the_own_page_and_on_the_record(cast: Cast, client_for: Callable[[User], Client]) -> None:
    assert reverse("desk:my_data") in client_for(cast.expert_user).get(reverse("experts:me")).content.decode()
    record = client_for(cast.coordinator).get(reverse("experts:expert", args=[cast.expert.pk])).content.decode()
    assert reverse("desk:expert_data", args=[cast.expert.pk]) in record
