"""What the registry refuses, and what it tells."""

from datetime import date

import pytest

from experts import actions
from experts.models import Contract, Expert, ExpertTopic, ReadLog
from office.errors import Conflict, Refused
from office.models import LogEntry, OutboxMessage, RoleGrant, User
from tests.conftest import Cast
from tests.factories import at, make_agreed_session, make_contract, make_expert, make_topic, make_user

NOW = at(2026, 10, 5, 9)


def test_ending_a_contract_is_refused_while_sessions_are_agreed_after_the_end(cast: Cast) -> None:
    make_agreed_session(at(2026, 12, 1, 10), expert=cast.expert, unit=cast.unit)
    contract = cast.expert.contracts.get()
    with pytest.raises(Refused, match="agreed sessions that this contract would no longer cover"):
        actions.end_contract(contract, last_day=date(2026, 11, 30), by=cast.coordinator, at=NOW)
    contract.refresh_from_db()
    assert (contract.state, contract.valid_to) == ("in_force", date(2027, 12, 31))
    assert OutboxMessage.objects.count() == 0
    actions.end_contract(contract, last_day=date(2026, 12, 1), by=cast.coordinator, at=NOW)
    contract.refresh_from_db()
    assert (contract.state, contract.valid_to) == ("ended", date(2026, 12, 1))
    assert [m.kind for m in OutboxMessage.objects.all()] == ["contract_ended"]


@pytest.mark.parametrize(
    ("last_day", "said"),
    [
        (date(2025, 12, 31), "before the contract begins"),
        (date(2028, 1, 1), "ends before that already"),
    ],
)
def test_a_contract_ends_early_inside_its_validity(cast: Cast, last_day: date, said: str) -> None:
    with pytest.raises(Refused, match=said):
        actions.end_contract(cast.expert.contracts.get(), last_day=last_day, by=cast.coordinator, at=NOW)


def test_a_contract_in_force_is_not_changed_or_removed(cast: Cast) -> None:
    contract = cast.expert.contracts.get()
    contract.valid_to = None
    with pytest.raises(Conflict):
        actions.save_contract(contract, by=cast.coordinator, at=NOW)
    with pytest.raises(Conflict):
        actions.remove_draft(contract, by=cast.coordinator, at=NOW)
    assert Contract.objects.get(pk=contract.pk).valid_to == date(2027, 12, 31)


def test_signing_twice_is_told_and_messages_once(cast: Cast) -> None:
    draft = make_contract(cast.expert, valid_from=date(2028, 1, 1), valid_to=None, state="draft")
    again = Contract.objects.get(pk=draft.pk)
    actions.sign_contract(draft, signed_on=date(2026, 10, 1), by=cast.coordinator, at=NOW)
    with pytest.raises(Conflict):
        actions.sign_contract(again, signed_on=date(2026, 10, 2), by=cast.coordinator, at=NOW)
    assert OutboxMessage.objects.filter(kind="contract_in_force").count() == 1


def test_nobody_but_the_coordinator_changes_the_registry(cast: Cast) -> None:
    expert = cast.expert
    draft = make_contract(expert, valid_from=date(2028, 1, 1), valid_to=None, state="draft")
    for by in (cast.named, cast.finance, cast.second_expert_user):
        for refused in (
            lambda by=by: actions.add_expert({"first_name": "A", "last_name": "B"}, by=by, at=NOW),
            lambda by=by: actions.change_expert(expert, {"phone": "1"}, by=by, at=NOW),
            lambda by=by: actions.set_topics(expert, {make_topic().pk: True}, by=by, at=NOW),
            lambda by=by: actions.sign_contract(draft, signed_on=NOW.date(), by=by, at=NOW),
            lambda by=by: actions.note_tax_card(expert, year=2026, kind="wage", delivered_on=NOW.date(), by=by, at=NOW),
            lambda by=by: actions.pause(expert, by=by, at=NOW),
        ):
            with pytest.raises(Refused, match="You may not do this"):
                refused()
    assert LogEntry.objects.count() == 0


