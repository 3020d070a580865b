"""Words of the history of contracts and their texts."""

from datetime import date

from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from office.formats import day
from office.history import Words
from office.models import LogEntry


def _ended(entry: LogEntry) -> str:
    if not entry.facts.get("last_day"):
        return _("contract ended early")
    last = day(date.fromisoformat(entry.facts["last_day"]), get_language() or "fi")
    return _("contract ended early, last day %(day)s") % {"day": last}


CONTRACT_WORDS: Words = {
    "contract.add": gettext_lazy("contract drafted"),
    "contract.change": gettext_lazy("draft of the contract changed"),
    "contract.send": gettext_lazy("contract sent to the expert"),
    "contract.accept": gettext_lazy("contract accepted, signed in"),
    "contract.note_paper": gettext_lazy("noted that the expert has signed on paper"),
    "contract.ask_change": gettext_lazy("asked for a change of the contract"),
    "contract.take_back": gettext_lazy("contract taken back to be changed"),
    "contract.countersign": gettext_lazy("contract signed for the county and put in force"),
    "contract.sign": gettext_lazy("contract put in force"),
    "contract.renew": gettext_lazy("next contract drafted"),
    "contract.end": _ended,
    "contracttext.add": gettext_lazy("version of the text drafted"),
    "contracttext.change": gettext_lazy("draft of the text changed"),
    "contracttext.take_into_use": gettext_lazy("text taken into use"),
    "contracttext.replace": gettext_lazy("text replaced by the next version"),
    "contracttext.remove": gettext_lazy("draft of the text removed"),
}

CONTRACT_READS = {
    "contract": pgettext_lazy("looked at", "a contract"),
    "contract file": pgettext_lazy("looked at", "a file of a contract"),
}
