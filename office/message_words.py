"""What the placeholders of messages mean, for whoever writes a text."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

MEANINGS: dict[str, str | Promise] = {
    "begins": _("from when"),
    "co_leader": _("the other experience expert of the pair"),
    "day": _("the day"),
    "due": _("the last day for it"),
    "ends": _("the last day"),
    "expert": _("the experience expert"),
    "first": _("the first time"),
    "first_name": _("the reader's first name"),
    "group": _("the group"),
    "kind": _("the kind of work"),
    "limit": _("until when it can be cancelled free of charge"),
    "lines": _("how many lines"),
    "moment": _("the time"),
    "month": _("the month"),
    "n": _("how many"),
    "name": _("the name"),
    "number": _("the number"),
    "pay": _("the pay day"),
    "pay_date": _("the pay day"),
    "people": _("how many experts"),
    "role": _("the role"),
    "rows": _("how many rows"),
    "sum": _("the sum"),
    "table": _("the fee table"),
    "total": _("the sum"),
    "unit": _("the unit"),
    "until": _("until when"),
    "when": _("the time"),
    "who": _("who does it"),
    "year": _("the year"),
}
#: Where a name means something of its own.
OF_KIND: dict[tuple[str, str], str | Promise] = {
    ("remind_month_board", "n"): _("how many lists have not been sent"),
    ("remind_month_board", "m"): _("how many lists wait at the units"),
    ("remind_month_board", "k"): _("how many lists are approved"),
    ("remind_check", "number"): _("how many hour lists"),
    ("rows_rejected", "number"): _("the number of the payment run"),
    ("run_made", "number"): _("the number of the payment run"),
    ("run_corrected", "amount"): _("the sum"),
    ("list_opened", "opener"): _("the coordinator who opened it"),
}


def meaning(kind: str, name: str) -> str:
    """What the placeholder stands for, in the reader's language."""
    return str(OF_KIND.get((kind, name)) or MEANINGS[name])
