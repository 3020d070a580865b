"""The life of a contract (R26): what each step asks, keeps and refuses."""

from collections.abc import Callable
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from experts import actions, rules
from experts.actions.contract_papers import LARGEST
from experts.models import Contract, ContractPaper, ContractText, TopicGroup
from feetables.models import FeeTable
from office.choices import Role
from office.errors import Conflict, Refused
from office.models import LogEntry, OutboxMessage, RoleGrant, User
from tests.conftest import Cast
from tests.factories import at, make_contract, make_expert, make_topic, make_user
from tests.factories.contracts import (
    PDF,
    PNG,
    SENT,
    make_accepted,
    make_draft,
    make_sent,
    make_signed,
    make_text,
)

pytestmark = pytest.mark.django_db
NOW = SENT + timedelta(days=1)


def in_sql(change: str, contract: Contract) -> None:
    """Past the program, as somebody with the database's password would."""
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE experts_contract SET {change} WHERE id = %s", [contract.pk])  # noqa: S608 - our own


def refused_in_sql(statement: str, name: str) -> None:
    with pytest.raises(IntegrityError, match=name), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def told() -> list[tuple[str, str]]:
    return [
        (m.kind, m.recipient.email if m.recipient else "")
        for m in OutboxMessage.objects.select_related("recipient").order_by("pk")
    ]


def steps(contract: Contract) -> list[str]:
    return [entry.kind for entry in LogEntry.objects.of(contract).order_by("pk")]


def second_coordinator() -> User:
    return make_user("second@county.example.org", roles=[Role.COORDINATOR], first_name="Cecil", last_name="Second")


# --- from the draft to the signature ---------------------------------------------------------------------------------


def test_a_contract_is_sent_accepted_and_signed(cast: Cast) -> None:
    draft = make_draft(cast.expert, kinds=["group", "lecture"], wishes="groups in the evening.")
    version = make_text(cast.coordinator)
    sent = actions.send_contract(draft, seen=actions.preview_hash(draft), by=cast.coordinator, at=SENT)
    assert (sent.state, sent.text_version, sent.text_hash) == ("sent", version, sha256(sent.text.encode()).hexdigest())
    for said in (
        "Eva Expert",
        "groups in the evening.",
        "group leading, lecture or training",
        "1 January 2028–31 December 2028",
        "Palkkiotaulukko 2026 (Aluehallitus 12 December 2025 § 12, EX/12/2026)",
        "until 15:00 on the working day before it",
        "at the latest on day 9",
        "on the last day of that month, or on the banking day before",
        "at least 14 days before",
        "not named in this contract",
        "55/2001",
    ):
        assert said in sent.text, said
    assert "{" not in sent.text
    accepted = actions.accept_contract(sent, seen=sent.text_hash, by=cast.expert_user, at=SENT + timedelta(hours=1))
    kept = (accepted.state, accepted.accepted_how, accepted.accepted_by, accepted.accepted_hash, accepted.accepted_at)
    assert kept == ("accepted", "program", cast.expert_user, sent.text_hash, SENT + timedelta(hours=1))
    signed = actions.countersign_contract(sent, seen=sent.text_hash, by=cast.coordinator, at=NOW)
    assert (signed.state, signed.countersigned_by, signed.signed_on) == ("in_force", cast.coordinator, NOW.date())
    assert steps(signed) == ["contract.send", "contract.accept", "contract.countersign"]
    assert told() == [
        ("contract_sent", "eva@example.org"),
        ("contract_accepted", "carla@county.example.org"),
        ("contract_in_force", "eva@example.org"),
    ]


def test_topics_are_named_only_when_that_was_agreed(cast: Cast) -> None:
    expert = make_expert(topics=[make_topic("Toipuminen", name_sv="Återhämtning")])
    make_text(cast.coordinator, "fi")
    draft = make_draft(expert, language="fi", name_topics=False)
    assert "Toipuminen" not in make_sent(expert, cast.coordinator, valid_from=date(2030, 1, 1), valid_to=None).text
    draft.name_topics = True
    actions.save_contract(draft, by=cast.coordinator, at=NOW)
    sent = actions.send_contract(draft, seen=actions.preview_hash(draft), by=cast.coordinator, at=NOW)
    assert "Kokemuksen aihealueet: Toipuminen." in sent.text
    assert TopicGroup.objects.count() == 0
    assert not LogEntry.objects.filter(facts__icontains="Toipuminen").exists()