def test_an_expert_may_not_change_own_payroll_number_or_topics(cast: Cast) -> None:
    topic = make_topic()
    with pytest.raises(Refused):
        actions.change_expert(cast.expert, {"payroll_number": "1"}, by=cast.expert_user, at=NOW)
    with pytest.raises(Conflict):
        actions.set_topics(cast.expert, {topic.pk: True}, by=cast.expert_user, at=NOW)


def test_the_log_holds_neither_topics_nor_values(cast: Cast) -> None:
    topic = make_topic("Masennus", code="depression")
    actions.set_topics(cast.expert, {topic.pk: True}, by=cast.coordinator, at=NOW)
    actions.change_expert(cast.expert, {"note": "Soitettava aamulla"}, by=cast.coordinator, at=NOW)
    assert [(e.kind, e.facts) for e in LogEntry.objects.all()] == [
        ("expert.topics", {"topics": 1, "shown": 1}),
        ("expert.change", {"fields": ["note"]}),
    ]


def test_consent_is_withdrawn_by_the_expert(cast: Cast) -> None:
    topic = make_topic()
    ExpertTopic.objects.create(expert=cast.expert, topic=topic, published=True)
    actions.set_topics(cast.expert, {topic.pk: False}, by=cast.expert_user, at=NOW)
    assert [(t.topic, t.published) for t in cast.expert.expert_topics.all()] == [(topic, False)]


def test_an_account_is_made_once_and_an_existing_one_is_used(cast: Cast) -> None:
    make_user("nurse@county.example.org", roles=[("staff", cast.unit)])
    expert = make_expert(user=False, email="Nurse@county.example.org")
    first = actions.give_account(expert, by=cast.coordinator, at=NOW)
    again = actions.give_account(Expert.objects.get(pk=expert.pk), by=cast.coordinator, at=NOW)
    assert first == again
    assert first.holdings.pairs == {("staff", cast.unit.pk), ("expert", None)}
    assert RoleGrant.objects.filter(user=first, role="expert").count() == 1


def test_an_account_of_another_expert_is_not_taken(cast: Cast) -> None:
    user = make_user("two@example.org")
    make_expert(user=user, email="other@example.org")
    Expert.objects.filter(user=user).update(email="other@example.org")
    expert = make_expert(user=False, email="two@example.org")
    with pytest.raises(Refused, match="Another expert has this account"):
        actions.give_account(expert, by=cast.coordinator, at=NOW)


def test_the_old_address_opens_nothing_after_a_change(cast: Cast) -> None:
    from allauth.account.models import EmailAddress  # noqa: PLC0415 - only here

    EmailAddress.objects.create(user_id=cast.expert_user.pk, email="eva@example.org", verified=True, primary=True)
    actions.change_expert(cast.expert, {"email": "new@example.org"}, by=cast.coordinator, at=NOW)
    assert User.objects.get(pk=cast.expert_user.pk).email == "new@example.org"
    assert EmailAddress.objects.filter(email="eva@example.org").exists() is False


def test_an_expert_with_an_account_keeps_an_address(cast: Cast) -> None:
    with pytest.raises(Refused, match="cannot be empty"):
        actions.change_expert(cast.expert, {"email": ""}, by=cast.coordinator, at=NOW)


def test_own_look_is_no_look(cast: Cast) -> None:
    actions.noted_read(cast.expert, "page", by=cast.expert_user, at=NOW)
    actions.noted_read(cast.expert, "page", by=cast.coordinator, at=NOW)
    assert [look.reader for look in ReadLog.objects.all()] == [cast.coordinator]


def test_messages_hold_nothing_sensitive_in_the_subject(cast: Cast) -> None:
    draft = make_contract(cast.expert, valid_from=date(2028, 1, 1), valid_to=None, state="draft")
    actions.sign_contract(draft, signed_on=date(2026, 10, 1), by=cast.coordinator, at=NOW)
    message = OutboxMessage.objects.get()
    assert message.subject == "Your contract is in force"
    assert "from Sat\u00a01\u00a0Jan\u00a02028" in message.body
