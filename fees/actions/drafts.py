"""Keeping what is typed about a time while it is typed. Nothing of it counts before it is saved for good."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from assignments.models import Session
from fees.drafts import FIELDS, seen_of
from fees.models import RowDraft
from fees.writing import must_write
from office.errors import Conflict, Refused
from office.models import User
from office.validators import has_identity_code


def save_draft(session: Session, values: Mapping[str, str], *, seen: str, by: User, at: datetime) -> RowDraft:
    """Keeps what was typed about a time, for the writer only.

    Raises Conflict when the time was marked, or typed about in another window, since ``seen``: nothing is written
    over. Refused for what nobody may store.
    """
    must_write(session, by)
    kept = {name: values[name][:300] for name in FIELDS if name in values}
    if any(has_identity_code(text) for text in kept.values()):
        raise Refused(_("This looks like a personal identity code. Write nothing by which a person can be recognised."))
    with transaction.atomic():
        session = Session.objects.select_for_update(of=("self",)).get(pk=session.pk)
        draft = RowDraft.objects.filter(session=session, written_by=by).first()
        if seen != seen_of(session, draft):
            raise Conflict(_("This has been changed in another window. Load the page again."))
        if draft is None:
            return RowDraft.objects.create(session=session, written_by=by, values=kept, saved_at=at)
        draft.values, draft.version, draft.saved_at = kept, draft.version + 1, at
        draft.save()
    return draft


def drop_drafts(session: Session) -> None:
    """Everybody's, once the time is marked."""
    RowDraft.objects.filter(session=session).delete()