def test_what_was_seen_is_what_is_sent(cast: Cast) -> None:
    draft = make_draft(cast.expert)
    make_text(cast.coordinator)
    seen = actions.preview_hash(draft)
    actions.change_expert(cast.expert, {"last_name": "Otherwise"}, by=cast.coordinator, at=NOW)
    with pytest.raises(Conflict, match="changed since you opened the page"):
        actions.send_contract(draft, seen=seen, by=cast.coordinator, at=NOW)
    assert (Contract.objects.get(pk=draft.pk).state, told()) == ("draft", [])


def without_text(_cast: Cast, _draft: Contract) -> None:
    ContractText.objects.filter(state="draft").delete()


def with_text(change: Callable[[Cast, Contract], None]) -> Callable[[Cast, Contract], None]:
    def prepare(cast: Cast, draft: Contract) -> None:
        make_text(cast.coordinator)
        change(cast, draft)

    return prepare


@with_text
def without_table(_cast: Cast, draft: Contract) -> None:
    Contract.objects.filter(pk=draft.pk).update(fee_table=None)


@with_text
def with_a_draft_table(_cast: Cast, draft: Contract) -> None:
    table = FeeTable.objects.create(name="Draft", valid_from=date(2029, 1, 1))
    Contract.objects.filter(pk=draft.pk).update(fee_table=table)


@with_text
def run_out(_cast: Cast, draft: Contract) -> None:
    Contract.objects.filter(pk=draft.pk).update(valid_from=date(2025, 1, 1), valid_to=date(2025, 12, 31))


@with_text
def overlapping(_cast: Cast, draft: Contract) -> None:
    Contract.objects.filter(pk=draft.pk).update(valid_from=date(2027, 12, 31))


@with_text
def has_left(cast: Cast, _draft: Contract) -> None:
    type(cast.expert).objects.filter(pk=cast.expert.pk).update(state="ended")


@pytest.mark.parametrize(
    ("prepare", "said"),
    [
        (without_text, "no contract text in use in this language"),
        (without_table, "Choose an approved fee table"),
        (with_a_draft_table, "Choose an approved fee table"),
        (run_out, "last day of the contract is over"),
        (overlapping, "another contract on some of these days"),
        (has_left, "The expert has left"),
    ],
    ids=["no-text", "no-table", "draft-table", "run-out", "overlap", "left"],
)
def test_a_draft_that_is_not_ready_is_not_sent(
    cast: Cast, prepare: Callable[[Cast, Contract], None], said: str
) -> None:
    draft = make_draft(cast.expert)
    prepare(cast, draft)
    draft = Contract.objects.get(pk=draft.pk)
    with pytest.raises(Refused, match=said):
        actions.send_contract(draft, seen=actions.preview_hash(draft), by=cast.coordinator, at=NOW)
    assert (Contract.objects.get(pk=draft.pk).state, told()) == ("draft", [])


def test_another_text_than_the_one_read_is_not_accepted_or_signed(cast: Cast) -> None:
    sent = make_sent(cast.expert, cast.coordinator)
    with pytest.raises(Conflict, match="Read it again"):
        actions.accept_contract(sent, seen="0" * 64, by=cast.expert_user, at=NOW)
    actions.accept_contract(sent, seen=sent.text_hash, by=cast.expert_user, at=NOW)
    with pytest.raises(Conflict, match="Read it again"):
        actions.countersign_contract(sent, seen="0" * 64, by=cast.coordinator, at=NOW)
    assert Contract.objects.get(pk=sent.pk).state == "accepted"


def test_twice_is_harmless_or_told(cast: Cast) -> None:
    sent = make_sent(cast.expert, cast.coordinator)
    for _click in range(2):
        actions.accept_contract(sent, seen=sent.text_hash, by=cast.expert_user, at=NOW)
    with pytest.raises(Conflict, match="sent already"):
        actions.send_contract(sent, seen=sent.text_hash, by=cast.coordinator, at=NOW)
    actions.countersign_contract(sent, seen=sent.text_hash, by=cast.coordinator, at=NOW)
    with pytest.raises(Conflict):
        actions.countersign_contract(sent, seen=sent.text_hash, by=cast.coordinator, at=NOW)
    assert steps(sent) == ["contract.send", "contract.accept", "contract.countersign"]
    assert [kind for kind, _who in told()] == ["contract_sent", "contract_accepted", "contract_in_force"]


def test_what_has_run_out_meanwhile_is_not_accepted(cast: Cast) -> None:
    sent = make_sent(cast.expert, cast.coordinator)
    with pytest.raises(Refused, match="over already"):
        actions.accept_contract(sent, seen=sent.text_hash, by=cast.expert_user, at=at(2029, 1, 1, 9))


