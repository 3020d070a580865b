"""Choices for forms: topics under their groups, areas. Each one query, in the language of the page."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from experts.models import Area, Topic
from office.templatetags.erfa import localname


def by_group(topics: Sequence[Topic]) -> list[tuple[str, list[Topic]]]:
    """The topics (with their group loaded) under the names of the groups, in the office's order; the rest last."""
    loose = [topic for topic in topics if topic.group is None]
    groups: dict[int, tuple[int, str, list[Topic]]] = {}
    for topic in topics:
        if topic.group is not None:
            kept = groups.setdefault(topic.group.pk, (topic.group.place, localname(topic.group), []))
            kept[2].append(topic)
    ordered = sorted(groups.values(), key=lambda group: group[:2])
    found = [(name, own) for _place, name, own in ordered]
    return [*found, (_("Other topics") if found else "", loose)] if loose else found


def grouped_topics(topics: "QuerySet[Topic] | None" = None) -> list[tuple[str, list[Topic]]]:
    """The topics in use (or those given) by group."""
    wanted = Topic.objects.filter(is_active=True) if topics is None else topics
    column = localname_column()
    return by_group(list(wanted.select_related("group").order_by(column, "pk")))


def localname_column() -> str:
    """The column whose Finnish collation gives the order of the page's language (å ä ö last)."""
    return "name_sv" if get_language() == "sv" else "name_fi"


def topic_choices(*, empty: "str | Promise", whole_groups: bool = False) -> list[tuple[Any, Any]]:
    """For a select: the topics in use under the headings of their groups; each group itself too when wanted."""
    choices: list[tuple[Any, Any]] = [("", empty)]
    for group, topics in grouped_topics():
        named = [(str(topic.pk), localname(topic)) for topic in topics]
        if whole_groups and topics[0].group_id:
            named.insert(0, (f"group-{topics[0].group_id}", _("%(group)s: all") % {"group": group}))
        choices += [(group, named)] if group else named
    return choices


def area_choices(*, empty: "str | Promise") -> list[tuple[Any, Any]]:
    """For a select: the areas in use."""
    areas = Area.objects.filter(is_active=True).order_by(localname_column(), "pk")
    return [("", empty), *((str(area.pk), localname(area)) for area in areas)]
