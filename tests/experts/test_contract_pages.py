"""Pages of contracts: what each side sees and does, files behind a permission, the same number of queries."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from page import ValidationProfile

from experts import actions
from experts.models import Contract, ContractPaper, ContractText, ReadLog
from experts.pdf import contract_pdf
from experts.tasks import make_contract_paper, make_missing_contract_papers
from tests.conftest import Cast, Clock
from tests.factories import make_expert, make_topic
from tests.factories.contracts import (
    JPEG,
    PDF,
    SENT,
    make_accepted,
    make_draft,
    make_sent,
    make_signed,
    make_text,
)
from tests.papers import faults

pytestmark = pytest.mark.django_db
SignIn = Callable[..., Client]
NOW = SENT + timedelta(days=1)


def url(name: str, contract: Contract | ContractText) -> str:
    return reverse(f"experts:{name}", args=[contract.pk])


@pytest.fixture(autouse=True)
def now(clock: Clock) -> None:
    clock(NOW)


@pytest.fixture
def coordinator(cast: Cast, client_for: SignIn) -> Client:
    return client_for(cast.coordinator)


@pytest.fixture
def eva(cast: Cast, client_for: SignIn) -> Client:
    return client_for(cast.expert_user)


def state(contract: Contract) -> str:
    return Contract.objects.get(pk=contract.pk).state


def test_the_whole_way_through_the_pages(coordinator: Client, eva: Client, cast: Cast) -> None:
    make_text(cast.coordinator)
    draft = make_draft(cast.expert)
    page = coordinator.get(url("contract", draft))
    assert "This is a commission" in page.content.decode()
    coordinator.post(url("contract_send", draft), {"seen": page.context["preview_hash"]})
    todo = eva.get(reverse("home")).content.decode()
    assert ("Your contract waits for you" in todo, url("contract", draft) in todo) == (True, True)
    page = eva.get(url("contract", draft))
    seen = page.context["accept"].initial["seen"]
    refused = eva.post(url("contract_accept", draft), {"seen": seen})
    assert refused.context["accept"].errors["read"] == ["Tick the box if you accept the contract."]
    eva.post(url("contract_accept", draft), {"seen": seen, "read": "on"})
    assert state(draft) == "accepted"
    assert "1 contract waits for the county" in coordinator.get(reverse("home")).content.decode()
    coordinator.post(url("contract_countersign", draft), {"seen": seen})
    assert state(draft) == "in_force"
    assert "Signed for the county" in eva.get(url("contract", draft)).content.decode()


def test_an_old_page_does_not_accept_a_new_text(coordinator: Client, eva: Client, cast: Cast) -> None:
    sent = make_sent(cast.expert, cast.coordinator)
    old = sent.text_hash
    actions.take_back(sent, word="Other days", by=cast.coordinator, at=NOW)
    draft = Contract.objects.get(pk=sent.pk)
    draft.valid_to = date(2028, 6, 30)
    actions.save_contract(draft, by=cast.coordinator, at=NOW)
    actions.send_contract(draft, seen=actions.preview_hash(draft), by=cast.coordinator, at=NOW)
    page = eva.post(url("contract_accept", sent), {"seen": old, "read": "on"})
    assert "Read it again" in page.context["refused"]
    assert (state(sent), page.context["accept"].initial["seen"] != old) == ("sent", True)


def test_a_template_change_never_changes_what_was_sent(coordinator: Client, eva: Client, cast: Cast) -> None:
    sent = make_sent(cast.expert, cast.coordinator)
    new = actions.new_text("en", by=cast.coordinator, at=NOW)
    actions.save_text(new, body=new.body + "\nA new sentence.", notice_days=30, by=cast.coordinator, at=NOW)
    actions.use_text(new, by=cast.coordinator, at=NOW)
    page = eva.get(url("contract", sent)).content.decode()
    assert ("A new sentence." in page, "at least 14 days" in page) == (False, True)
    actions.take_back(sent, word="The new text", by=cast.coordinator, at=NOW)
    assert "A new sentence." in coordinator.get(url("contract", sent)).content.decode()


def test_the_expert_says_what_should_change(eva: Client, cast: Cast) -> None:
    sent = make_sent(cast.expert, cast.coordinator)
    page = eva.post(url("contract_ask_change", sent), {"word-word": ""})
    assert page.context["word"].errors["word"] == ["This field is required."]
    page = eva.post(url("contract_ask_change", sent), {"word-word": "Call 131052-308T"})
    assert "identity code" in page.context["word"].errors["word"][0]
    answer = eva.post(url("contract_ask_change", sent), {"word-word": "Groups only"})
    assert (answer["Location"], state(sent)) == (reverse("experts:me"), "draft")
    assert eva.get(url("contract", sent)).status_code == 404


# --- files -----------------------------------------------------------------------------------------------------------


def paper(content: bytes, name: str = "scan.pdf", kind: str = "application/pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type=kind)


def test_a_scan_comes_back_as_a_download_only(coordinator: Client, eva: Client, cast: Cast) -> None:
    sent = make_sent(cast.expert, cast.coordinator)
    said = {"paper-signed_on": "5.10.2026", "paper-seen": sent.text_hash}
    coordinator.post(
        url("contract_paper", sent), said | {"paper-scan": paper(JPEG, '"><script>.pdf', "application/x-sh")}
    )
    assert state(sent) == "accepted"
    for reader in (coordinator, eva):
        answer = reader.get(url("contract_scan", sent))
        assert (answer.content, answer["Content-Type"]) == (JPEG, "image/jpeg")
        assert answer["Content-Disposition"] == f'attachment; filename="contract-{sent.pk}-signed.jpg"'
        assert (answer["X-Content-Type-Options"], answer["Cache-Control"]) == ("nosniff", "private, no-store")
    assert [look.what for look in ReadLog.objects.all()] == ["contract file"]


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"<svg onload=alert(1)>", "Only a PDF, JPEG or PNG"), (b"", "empty"), (PDF[:20], "Only a PDF, JPEG or PNG")],
    ids=["svg", "empty", "broken"],
)
def test_a_scan_of_something_else_is_refused_beside_the_field(
    coordinator: Client, cast: Cast, content: bytes, said: str
) -> None:
    sent = make_sent(cast.expert, cast.coordinator)
    fields = {"paper-signed_on": "5.10.2026", "paper-seen": sent.text_hash, "paper-scan": paper(content)}
    page = coordinator.post(url("contract_paper", sent), fields)
    assert said in page.context["paper"].errors["scan"][0]
    assert (state(sent), ContractPaper.objects.count()) == ("sent", 0)
    assert page.context["paper"]["signed_on"].value() == "5.10.2026"


@pytest.mark.parametrize("name", ["contract", "contract_pdf", "contract_scan"])
def test_files_and_pages_of_others_are_not_there(cast: Cast, client_for: SignIn, name: str) -> None:
    sent = make_sent(cast.expert, cast.coordinator)
    actions.note_paper(sent, content=PDF, signed_on=NOW.date(), seen=sent.text_hash, by=cast.coordinator, at=NOW)
    assert client_for(cast.second_expert_user).get(url(name, sent)).status_code == 404
    for other in (cast.named, cast.orderer, cast.finance, cast.supervisor):
        assert client_for(other).get(url(name, sent)).status_code == 403
    assert Client().get(url(name, sent)).status_code == 302


@pytest.mark.parametrize("name", ["contract_accept", "contract_ask_change"])
def test_nobody_answers_for_another(cast: Cast, client_for: SignIn, name: str) -> None:
    sent = make_sent(cast.expert, cast.coordinator)
    said = {"seen": sent.text_hash, "read": "on", "word-word": "x"}
    assert client_for(cast.second_expert_user).post(url(name, sent), said).status_code == 404
    assert client_for(cast.coordinator).post(url(name, sent), said).status_code == 403
    assert state(sent) == "sent"


def test_a_draft_is_nothing_for_the_expert(cast: Cast, eva: Client) -> None:
    draft = make_draft(cast.expert)
    for name in ("contract", "contract_pdf", "contract_scan"):
        assert eva.get(url(name, draft)).status_code == 404


# --- the PDF ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("profile", [ValidationProfile.PDF_A_3A, ValidationProfile.PDF_UA_1])
@pytest.mark.parametrize("language", ["fi", "sv"])
@pytest.mark.parametrize("make", [make_sent, make_signed])
def test_the_pdf_can_be_kept_and_read_aloud(
    cast: Cast, tmp_path: Path, make: Callable[..., Contract], language: str, profile: ValidationProfile
) -> None:
    contract = make(cast.expert, cast.coordinator, language=language)
    path = tmp_path / "a.pdf"
    path.write_bytes(contract_pdf(contract))
    assert faults(path, profile) == []


def test_the_pdf_is_kept_once_and_always_the_same(cast: Cast, eva: Client) -> None:
    signed = make_signed(cast.expert, cast.coordinator)
    before = eva.get(url("contract_pdf", signed)).content  # not kept yet: a lost task
    assert ContractPaper.objects.count() == 0
    make_missing_contract_papers()
    make_contract_paper(signed.pk)
    kept = ContractPaper.objects.get()
    assert bytes(kept.content) == before == eva.get(url("contract_pdf", signed)).content
    assert kept.size == len(before)


def test_a_contract_without_a_text_here_has_no_pdf(cast: Cast, coordinator: Client) -> None:
    old = cast.expert.contracts.get()
    assert coordinator.get(url("contract_pdf", old)).status_code == 404
    assert "What this means" in coordinator.get(url("contract", old)).content.decode()
    make_contract_paper(old.pk)
    assert ContractPaper.objects.count() == 0


# --- lists and speed -------------------------------------------------------------------------------------------------


def count(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as caught:
        assert client.get(address).status_code == 200
    return len(caught)


def test_the_list_takes_the_same_few_queries_for_one_and_for_thirty(cast: Cast, coordinator: Client) -> None:
    address = reverse("experts:contracts")
    few = count(coordinator, address)
    for _n in range(30):
        make_expert(user=False)
    assert (count(coordinator, address), few <= 10) == (few, True)


@pytest.mark.parametrize("make", [make_sent, make_accepted, make_signed])
def test_the_page_of_a_contract_takes_few_queries(
    cast: Cast, coordinator: Client, eva: Client, make: Callable[..., Contract]
) -> None:
    contract = make(cast.expert, cast.coordinator)
    assert count(coordinator, url("contract", contract)) <= 10
    assert count(eva, url("contract", contract)) <= 10


def test_the_preview_takes_the_same_queries_whatever_the_topics(cast: Cast, coordinator: Client) -> None:
    make_text(cast.coordinator)
    expert = make_expert(topics=[make_topic() for _n in range(30)], contract=False)
    draft = make_draft(expert, name_topics=True)
    assert count(coordinator, url("contract", draft)) <= 10


def test_the_list_by_state(cast: Cast, coordinator: Client) -> None:
    sent = make_sent(cast.expert, cast.coordinator)
    page = coordinator.get(reverse("experts:contracts"), {"state": "sent"})
    assert [row.pk for row in page.context["page_obj"]] == [sent.pk]
    assert coordinator.get(reverse("experts:contracts"), {"state": "nonsense"}).status_code == 200


def test_a_look_at_a_contract_is_noted_unless_it_is_the_own(cast: Cast, coordinator: Client, eva: Client) -> None:
    sent = make_sent(cast.expert, cast.coordinator)
    coordinator.get(url("contract", sent))
    eva.get(url("contract", sent))
    assert [(look.what, look.reader, look.expert) for look in ReadLog.objects.all()] == [
        ("contract", cast.coordinator, cast.expert)
    ]


# --- texts -----------------------------------------------------------------------------------------------------------


def test_texts_go_from_the_model_into_use_and_on_to_a_new_version(cast: Cast, coordinator: Client) -> None:
    new = reverse("experts:contract_text_new", args=["sv"])
    first = coordinator.post(new)["Location"]
    assert coordinator.post(new)["Location"] == first
    text = ContractText.objects.get()
    assert "55/2001" in coordinator.get(url("contract_text", text)).content.decode()
    coordinator.post(url("contract_text_use", text))
    assert ContractText.objects.get().state == "in_use"
    coordinator.post(new)
    second = ContractText.objects.get(state="draft")
    assert (second.number, second.made_from, second.body) == (2, text, text.body)
    body = second.body.replace("{name}", "{nam}", 1).replace("{kinds}", "")
    page = coordinator.post(url("contract_text_edit", second), {"body": body, "notice_days": "30"})
    assert page.context["form"].errors["body"] == [
        "This placeholder is not known: {nam}.",
        "This placeholder is missing: {kinds}.",
    ]
    assert page.context["form"]["body"].value() == body
    coordinator.post(url("contract_text_edit", second), {"body": second.body + "\nSlut.", "notice_days": "30"})
    coordinator.post(url("contract_text_use", second))
    assert list(ContractText.objects.order_by("number").values_list("number", "state", "notice_days")) == [
        (1, "replaced", 14),
        (2, "in_use", 30),
    ]
    assert coordinator.get(url("contract_text_edit", text)).status_code == 404
    page = coordinator.post(url("contract_text_remove", text))
    assert "is not changed" in page.context["refused"]
    page = coordinator.post(url("contract_text_use", text))
    assert page.context["refused"]
    assert ContractText.objects.get(state="in_use") == second


def test_the_database_keeps_a_text_in_use(cast: Cast) -> None:
    text = make_text(cast.coordinator)
    for change in (
        "UPDATE experts_contracttext SET body = 'x'",
        "UPDATE experts_contracttext SET notice_days = 1",
        "UPDATE experts_contracttext SET state = 'draft'",
        "DELETE FROM experts_contracttext",
    ):
        with (
            pytest.raises(IntegrityError, match="contract_text_in_use_is_never_changed"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(change)
    assert ContractText.objects.get().body == text.body


def test_an_unknown_language_has_no_text(coordinator: Client) -> None:
    assert coordinator.post(reverse("experts:contract_text_new", args=["de"])).status_code == 404


def test_drafting_through_the_form_keeps_what_was_typed(coordinator: Client, cast: Cast) -> None:
    expert = make_expert(contract=False, training="Course 2024")
    new = reverse("experts:contract_new", args=[expert.pk])
    assert coordinator.get(new).context["form"]["training"].value() == "Course 2024"
    said = {"valid_from": "1.1.2028", "valid_to": "31.12.2027", "kinds": ["group"], "wishes": "Mornings, 131052-308T"}
    page = coordinator.post(new, said)
    assert "identity code" in page.context["form"].errors["wishes"][0]
    said["wishes"] = "Mornings"
    page = coordinator.post(new, said)
    assert page.context["form"].errors["__all__"] == ["The end is before the beginning."]
    assert page.context["form"]["wishes"].value() == "Mornings"
    coordinator.post(new, said | {"valid_to": "31.12.2028"})
    made = Contract.objects.get(expert=expert)
    assert (made.state, made.language, made.wishes) == ("draft", "en", "Mornings")


def test_a_new_form_is_empty_where_nothing_is_known(coordinator: Client, cast: Cast) -> None:
    form = coordinator.get(reverse("experts:contract_new", args=[cast.expert.pk])).context["form"]
    assert [form[name].value() for name in ("experience", "wishes", "tasks", "name_topics")] == ["", "", "", False]