def test_the_county_does_not_sign_over_another_contract(cast: Cast) -> None:
    accepted = make_accepted(cast.expert, cast.coordinator)
    make_contract(cast.expert, valid_from=date(2028, 6, 1), valid_to=None)
    with pytest.raises(Refused, match="another contract on some of these days"):
        actions.countersign_contract(accepted, seen=accepted.text_hash, by=cast.coordinator, at=NOW)
    assert Contract.objects.get(pk=accepted.pk).state == "accepted"


# --- back to the draft -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [make_sent, make_accepted])
def test_the_expert_asks_for_a_change(cast: Cast, make: Callable[..., Contract]) -> None:
    contract = make(cast.expert, cast.coordinator)
    OutboxMessage.objects.all().delete()
    with pytest.raises(Refused, match="Say in a few words"):
        actions.ask_change(contract, word="  ", by=cast.expert_user, at=NOW)
    actions.ask_change(contract, word="Fewer lectures", by=cast.expert_user, at=NOW)
    back = Contract.objects.get(pk=contract.pk)
    left = (back.state, back.text, back.text_hash, back.sent_at, back.accepted_how, back.accepted_by, back.accepted_at)
    assert left == ("draft", "", "", None, "", None, None)
    entry = LogEntry.objects.of(back).latest("pk")
    assert (entry.kind, entry.reason, entry.actor) == ("contract.ask_change", "Fewer lectures", cast.expert_user)
    assert told() == [("contract_to_change", "carla@county.example.org")]


def test_the_coordinator_takes_back_what_was_signed_on_paper(cast: Cast) -> None:
    sent = make_sent(cast.expert, cast.coordinator)
    noted: dict[str, Any] = {"signed_on": NOW.date(), "seen": sent.text_hash, "by": cast.coordinator, "at": NOW}
    actions.note_paper(sent, content=PDF, **noted)
    OutboxMessage.objects.all().delete()
    actions.take_back(sent, word="Wrong days", by=cast.coordinator, at=NOW)
    assert (Contract.objects.get(pk=sent.pk).state, ContractPaper.objects.count()) == ("draft", 0)
    assert told() == [("contract_taken_back", "eva@example.org")]


def test_what_is_in_force_goes_no_way_back(cast: Cast) -> None:
    signed = make_signed(cast.expert, cast.coordinator)
    with pytest.raises(Conflict):
        actions.take_back(signed, word="Oh", by=cast.coordinator, at=NOW)
    with pytest.raises(Conflict):
        actions.ask_change(signed, word="Oh", by=cast.expert_user, at=NOW)
    assert Contract.objects.get(pk=signed.pk).state == "in_force"


# --- on paper --------------------------------------------------------------------------------------------------------


def test_the_scan_of_a_signed_paper_is_kept(cast: Cast) -> None:
    expert = make_expert(user=False, contract=False)
    sent = make_sent(expert, cast.coordinator)
    noted: dict[str, Any] = {"signed_on": date(2026, 10, 5), "seen": sent.text_hash, "by": cast.coordinator, "at": NOW}
    actions.note_paper(sent, content=PNG, **noted)
    kept = ContractPaper.objects.get(contract=sent)
    assert (bytes(kept.content), kept.media_type, kept.sha256) == (PNG, "image/png", sha256(PNG).hexdigest())
    signed = actions.countersign_contract(sent, seen=sent.text_hash, by=cast.coordinator, at=NOW)
    assert (signed.accepted_how, signed.accepted_on, signed.accepted_by) == ("paper", date(2026, 10, 5), None)
    assert told() == []


@pytest.mark.parametrize(
    ("content", "day", "seen", "said"),
    [
        (b"<html>", date(2026, 10, 5), None, "Only a PDF, JPEG or PNG"),
        (PDF + b"\0" * LARGEST, date(2026, 10, 5), None, "too large"),
        (PDF, date(2026, 10, 7), None, "in the future"),
        (PDF, date(2026, 10, 5), "0" * 64, "Read it again"),
    ],
    ids=["a-page", "too-large", "future", "another-text"],
)
def test_a_paper_that_cannot_be_kept_changes_nothing(
    cast: Cast, content: bytes, day: date, seen: str | None, said: str
) -> None:
    sent = make_sent(cast.expert, cast.coordinator)
    with pytest.raises((Refused, Conflict), match=said):
        actions.note_paper(
            sent, content=content, signed_on=day, seen=seen or sent.text_hash, by=cast.coordinator, at=NOW
        )
    assert (Contract.objects.get(pk=sent.pk).state, ContractPaper.objects.count()) == ("sent", 0)


# --- who -------------------------------------------------------------------------------------------------------------


