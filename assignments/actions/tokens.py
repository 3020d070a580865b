"""The secret part of an offer's link in a mail. Only its hash is kept."""

import secrets
from hashlib import sha256

from assignments.models import Offer

TOKEN_BYTES = 32


def hash_of(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def new_link(offer: Offer) -> str:
    """The secret part of the offer's link; an earlier one opens nothing any more. Only its hash is kept."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    offer.token_hash = hash_of(token)
    Offer.objects.filter(pk=offer.pk).update(token_hash=offer.token_hash, token_used_at=None)
    return token
