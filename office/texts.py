"""Words of the ground floor's history."""

from decimal import Decimal

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from office import formats
from office.choices import Role
from office.history import Words
from office.models import LogEntry

ROLES = dict(Role.choices)


def _grant(entry: LogEntry) -> str:
    facts = entry.facts
    return _("role given: %(person)s, %(role)s") % {
        "person": facts.get("person", ""),
        "role": ROLES.get(facts.get("role", ""), ""),
    }


def _grant_end(entry: LogEntry) -> str:
    facts = entry.facts
    return _("role ended: %(person)s, %(role)s") % {
        "person": facts.get("person", ""),
        "role": ROLES.get(facts.get("role", ""), ""),
    }


def _hand_over(entry: LogEntry) -> str:
    facts = entry.facts
    if facts.get("former"):
        return _("the named employee is now %(person)s, before %(former)s") % {
            "person": facts.get("person", ""),
            "former": facts["former"],
        }
    return _("the named employee is now %(person)s") % {"person": facts.get("person", "")}


def _budget(entry: LogEntry) -> str:
    return _("budget of %(year)s: %(amount)s") % {
        "year": entry.facts.get("year", ""),
        "amount": formats.money(Decimal(entry.facts.get("amount", 0)), get_language() or "fi"),
    }


def _told(entry: LogEntry) -> str:
    if entry.facts.get("how") == "post":
        return _("told by post")
    return _("told by telephone")


WORDS: Words = {
    "unit.add": gettext_lazy("unit added"),
    "unit.change": gettext_lazy("unit changed"),
    "unit.budget": _budget,
    "unit.budget_noted": gettext_lazy("took note of the warning about the budget"),
    "grant.add": _grant,
    "grant.end": _grant_end,
    "grant.hand_over": _hand_over,
    "away.note": gettext_lazy("absence written down"),
    "away.end": gettext_lazy("absence taken back or ended"),
    "export.ask": gettext_lazy("asked for a year's list as a file"),
    "remindersetting.change": gettext_lazy("reminder changed"),
    "remindersetting.remove": gettext_lazy("change of a reminder taken back"),
    "messagetext.save": gettext_lazy("text of a message changed"),
    "messagetext.reset": gettext_lazy("text of a message as the program says it"),
    "outboxmessage.resend": gettext_lazy("sent again"),
    "outboxmessage.hold": gettext_lazy("put on hold"),
    "outboxmessage.release": gettext_lazy("released"),
    "outboxmessage.edit": gettext_lazy("text edited"),
    "outboxmessage.discard": gettext_lazy("not needed"),
    "outboxmessage.overtaken": gettext_lazy("no longer needed: it was not true any more"),
    "outboxmessage.tell": _told,
}
