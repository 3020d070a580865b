"""Two people at one contract at the same moment: one wins, nothing is left half done."""

from datetime import date

import pytest

from assignments import actions as work
from assignments.ending import end_with_sessions, ending_of
from assignments.models import Session
from experts import actions
from experts.models import Contract, ContractText
from office.models import LogEntry, OutboxMessage, User
from tests.assignments.test_races import DONE, at_once, fresh
from tests.conftest import Cast
from tests.factories import at, make_offer, make_order
from tests.factories.contracts import SENT, make_accepted, make_draft, make_sent, make_text

pytestmark = pytest.mark.django_db(transaction=True)
NOW = at(2026, 10, 6, 9)


def found(contract: Contract) -> Contract:
    return Contract.objects.get(pk=contract.pk)


def test_the_expert_accepts_while_the_coordinator_takes_back(cast: Cast) -> None:
    sent = make_sent(cast.expert, cast.coordinator)
    expert, coordinator = fresh(cast.expert_user), fresh(cast.coordinator)
    results = at_once(
        lambda: actions.accept_contract(found(sent), seen=sent.text_hash, by=expert, at=NOW),
        lambda: actions.take_back(found(sent), word="Other days", by=coordinator, at=NOW),
    )
    after = found(sent)
    assert after.state == "draft"  # who accepts first loses it again, who comes second is told
    assert results in ([DONE, DONE], ["Conflict", DONE])
    assert (after.text_hash, after.accepted_how) == ("", "")


def test_two_clicks_sign_once(cast: Cast) -> None:
    accepted = make_accepted(cast.expert, cast.coordinator)
    by: list[User] = [fresh(cast.coordinator), fresh(cast.coordinator)]
    results = at_once(
        *(
            lambda one=one: actions.countersign_contract(found(accepted), seen=accepted.text_hash, by=one, at=NOW)
            for one in by
        )
    )
    assert sorted(results) == ["Conflict", DONE]
    assert OutboxMessage.objects.filter(kind="contract_in_force").count() == 1
    assert LogEntry.objects.filter(kind="contract.countersign").count() == 1


def test_two_renewals_are_one_draft(cast: Cast) -> None:
    old = cast.expert.contracts.get()
    by = [fresh(cast.coordinator), fresh(cast.coordinator)]
    assert at_once(*(lambda one=one: actions.renew_contract(old, by=one, at=NOW) for one in by)) == [DONE, DONE]
    assert Contract.objects.filter(renewed_from=old).count() == 1


def test_a_text_replaced_while_a_contract_is_sent(cast: Cast) -> None:
    """What is sent is the text that was seen, or nothing."""
    make_text(cast.coordinator)
    draft = make_draft(cast.expert)
    seen = actions.preview_hash(draft)
    new = actions.new_text("en", by=cast.coordinator, at=SENT)
    actions.save_text(new, body=new.body + "More.", notice_days=14, by=cast.coordinator, at=SENT)
    by = [fresh(cast.coordinator), fresh(cast.coordinator)]
    results = at_once(
        lambda: actions.send_contract(found(draft), seen=seen, by=by[0], at=NOW),
        lambda: actions.use_text(ContractText.objects.get(pk=new.pk), by=by[1], at=NOW),
    )
    after = found(draft)
    assert results[1] == DONE
    assert (results[0], after.text_hash) in [(DONE, seen), ("Conflict", "")]


def test_a_contract_ends_while_an_offer_for_later_is_accepted(cast: Cast) -> None:
    contract = cast.expert.contracts.get()
    times = [(at(2026, 11, 9, 10), at(2026, 11, 9, 11))]
    make_text(cast.coordinator)
    make_draft(cast.expert)  # brings the fee table
    offer = make_offer(make_order(unit=cast.unit, orderer=cast.orderer, times=times), cast.expert, sent_at=SENT)
    last_day, seen = date(2026, 10, 31), ending_of(contract, date(2026, 10, 31), at=NOW).seen
    expert, coordinator = fresh(cast.expert_user), fresh(cast.coordinator)
    results = at_once(
        lambda: work.accept(offer, by=expert, at=NOW),
        lambda: end_with_sessions(contract, last_day=last_day, fates={}, seen=seen, by=coordinator, at=NOW),
    )
    agreed = Session.objects.filter(state="agreed").exists()
    assert (results.count(DONE), found(contract).state == "ended") == (1, not agreed)
