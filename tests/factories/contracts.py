"""Contracts on their way: texts in use, contracts that were sent, accepted, signed by both."""

from datetime import date, datetime, timedelta
from typing import Any

from experts import actions
from experts.models import Contract, ContractText, Expert
from feetables.models import FeeTable
from office.models import User
from tests.factories import at, fee_table_on, make_contract

SENT = at(2026, 10, 5, 9)
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 30 + b"IEND\xaeB`\x82"
JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 30 + b"\xff\xd9"


def make_text(by: User, language: str = "en", *, used_at: datetime = SENT) -> ContractText:
    """The model text in use; the one that is, when there is one."""
    used = ContractText.objects.filter(language=language, state="in_use").first()
    return used or actions.use_text(actions.new_text(language, by=by, at=used_at), by=by, at=used_at)


def make_draft(expert: Expert, **fields: Any) -> Contract:
    """A draft for 2028 that can be sent once there is a text."""
    table: FeeTable = fee_table_on(date(2026, 10, 5))
    values: dict[str, Any] = {
        "valid_from": date(2028, 1, 1),
        "valid_to": date(2028, 12, 31),
        "language": "en",
        "fee_table": table,
    }
    return make_contract(expert, state=Contract.State.DRAFT, **values | fields)


def make_sent(expert: Expert, by: User, *, sent_at: datetime = SENT, **fields: Any) -> Contract:
    draft = make_draft(expert, **fields)
    make_text(by, draft.language)
    return actions.send_contract(draft, seen=actions.preview_hash(draft), by=by, at=sent_at)


def make_accepted(expert: Expert, by: User, *, sent_at: datetime = SENT, **fields: Any) -> Contract:
    sent = make_sent(expert, by, sent_at=sent_at, **fields)
    assert expert.user is not None
    return actions.accept_contract(sent, seen=sent.text_hash, by=expert.user, at=sent_at + timedelta(hours=1))


def make_signed(expert: Expert, by: User, *, sent_at: datetime = SENT, **fields: Any) -> Contract:
    accepted = make_accepted(expert, by, sent_at=sent_at, **fields)
    return actions.countersign_contract(accepted, seen=accepted.text_hash, by=by, at=sent_at + timedelta(hours=2))
