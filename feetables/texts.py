"""Fee items in words, and why a table is not ready. Translated here, at the edge."""

from collections.abc import Iterable, Mapping

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from feetables.models import DatedAmount, FeeItem
from feetables.rules import Basis
from office.choices import TASK_TYPES
from office.formats import hours, money, number
from office.history import Words

WORDS: Words = {
    "feetable.add": gettext_lazy("drafted"),
    "feetable.change": gettext_lazy("draft changed"),
    "feetable.items": gettext_lazy("items changed"),
    "feetable.approve": gettext_lazy("approved"),
    "feetable.amount": gettext_lazy("base amount changed"),
    "feetable.differences": gettext_lazy("difference lines made"),
    "feetable.new_prices": gettext_lazy("agreed prices changed to those of this table"),
    "feetable.looked": gettext_lazy("differences looked at, nothing more to make"),
    "feetable.close": gettext_lazy("last day set, because the next table begins"),
}

KINDS = dict(TASK_TYPES)

KINDS = dict(TASK_TYPES)

#: Words for the codes of FeeError and of ``bracket_faults``.
FAULTS = {
    "amount": gettext_lazy("The amount is euros and cents, not below zero."),
    "amount_max": gettext_lazy("The highest amount is euros and cents, not below zero."),
    "code": gettext_lazy("The code is missing."),
    "income_type": gettext_lazy("The income type has three digits."),
    "amount_max_only_per_event": gettext_lazy("Only what is counted by event has a highest amount."),
    "amount_max_below_amount": gettext_lazy("The highest amount is below the lowest."),
    "negative_minutes": gettext_lazy("Minutes are not below zero."),
    "minutes_only_per_hour": gettext_lazy("Only what is counted by the hour has a minimum and steps."),
    "bracket_only_by_duration": gettext_lazy("Only what is counted by duration has limits of length."),
    "bracket_empty": gettext_lazy("The lower limit of length is not below the upper one."),
    "bracket_missing": gettext_lazy("What is counted by duration needs a limit of length."),
    "share_without_percent": gettext_lazy("A share needs its per cent."),
    "share_incomplete": gettext_lazy("A share needs its per cent, its base amount and what that is."),
    "share_is_no_range": gettext_lazy("A share is one amount, no range."),
    "share_amount": gettext_lazy("The amount is not this share of the base amount."),
    "base_amount": gettext_lazy("The base amount is euros and cents."),
    "ambiguous": gettext_lazy("two items with different conditions fit the same work equally well"),
    "starts_late": gettext_lazy("short work has no item"),
    "gap": gettext_lazy("there is a gap between two limits of length"),
    "overlap": gettext_lazy("two items fit the same length"),
    "ends_early": gettext_lazy("long work has no item"),
    "several": gettext_lazy("there are several items for the same work"),
    "mixed": gettext_lazy("items by duration and other items are mixed"),
}


def base_name(code: str) -> str:
    """The name of a base amount or tax-free maximum, by its code."""
    return str(DatedAmount.Code(code).label) if code in DatedAmount.Code.values else code


def item_words(item: FeeItem, language: str | None = None) -> str:
    """``25,00 € per hour, each started 15 min, at least 2 h`` in the language (default: that of the page)."""
    language = language or translation.get_language() or "fi"
    with translation.override(language):
        return "; ".join([_paid(item, language), *_share(item, language)])


def _share(item: FeeItem, language: str) -> list[str]:
    if item.percent is None:
        return []
    words = _("%(percent)s %% of the %(base)s") % {
        "percent": number(item.percent.normalize() + 0, language),
        "base": base_name(item.base),
    }
    if item.base_amount is not None:
        words += f" ({money(item.base_amount, language)})"
    return [words]


def condition_words(item: FeeItem, trainings: Mapping[str, str]) -> list[str]:
    """For whom and for which work the item is, when not for all."""
    words = [str(label) for label in (item.get_company_display(), item.get_way_display()) if label]
    if item.training:
        name = trainings.get(item.training, item.training)
        words.insert(0, _("only with the training %(name)s") % {"name": name})
    return words


def _paid(item: FeeItem, language: str) -> str:
    amount = money(item.amount, language)
    if item.basis == Basis.PER_HOUR:
        return ", ".join(_per_hour(item, amount))
    if item.basis == Basis.BY_DURATION:
        return f"{amount}, {_length(item)}"
    if item.amount_max is not None:
        high = money(item.amount_max, language)
        return _("%(low)s–%(high)s an event, agreed on the order") % {"low": amount, "high": high}
    words = {
        Basis.PER_MEETING: _("%(amount)s a meeting, whatever its length"),
        Basis.PER_EVENT: _("%(amount)s an event"),
        Basis.PER_KM: _("%(amount)s a kilometre"),
        Basis.PER_MONTH: _("%(amount)s a month"),
    }
    return words[Basis(item.basis)] % {"amount": amount}


def _per_hour(item: FeeItem, amount: str) -> list[str]:
    parts = [_("%(amount)s per hour") % {"amount": amount}]
    if item.step_minutes > 1:
        parts.append(_started(item.step_minutes))
    if item.minimum_minutes:
        parts.append(_("at least %(time)s") % {"time": hours(item.minimum_minutes)})
    return parts


def _started(minutes: int) -> str:
    words = {15: _("each started quarter of an hour"), 30: _("each started half hour"), 60: _("each started hour")}
    return words.get(minutes) or _("each started %(time)s") % {"time": hours(minutes)}


def _length(item: FeeItem) -> str:
    if item.up_to_minutes is None:
        return _("when longer than %(time)s") % {"time": hours(item.over_minutes or 0)}
    if not item.over_minutes:
        return _("at most %(time)s") % {"time": hours(item.up_to_minutes)}
    return _("longer than %(over)s, at most %(up_to)s") % {
        "over": hours(item.over_minutes),
        "up_to": hours(item.up_to_minutes),
    }


def fault_words(faults: Iterable[tuple[str, str]]) -> list[str]:
    """``Lecture or training: short work has no item`` for (kind in words, code)."""
    return [f"{kind}: {FAULTS.get(code, code)}" for kind, code in faults]
