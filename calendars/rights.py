"""Calendar addresses in a person's data (office.rights). The address itself is kept as a hash: it cannot be told."""

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from calendars.models import Feed
from office.rights import Person, Section, clear, fact, read, record_class, section

FEEDS = record_class(
    "calendars",
    gettext_lazy("Private calendar addresses"),
    85,
    ["calendars.Feed"],
    lambda person: {"calendars.Feed": Feed.objects.filter(user=person.user_id)},
)


@FEEDS.collects
def _feeds(person: Person) -> Iterator[Section]:
    yield from section(
        "calendars",
        _("Private calendar addresses"),
        (
            [
                *read(feed, "name"),
                fact("created_at", _("Made"), feed.created_at),
                fact("revoked_at", _("Revoked"), feed.revoked_at),
                fact("read_at", _("Read last"), feed.read_at),
            ]
            for feed in Feed.objects.filter(user=person.user_id).order_by("id")
        ),
    )


@FEEDS.erases
def _no_feeds(person: Person, _name: str, _at: datetime) -> int:
    return sum(clear(Feed.objects.filter(user=person.user_id)).values())
