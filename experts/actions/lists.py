"""The office's own lists: topics, their groups, areas. And what a person keeps for themself: saved views."""

from datetime import datetime

from django.db import transaction

from experts.actions.common import coordinator_only
from experts.models import Area, SavedView, Topic, TopicGroup
from office.actions import log
from office.models import User
from office.saving import readable, save


def _save(row: Topic | TopicGroup | Area, kind: str, *, by: User, at: datetime) -> None:
    coordinator_only(by)
    new = row.pk is None
    with transaction.atomic():
        save(row)
        log(f"{kind}.add" if new else f"{kind}.change", row, by=by, at=at)


def save_topic(topic: Topic, *, by: User, at: datetime) -> None:
    """Adds or changes an experience topic."""
    _save(topic, "topic", by=by, at=at)


def save_topic_group(group: TopicGroup, *, by: User, at: datetime) -> None:
    """Adds or changes a group of topics; ``place`` gives the order."""
    _save(group, "topicgroup", by=by, at=at)


def save_area(area: Area, *, by: User, at: datetime) -> None:
    """Adds or changes an area."""
    _save(area, "area", by=by, at=at)


def move_topic_group(group: TopicGroup, step: int, *, by: User, at: datetime) -> None:
    """One place up (-1) or down (1) in the list; at the end nothing happens. Places are numbered anew, 10 apart."""
    coordinator_only(by)
    with readable():
        order = list(TopicGroup.objects.select_for_update().order_by("place", "name_fi"))
        here = next((number for number, found in enumerate(order) if found.pk == group.pk), None)
        there = -1 if here is None else here + step
        if here is None or not 0 <= there < len(order):
            return
        order[here], order[there] = order[there], order[here]
        for number, found in enumerate(order, 1):
            found.place = 10 * number
        TopicGroup.objects.bulk_update(order, ["place"])
        log("topicgroup.order", group, by=by, at=at)


def save_view(page: str, name: str, query: str, *, by: User) -> SavedView:
    """Gives the filters of a list a name, for oneself. Refused when one has a view of that name. (No log row: it is
    nobody's business but one's own.)
    """
    view = SavedView(user=by, page=page, name=name.strip(), query=query)
    save(view)
    return view


def remove_view(view: SavedView) -> None:
    """Forgets one's own view. Twice is harmless."""
    SavedView.objects.filter(pk=view.pk).delete()
