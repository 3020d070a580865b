"""The only writers of calendar addresses."""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from calendars.models import Feed
from office.actions import log
from office.errors import Refused
from office.models import User
from office.saving import readable, save

#: As many addresses as one person has at once.
MOST_FEEDS = 5
TOKEN_BYTES = 32
#: Calendars ask often; the last reading is noted once in this time.
NOTED_EVERY = timedelta(hours=1)


def hash_of(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def make_feed(name: str, *, by: User, at: datetime) -> str:
    """A new private address of the person's own; gives the secret part of it, which is shown once and not kept."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    with readable():
        User.objects.select_for_update().get(pk=by.pk)
        if Feed.objects.filter(user=by, revoked_at__isnull=True).count() >= MOST_FEEDS:
            raise Refused(_("You have five addresses already. Close one that you do not use."))
        feed = Feed(user=by, token_hash=hash_of(token), name=name, created_at=at)
        save(feed)
        log("calendar.address", by, by=by, at=at)
    return token


def revoke(feed: Feed, *, by: User, at: datetime) -> None:
    """Closes an address of the person's own at once. Twice is harmless."""
    if feed.user_id != by.pk:
        raise Refused(_("You may not do this."))
    with readable():
        if Feed.objects.filter(pk=feed.pk, revoked_at__isnull=True).update(revoked_at=at):
            log("calendar.revoke", by, by=by, at=at)


def note_reading(feed: Feed, *, at: datetime) -> None:
    """When a calendar program last asked, so that the owner sees which addresses are in use."""
    old = Q(read_at__isnull=True) | Q(read_at__lt=at - NOTED_EVERY)
    Feed.objects.filter(old, pk=feed.pk).update(read_at=at)
