"""Why an expert suits what was asked for, in words; no score (R3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from experts.models import Area
from office.choices import WORK_LANGUAGES
from office.templatetags.erfa import localname


@dataclass(frozen=True)
class Asked:
    """What of the search is told as a reason when it is met."""

    topic_id: int | None = None
    language: str = ""
    area: Area | None = None
    times: int = 0


def reasons(asked: Asked, *, topics: Sequence[Any], areas: Sequence[Area], worked_here: bool) -> list[str]:
    """Sentences about somebody whom the search has found: what was asked for is met. ``topics`` are those shown."""
    shared = (topic for topic in topics if topic.pk == asked.topic_id)
    found = [_("own experience: %(topic)s") % {"topic": localname(topic)} for topic in shared]
    if asked.language:
        name = str(dict(WORK_LANGUAGES)[asked.language])
        name = name if get_language() == "en" else name.lower()  # only English writes languages with a capital
        found.append(_("works in %(language)s") % {"language": name})
    if asked.area is not None:
        whole = _("works in all areas")
        found.append(_("works in the area %(area)s") % {"area": localname(asked.area)} if areas else whole)
    if worked_here:
        found.append(_("has worked in the unit before"))
    if asked.times:
        free = ngettext("free at that time", "free at all %(n)s times", asked.times)
        found.append(free % {"n": asked.times} if asked.times > 1 else free)
    return found
