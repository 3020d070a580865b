"""Words of the registry's history and of what was looked at."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from experts.models import Area, Expert, ReadLog, SeenPaper
from experts.texts_contracts import CONTRACT_READS, CONTRACT_WORDS
from office.choices import TASK_TYPES, WORK_LANGUAGES, Language
from office.formats import day
from office.history import Words
from office.models import LogEntry
from office.templatetags.erfa import localname

#: Names of fields as the history tells them.
FIELDS = {
    "first_name": gettext_lazy("first name"),
    "last_name": gettext_lazy("last name"),
    "email": gettext_lazy("e-mail"),
    "phone": gettext_lazy("telephone"),
    "municipality": gettext_lazy("municipality"),
    "language": gettext_lazy("contact language"),
    "work_languages": gettext_lazy("working languages"),
    "kinds": gettext_lazy("kinds of work"),
    "on_site": gettext_lazy("works on site"),
    "remote": gettext_lazy("works remotely"),
    "training": gettext_lazy("training"),
    "introduction_fi": gettext_lazy("introduction in Finnish"),
    "introduction_sv": gettext_lazy("introduction in Swedish"),
    "payroll_number": gettext_lazy("payroll number"),
    "note": gettext_lazy("note"),
    "availability": gettext_lazy("when it suits"),
    "shown_before": gettext_lazy("shown when an expert is looked for"),
    "shown_after": gettext_lazy("shown after the expert has accepted"),
}

#: Words for the values of the fields whose old and new value are told.
VALUES: dict[str, dict[str, Any]] = {
    "language": dict(Language.choices),
    "work_languages": dict(WORK_LANGUAGES),
    "kinds": dict(TASK_TYPES),
    "shown_before": dict(Expert.Showable.choices),
    "shown_after": dict(Expert.Showable.choices),
}


def _value(name: str, value: Any) -> str:
    words = VALUES.get(name, {})
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    values = value if isinstance(value, list) else [value]
    return ", ".join(str(words.get(one, one)) for one in values) or _("nothing")


def _changed(entry: LogEntry) -> str:
    """``changed: telephone; kinds of work: Group leading → Group leading, Pair work``."""
    values = entry.facts.get("values", {})
    names = [str(FIELDS.get(name, name)) for name in entry.facts.get("fields", []) if name not in values]
    parts = [", ".join(names)] if names else []
    for name, (old, new) in values.items():
        parts.append(f"{FIELDS.get(name, name)}: {_value(name, old)} → {_value(name, new)}")
    return _("changed: %(fields)s") % {"fields": "; ".join(parts)}


def _day(text: str) -> str:
    return day(date.fromisoformat(text), get_language() or "fi")


def _why(entry: LogEntry) -> str:
    why = entry.facts.get("why", "")
    return f" ({Expert.StateReason(why).label})" if why in Expert.StateReason.values else ""


def _paused(entry: LogEntry) -> str:
    if until := entry.facts.get("until", ""):
        return _("on a break%(why)s, back on %(day)s") % {"why": _why(entry), "day": _day(until)}
    return _("on a break%(why)s") % {"why": _why(entry)}


def _ended(entry: LogEntry) -> str:
    return _("ended%(why)s") % {"why": _why(entry)}


def _days(entry: LogEntry) -> str:
    first, last = entry.facts.get("first", ""), entry.facts.get("last", "")
    return _day(first) if first == last else f"{_day(first)} – {_day(last)}"


def _away(entry: LogEntry) -> str:
    return _("away %(days)s") % {"days": _days(entry)}


def _not_away(entry: LogEntry) -> str:
    return _("not away %(days)s after all") % {"days": _days(entry)}


def _areas(entry: LogEntry) -> str:
    sides = ([Area(**names) for names in entry.facts.get(side, [])] for side in ("before", "after"))
    said = [", ".join(localname(area) for area in areas) or _("everywhere") for areas in sides]
    return _("works in: %(before)s → %(after)s") % {"before": said[0], "after": said[1]}


def _topics(entry: LogEntry) -> str:
    facts = entry.facts
    return _("topics: %(topics)s, of which units may see %(shown)s") % {
        "topics": facts.get("topics", 0),
        "shown": facts.get("shown", 0),
    }


def _paper(entry: LogEntry) -> str:
    words = dict(SeenPaper.Kind.choices)
    return _("paper shown: %(paper)s") % {"paper": words.get(entry.facts.get("paper", ""), "")}


def _tax_card(entry: LogEntry) -> str:
    if entry.facts.get("delivered"):
        return _("tax card of %(year)s delivered") % {"year": entry.facts.get("year", "")}
    return _("tax card of %(year)s not delivered") % {"year": entry.facts.get("year", "")}


WORDS: Words = {
    "expert.add": gettext_lazy("added to the registry"),
    "expert.change": _changed,
    "expert.account": gettext_lazy("account made"),
    "expert.remind_hours": gettext_lazy("reminded of an hour list that has not been sent"),
    "expert.address_asked": gettext_lazy("asked for another e-mail address"),
    "expert.topics": _topics,
    "expert.areas": _areas,
    "expert.absence": _away,
    "expert.absence_removed": _not_away,
    "expert.pause": _paused,
    "expert.resume": gettext_lazy("active again"),
    "expert.end": _ended,
    "expert.tax_card": _tax_card,
    "expert.paper": _paper,
    "expert.paper_removed": gettext_lazy("note of a paper removed"),
    "contract.imported": gettext_lazy("last day of the contract taken from a file"),
    "expert.data": gettext_lazy("all data downloaded"),
    "expert.erase": gettext_lazy("erased"),
    "expert.draft_removed": gettext_lazy("draft of a contract removed"),
    **CONTRACT_WORDS,
    "topic.add": gettext_lazy("topic added"),
    "topic.change": gettext_lazy("topic changed"),
    "topicgroup.add": gettext_lazy("group of topics added"),
    "topicgroup.change": gettext_lazy("group of topics changed"),
    "topicgroup.order": gettext_lazy("order of the groups changed"),
    "area.add": gettext_lazy("area added"),
    "area.change": gettext_lazy("area changed"),
}

#: What was looked at, by the word in ReadLog.
READS = {
    "page": gettext_lazy("the whole record"),
    "edit": pgettext_lazy("looked at", "the form for changes"),
    "topics shown": gettext_lazy("topics, in the search of experts"),
    "data": gettext_lazy("download of all data on the expert's behalf"),
    "topic search": gettext_lazy("search by topic"),
    **CONTRACT_READS,
    "export": gettext_lazy("export of the registry"),
    "export with topics": gettext_lazy("export of the registry with topics"),
    "import": gettext_lazy("a file beside the registry, to see what it would change"),
}


def told_look(look: ReadLog, topics: Mapping[str, str] | None = None) -> str:
    """What was looked at. ``topics``: names by what stands in the log, for the coordinator's list only."""
    what, _colon, which = look.what.partition(":")
    said = str(READS.get(what, what))
    return f"{said}: {topics.get(which, which)}" if topics is not None and which else said


def state_words(expert: Expert, today: date) -> str:
    """More of the state than its name: ``own wish · since Mon 5 Oct 2026 · back on Mon 2 Nov 2026``."""
    language = get_language() or "fi"
    parts = []
    if expert.state_on(today) == expert.state:
        parts.append(str(expert.get_state_reason_display()) if expert.state_reason else "")
        if expert.state_since:
            parts.append(_("since %(day)s") % {"day": day(expert.state_since, language)})
        if expert.pause_until:
            parts.append(_("back on %(day)s") % {"day": day(expert.pause_until, language)})
    elif expert.pause_until:
        parts.append(_("the break ended on %(day)s") % {"day": day(expert.pause_until, language)})
    return " · ".join(part for part in parts if part)