def test_nobody_else_takes_a_step(cast: Cast) -> None:
    """Every step by everybody who may not: the expert's by others, the county's by the expert and by units."""
    draft, sent = make_draft(cast.expert), make_sent(cast.expert, cast.coordinator, valid_from=date(2030, 1, 1),
                                                     valid_to=date(2030, 12, 31))  # fmt: skip
    accepted = make_accepted(cast.second_expert, cast.coordinator)
    in_force = cast.expert.contracts.get(state="in_force")
    before = LogEntry.objects.count()
    for by in (cast.expert_user, cast.second_expert_user, cast.named, cast.orderer, cast.finance, cast.supervisor):
        for step in (
            lambda by=by: actions.save_contract(draft, by=by, at=NOW),
            lambda by=by: actions.remove_draft(draft, by=by, at=NOW),
            lambda by=by: actions.send_contract(draft, seen=actions.preview_hash(draft), by=by, at=NOW),
            lambda by=by: actions.take_back(sent, word="x", by=by, at=NOW),
            lambda by=by: actions.note_paper(
                sent, content=PDF, signed_on=NOW.date(), seen=sent.text_hash, by=by, at=NOW
            ),
            lambda by=by: actions.countersign_contract(accepted, seen=accepted.text_hash, by=by, at=NOW),
            lambda by=by: actions.sign_contract(draft, signed_on=NOW.date(), by=by, at=NOW),
            lambda by=by: actions.renew_contract(in_force, by=by, at=NOW),
            lambda by=by: actions.end_contract(in_force, last_day=NOW.date(), by=by, at=NOW),
            lambda by=by: actions.new_text("fi", by=by, at=NOW),
        ):
            with pytest.raises(Refused, match="You may not do this"):
                step()
    for by in (cast.second_expert_user, cast.coordinator, cast.named):
        for answer in (
            lambda by=by: actions.accept_contract(sent, seen=sent.text_hash, by=by, at=NOW),
            lambda by=by: actions.ask_change(sent, word="x", by=by, at=NOW),
        ):
            with pytest.raises(Refused, match="You may not do this"):
                answer()
    assert LogEntry.objects.count() == before


def test_a_coordinator_has_no_hand_in_the_own_contract(cast: Cast) -> None:
    """P8: drafted, sent, signed, renewed and ended by somebody else; read and accepted by oneself."""
    both = make_user("both@county.example.org", roles=[Role.COORDINATOR, Role.EXPERT])
    expert = make_expert(user=both)
    own = expert.contracts.get()
    accepted = make_accepted(expert, cast.coordinator)
    draft = make_draft(expert, valid_from=date(2031, 1, 1), valid_to=None)
    for step in (
        lambda: actions.save_contract(draft, by=both, at=NOW),
        lambda: actions.remove_draft(draft, by=both, at=NOW),
        lambda: actions.send_contract(draft, seen=actions.preview_hash(draft), by=both, at=NOW),
        lambda: actions.take_back(accepted, word="x", by=both, at=NOW),
        lambda: actions.countersign_contract(accepted, seen=accepted.text_hash, by=both, at=NOW),
        lambda: actions.sign_contract(draft, signed_on=NOW.date(), by=both, at=NOW),
        lambda: actions.renew_contract(own, by=both, at=NOW),
        lambda: actions.end_contract(own, last_day=date(2027, 1, 1), by=both, at=NOW),
    ):
        with pytest.raises(Refused, match="This is your own contract"):
            step()
    assert ("contract_accepted", "both@county.example.org") not in told()
    with pytest.raises(IntegrityError, match="nobody_signs_a_contract_twice"), transaction.atomic():
        Contract.objects.filter(pk=accepted.pk).update(countersigned_by=both, countersigned_at=NOW)


def test_a_former_coordinator_signs_nothing(cast: Cast) -> None:
    accepted = make_accepted(cast.expert, cast.coordinator)
    second = second_coordinator()
    RoleGrant.objects.filter(user=second).update(valid_to=SENT)
    with pytest.raises(Refused, match="You may not do this"):
        actions.countersign_contract(accepted, seen=accepted.text_hash, by=User.objects.get(pk=second.pk), at=NOW)


