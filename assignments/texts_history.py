"""What the log says of orders, offers, sessions and moves (office.history.lines)."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assignments.states import Outcome
from assignments.texts import moment, money, span
from office.history import Words as HistoryWords
from office.models import LogEntry


def _closed(entry: LogEntry) -> str:
    outcome = str(Outcome(entry.facts["outcome"]).label)
    words = _("marked “%(outcome)s”") % {"outcome": outcome}
    received = entry.facts.get("received_at")
    if received and datetime.fromisoformat(received) != entry.at:
        words += ", " + _("told %(received)s") % {"received": moment(datetime.fromisoformat(received))}
    return words + ", " + _("fee %(fee)s") % {"fee": money(entry.facts["fee"])}


def _new_price(entry: LogEntry) -> str:
    return _("took the price of the table approved later: %(was)s → %(now)s") % {
        "was": money(entry.facts["was"]),
        "now": money(entry.facts["now"]),
    }


def _decided(entry: LogEntry) -> str:
    return _("decided the fee %(decided)s; by the rule it is %(rule)s") % {
        "decided": money(entry.facts["decided"]),
        "rule": money(entry.facts["rule"]),
    }


def _by_the_rule(entry: LogEntry) -> str:
    return _("the fee is by the rule again: %(rule)s") % {"rule": money(entry.facts["rule"])}


def _place(entry: LogEntry) -> str:
    return _("changed the place: %(place)s") % {"place": entry.facts["place"]}


def _reopened(entry: LogEntry) -> str:
    return _("took back “%(outcome)s”: agreed as before") % {"outcome": Outcome(entry.facts["outcome"]).label}


def _proposed(entry: LogEntry) -> str:
    times = span(*(datetime.fromisoformat(entry.facts[name]) for name in ("starts_at", "ends_at")))
    if entry.facts.get("cancel"):
        return _("proposed %(time)s, otherwise cancelled") % {"time": times}
    return _("proposed %(time)s") % {"time": times}


def _agreed(entry: LogEntry) -> str:
    fee = entry.facts.get("agreed_fee")
    return _("agreed, fee %(fee)s") % {"fee": money(fee)} if fee else _("agreed")


#: What the log says of orders, offers, sessions and moves (office.history.lines).
WORDS: HistoryWords = {
    "order.written": gettext_lazy("wrote the order"),
    "order.copied": gettext_lazy("began the order from an earlier one"),
    "order.recorded": gettext_lazy("recorded the order as agreed"),
    "order.for_another_expert": gettext_lazy("the order looks for another expert, because a contract ends"),
    "order.apart": gettext_lazy("the times after the end of the other expert's contract are an order of their own"),
    "order.changed": gettext_lazy("changed the order"),
    "order.second": gettext_lazy("a second expert belongs to the order"),
    "order.one_expert": gettext_lazy("the order is for one expert"),
    "order.ask_another": gettext_lazy("asked another second expert"),
    "order.left_to_coordinator": gettext_lazy("the coordinator looks for a second expert"),
    "order.goes_on_with_one": gettext_lazy("the work goes on with one expert"),
    "order.change": gettext_lazy("opened the order for changes: what was asked holds no more"),
    "order.choose": gettext_lazy("chose the expert; the order is agreed"),
    "order.trust_to_coordinator": gettext_lazy(
        "ordered without confirmation, as the unit has decided; the coordinator looks for an expert"
    ),
    "order.trust_and_offer": gettext_lazy("ordered without confirmation, as the unit has decided; it is offered"),
    "order.submit": gettext_lazy("sent the order to be confirmed"),
    "order.confirm_to_coordinator": gettext_lazy("confirmed the order; the coordinator looks for an expert"),
    "order.confirm_and_offer": gettext_lazy("confirmed the order; it is offered to the expert"),
    "order.offer": gettext_lazy("offered the order to an expert"),
    "order.agree": gettext_lazy("the order is agreed"),
    "order.look_again": gettext_lazy("the order looks for an expert again"),
    "order.cancel": gettext_lazy("cancelled the order"),
    "offer.accept": gettext_lazy("accepted the offer"),
    "offer.decline": gettext_lazy("declined the offer"),
    "offer.withdraw": gettext_lazy("took the offer back"),
    "offer.can": gettext_lazy("told: I can take it"),
    "offer.choose": gettext_lazy("chose the expert"),
    "offer.not_chosen": gettext_lazy("somebody else was chosen"),
    "offer.turn": gettext_lazy("the question was sent"),
    "offer.skip": gettext_lazy("passed over: the expert could not take it any more"),
    "offer.expire": gettext_lazy("no answer in time"),
    "offer.lapse": gettext_lazy("nobody was chosen in time; the expert's times are free again"),
    "session.agree": _agreed,
    "session.drop": gettext_lazy("the time fell away: it was never agreed"),
    "session.close": _closed,
    "session.reopen": _reopened,
    "session.decide_fee": _decided,
    "session.by_the_rule": _by_the_rule,
    "session.new_price": _new_price,
    "session.place": _place,
    "session.added": gettext_lazy("added the time afterwards, as held"),
    "order.row_removed": lambda entry: (
        _("removed the time added afterwards: %(times)s") % {"times": entry.facts["times"]}
    ),
    "session.costs": gettext_lazy("wrote what the receipts come to"),
    "session.receipt_added": gettext_lazy("added a receipt"),
    "session.receipt_removed": gettext_lazy("removed a receipt"),
    "process.begin": gettext_lazy("the first meeting was held; the process goes on"),
    "process.back": gettext_lazy("no meeting is marked as held any more; the process is planned"),
    "process.end": gettext_lazy("ended the process"),
    "process.open_again": gettext_lazy("opened the process again"),
    "process.replan": gettext_lazy("changed the plan"),
    "meeting.write": gettext_lazy("wrote the meeting"),
    "decision.write": gettext_lazy("wrote down a decision"),
    "decision.done": gettext_lazy("marked as done"),
    "decision.not_done": gettext_lazy("marked as not done"),
    "session.moved_here": gettext_lazy("agreed as a new time of an earlier session"),
    "move.propose": _proposed,
    "move.suit": gettext_lazy("the new time suits; the other expert has not answered yet"),
    "move.accept": gettext_lazy("accepted the new time"),
    "move.decline": gettext_lazy("the new time does not suit"),
    "move.withdraw": gettext_lazy("the proposal of a new time fell away"),
}
