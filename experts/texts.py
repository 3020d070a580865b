"""Words of the registry's history and of what was looked at."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from office.history import Words
from office.models import LogEntry

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
}


def _changed(entry: LogEntry) -> str:
    names = ", ".join(str(FIELDS.get(name, name)) for name in entry.facts.get("fields", []))
    return _("changed: %(fields)s") % {"fields": names}


def _topics(entry: LogEntry) -> str:
    facts = entry.facts
    return _("topics: %(topics)s, of which units may see %(shown)s") % {
        "topics": facts.get("topics", 0),
        "shown": facts.get("shown", 0),
    }


def _tax_card(entry: LogEntry) -> str:
    if entry.facts.get("delivered"):
        return _("tax card of %(year)s delivered") % {"year": entry.facts.get("year", "")}
    return _("tax card of %(year)s not delivered") % {"year": entry.facts.get("year", "")}


WORDS: Words = {
    "expert.add": gettext_lazy("added to the registry"),
    "expert.change": _changed,
    "expert.account": gettext_lazy("account made"),
    "expert.topics": _topics,
    "expert.pause": gettext_lazy("on a break"),
    "expert.resume": gettext_lazy("active again"),
    "expert.end": gettext_lazy("ended"),
    "expert.tax_card": _tax_card,
    "expert.draft_removed": gettext_lazy("draft of a contract removed"),
    "contract.add": gettext_lazy("contract drafted"),
    "contract.change": gettext_lazy("draft of the contract changed"),
    "contract.sign": gettext_lazy("contract put in force"),
    "contract.end": gettext_lazy("contract ended early"),
    "topic.add": gettext_lazy("topic added"),
    "topic.change": gettext_lazy("topic changed"),
}

#: What was looked at, by the word in ReadLog.
READS = {
    "page": gettext_lazy("the whole record"),
    "edit": pgettext_lazy("looked at", "the form for changes"),
    "topic search": gettext_lazy("search by topic"),
    "export": gettext_lazy("export of the registry"),
}
