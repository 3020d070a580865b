"""Receipts of a time's journey: added and removed by who writes the hours, until the unit has approved the list."""

from datetime import datetime
from hashlib import sha256

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assignments.actions import may_have_costs
from assignments.models import Session
from fees.models import Receipt
from fees.receipts import MOST_FILES, kept_form
from fees.writing import must_write
from office.actions import log
from office.errors import Refused
from office.models import User
from office.saving import readable, trigger_says

trigger_says("receipt_is_frozen", gettext_lazy("The unit has approved the list: its receipts stay as they are."))


def add_receipt(session: Session, content: bytes, *, by: User, at: datetime) -> Receipt:
    """Keeps a receipt. The same file again is the one that is there. Raises Refused, Conflict."""
    suffix, media_type, kept = kept_form(content)
    with readable():
        session = (
            Session.objects.select_for_update(of=("self",)).select_related("expert__user", "unit").get(pk=session.pk)
        )
        must_write(session, by)
        if not may_have_costs(session):
            raise Refused(_("No receipts are paid for this time."))
        digest = sha256(kept).hexdigest()
        own = Receipt.objects.filter(session=session)
        if same := own.filter(sha256=digest).first():
            return same
        if own.count() >= MOST_FILES:
            raise Refused(_("At most %(count)s receipts for one time.") % {"count": MOST_FILES})
        receipt = Receipt.objects.create(
            session=session, filename=f"receipt-{session.pk}-{digest[:8]}.{suffix}", media_type=media_type,
            content=kept, sha256=digest, size=len(kept), added_at=at, added_by=by,
        )  # fmt: skip
        log("session.receipt_added", session, by=by, at=at, receipt=receipt.pk, sha256=digest)
    return receipt


def remove_receipt(receipt: Receipt, *, by: User, at: datetime) -> None:
    """Takes a receipt away that was a mistake. A second click is harmless."""
    with readable():
        session = Session.objects.select_for_update(of=("self",)).select_related("expert__user").get(
            pk=receipt.session_id
        )  # fmt: skip
        must_write(session, by)
        removed, _rows = Receipt.objects.filter(pk=receipt.pk).delete()
        if removed:
            log("session.receipt_removed", session, by=by, at=at, receipt=receipt.pk, sha256=receipt.sha256)
