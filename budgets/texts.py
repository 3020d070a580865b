"""Words for warning levels and the parts of a month."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from budgets.rules import Level

LEVEL_WORDS: dict[Level, str | Promise] = {
    Level.UNSET: _("No budget"),
    Level.BELOW: _("Within the budget"),
    Level.NEAR: _("Near the budget"),
    Level.OVER: _("Over the budget"),
}
#: Tone and sign of a level: word, sign and colour together, never colour alone.
LEVEL_LOOKS = {
    Level.UNSET: ("", "○"),
    Level.BELOW: ("ok", "✓"),
    Level.NEAR: ("wait", "!"),
    Level.OVER: ("stop", "▲"),
}

#: The parts of a bar, in the order in which they lie (budgets.rules.PARTS).
PART_WORDS: dict[str, str | Promise] = {
    "used": pgettext_lazy("euros", "Used"),
    "approved": pgettext_lazy("euros", "Approved"),
    "reported": pgettext_lazy("euros", "Reported"),
    "agreed": pgettext_lazy("euros", "Agreed"),
    "expected": _("Still expected"),
}
