"""Where an expert is told something: the account, or without one the address of the record (without: by hand)."""

from django.db.models import Q

from experts.models import Expert
from office.models import User
from office.outbox_text import Outsider

#: Experts who can be told: those whose account has been closed are not (N3).
CAN_BE_TOLD = Q(user__isnull=True) | Q(user__is_active=True)


def reader_of(expert: Expert) -> User | Outsider | None:
    """Whom to write to; nobody when the expert has left or the account is closed. ``user`` has been fetched."""
    if expert.state == Expert.State.ENDED or expert.erased_at is not None:
        return None
    if expert.user is None:
        return Outsider(str(expert), expert.email, expert.language)
    return expert.user if expert.user.is_active else None


def who_hears(expert: Expert) -> User | Outsider | None:
    """Who hears what becomes of an expert's work: the account, or without one as ``reader_of`` says."""
    return expert.user or reader_of(expert)


def who_is_asked(expert: Expert) -> User | Outsider:
    """Who is asked something: an expert without an account by telephone, for no link or page would answer."""
    return expert.user or Outsider(str(expert), "", expert.language)