# --- the database ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [make_sent, make_accepted, make_signed])
@pytest.mark.parametrize(
    "change",
    [
        "text = 'Other words'",
        "text = 'x', text_hash = encode(sha256('x'), 'hex')",
        "text_hash = ''",
        "text_version_id = NULL",
        "kinds = '{lecture}'",
        "valid_from = valid_from + 1",
        "valid_to = valid_to + 1",
        "valid_to = NULL",
        "fee_table_id = NULL",
        "language = 'sv'",
        "wishes = 'other'",
        "sent_at = now()",
    ],
)
def test_what_was_sent_changes_no_more(cast: Cast, make: Callable[..., Contract], change: str) -> None:
    contract = make(cast.expert, cast.coordinator)
    in_sql(change, contract)
    again = Contract.objects.get(pk=contract.pk)
    assert (again.text, again.text_hash, again.valid_to) == (
        contract.text,
        rules.hash_of(contract.text),
        contract.valid_to,
    )


@pytest.mark.parametrize(
    "change",
    [
        "accepted_at = now()",
        "accepted_how = 'paper'",
        "accepted_by_id = NULL",
        "countersigned_at = now()",
        "countersigned_by_id = sent_by_id + 1",
        "state = 'draft'",
        "state = 'draft', text = '', text_hash = '', accepted_how = '', accepted_at = NULL",
    ],
)
def test_signatures_stay_as_they_are(cast: Cast, change: str) -> None:
    contract = make_signed(cast.expert, cast.coordinator)
    in_sql(change, contract)
    refused_in_sql(
        "DELETE FROM experts_contract WHERE text <> ''", "contract_is_kept_its_time|sent_contract_is_never_changed"
    )
    assert Contract.objects.get(pk=contract.pk).state == "in_force"


def test_a_contract_may_end_earlier_and_be_removed_when_it_is_long_over(cast: Cast) -> None:
    contract = make_signed(cast.expert, cast.coordinator, valid_from=date(2028, 1, 1))
    actions.end_contract(contract, last_day=date(2028, 3, 1), by=cast.coordinator, at=NOW)
    again = Contract.objects.get(pk=contract.pk)
    assert (again.state, again.valid_to, again.text) == ("ended", date(2028, 3, 1), contract.text)


def test_a_hash_of_other_words_is_refused(cast: Cast) -> None:
    draft, version = make_draft(cast.expert), make_text(cast.coordinator)
    sent = {"state": "sent", "text": "Words", "text_hash": "0" * 64, "text_version": version, "sent_at": NOW}
    with pytest.raises(IntegrityError, match="contract_hash_is_of_its_text"), transaction.atomic():
        Contract.objects.filter(pk=draft.pk).update(**sent)


def test_an_acceptance_of_another_text_is_refused(cast: Cast) -> None:
    sent = make_sent(cast.expert, cast.coordinator)
    said = {"state": "accepted", "accepted_how": "program", "accepted_at": NOW, "accepted_by": cast.expert_user}
    with pytest.raises(IntegrityError, match="accepted_text_is_the_one_sent"), transaction.atomic():
        Contract.objects.filter(pk=sent.pk).update(**said, accepted_hash="0" * 64)


def test_papers_of_a_contract_in_force_stay(cast: Cast) -> None:
    signed = make_signed(cast.expert, cast.coordinator)
    kept = actions.keep_pdf(signed, at=NOW)
    assert kept is not None
    for change in ("UPDATE experts_contractpaper SET content = 'x'", "DELETE FROM experts_contractpaper"):
        refused_in_sql(change, "contract_paper_is_(never_changed|kept_its_time)")
    assert bytes(ContractPaper.objects.get().content) == bytes(kept.content)


# --- renewal ---------------------------------------------------------------------------------------------------------


def test_the_next_contract_begins_the_day_after_and_is_drafted_once(cast: Cast) -> None:
    signed = make_signed(cast.expert, cast.coordinator, kinds=["group"], wishes="evenings", tasks="groups")
    made = actions.renew_contract(signed, by=cast.coordinator, at=NOW)
    assert (made.state, made.valid_from, made.valid_to) == ("draft", date(2029, 1, 1), date(2029, 12, 31))
    assert (made.kinds, made.wishes, made.tasks, made.language) == (["group"], "evenings", "groups", "en")
    assert (made.renewed_from, made.text, made.text_hash) == (signed, "", "")
    assert actions.renew_contract(signed, by=cast.coordinator, at=NOW) == made
    actions.remove_draft(made, by=cast.coordinator, at=NOW)
    assert actions.renew_contract(signed, by=cast.coordinator, at=NOW) != made


@pytest.mark.parametrize("state", ["draft", "open"])
def test_what_has_no_end_or_was_never_in_force_is_not_renewed(cast: Cast, state: str) -> None:
    expert = make_expert(contract=False)
    contract = make_draft(expert) if state == "draft" else make_contract(expert, valid_to=None)
    with pytest.raises(Refused, match="has a last day"):
        actions.renew_contract(contract, by=cast.coordinator, at=NOW)
