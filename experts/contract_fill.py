"""A contract's text filled from the registry, in the contract's language (R26). Asks policies, topics, fee items."""

from datetime import date
from pathlib import Path

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from experts import rules
from experts.models import Contract, ContractText
from feetables.models import FeeItem, FeeTable
from feetables.texts import item_words
from office import formats
from office.choices import TASK_TYPES
from office.policies import Rules, rules_on
from office.templatetags.erfa import localname

KIND_WORDS = dict(TASK_TYPES)
DASH = "–"
MODEL = Path(__file__).with_name("model_contract")


def model_text(language: str) -> str:
    """The model from which an office begins its own text."""
    return (MODEL / f"{language}.txt").read_text(encoding="utf-8")


def text_of(contract: Contract, version: ContractText) -> str:
    """The whole text of a draft as it would be sent now."""
    return rules.fill(version.body, values_of(contract, version.notice_days))


def values_of(contract: Contract, notice_days: int) -> dict[str, str]:
    """What the placeholders say of a draft."""
    language = contract.language
    with translation.override(language):
        topics = [localname(own.topic) for own in contract.expert.expert_topics.select_related("topic")]
        table = contract.fee_table
        return {
            "name": str(contract.expert),
            "training": _told(contract.training),
            "experience": _told(contract.experience),
            "wishes": _told(contract.wishes),
            "tasks": _plain(contract.tasks) or _("agreed on each order"),
            "topics": ", ".join(topics)
            if contract.name_topics and topics
            else _("not named in this contract; they are kept in the registry of experts"),
            "kinds": ", ".join(_small(str(KIND_WORDS.get(kind, kind))) for kind in contract.kinds),
            "validity": validity(contract.valid_from, contract.valid_to, language),
            "valid_from": _day(contract.valid_from, language),
            "fee_table": table_words(table, language) if table else DASH,
            "fees": fees_words(table, contract.kinds, language) if table else DASH,
            "notice_days": str(notice_days),
            **_rule_words(rules_on(contract.valid_from), language),
        }


def example_values(language: str, *, day: date, notice_days: int) -> dict[str, str]:
    """An invented expert, for the preview of a text."""
    with translation.override(language):
        kinds = ", ".join(_small(str(word)) for _code, word in TASK_TYPES[:3])
        first = date(day.year + 1, 1, 1)
        return {
            "name": "Aino Esimerkki" if language != "sv" else "Anna Exempel",
            "training": _("training of experience experts, 2024"),
            "experience": _("two years in groups"),
            "topics": _("recovery from an illness"),
            "wishes": _("groups in the evening"),
            "tasks": _("groups of young adults"),
            "kinds": kinds,
            "validity": validity(first, date(first.year, 12, 31), language),
            "valid_from": _day(first, language),
            "fee_table": _("Example table 2026 (county board 15.12.2025, § 1)"),
            "fees": _("example 25.00 € per hour"),
            "notice_days": str(notice_days),
            **_rule_words(rules_on(day), language),
        }


def validity(valid_from: date, valid_to: date | None, language: str) -> str:
    """``1.1.2027–31.12.2027``, or from a day on, in the language that is active."""
    first = _day(valid_from, language)
    if valid_to is None:
        return _("from %(day)s until further notice") % {"day": first}
    return f"{first}–{_day(valid_to, language)}"


def table_words(table: FeeTable, language: str) -> str:
    """The version by its decision: who decided, when, section and diary number (R17)."""
    decided = " ".join(part for part in (table.decided_by, _day(table.decided_on, language), table.section) if part)
    decision = ", ".join(part for part in (decided, table.diary_number) if part)
    name = table.name_in(language)
    return f"{name} ({decision})" if decision else name


def fees_words(table: FeeTable, kinds: list[str], language: str) -> str:
    """The table's items for these kinds of work, and what is paid for a journey."""
    shown = [item for item in table.items.all() if not item.kinds or set(item.kinds) & set(kinds)]
    travel = [item for item in shown if item.purpose == FeeItem.Purpose.TRAVEL]
    others = [item for item in shown if item.purpose != FeeItem.Purpose.TRAVEL]
    return "; ".join(f"{localname(item)} {item_words(item, language)}" for item in others + travel) or DASH


def _rule_words(policy: Rules, language: str) -> dict[str, str]:
    """R11, R12, R19, R20 as the office's policy of the day says."""
    clock = formats.clock(policy.cancellation_time, language)
    if policy.cancellation_basis == "previous_calendar_day":
        free = _("until %(clock)s on the day before it") % {"clock": clock}
    else:
        free = _(
            "until %(clock)s on the working day before it; working days are from Monday to Friday, but not public "
            "holidays, Christmas Eve or Midsummer Eve"
        ) % {"clock": clock}
    pay = (
        _("on the last day of that month, or on the banking day before it when that is not a banking day")
        if policy.pay_day_moves
        else _("on the last day of that month")
    )
    return {
        "county": settings.COUNTY_NAME[language],
        "free_until_rule": free,
        "list_day": str(policy.list_due_day),
        "pay_rule": pay,
    }


def _day(value: date | None, language: str) -> str:
    """The day without its weekday, as contracts write it."""
    if value is None:
        return ""
    return f"{value.day}.{value.month}.{value.year}" if language != "en" else f"{value:%-d %B %Y}"


def _plain(written: str) -> str:
    return " ".join(written.split()).rstrip(".")


def _told(written: str) -> str:
    return _plain(written) or _("not told")


def _small(words: str) -> str:
    return words[:1].lower() + words[1:]
