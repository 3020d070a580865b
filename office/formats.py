"""Dates, times, amounts and hours as people write them in Finnish, Finland-Swedish and English.

Pure: the language is given (``"fi"``, ``"sv"``, ``"en"``; anything else is English). Moments are shown in
Europe/Helsinki; a naive datetime is taken as Helsinki time already. Parts that must not be torn
apart are joined with no-break spaces.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

HELSINKI = ZoneInfo("Europe/Helsinki")
NBSP = "\u00a0"
MINUS = "\u2212"

_DAYS = {
    "fi": ("ma", "ti", "ke", "to", "pe", "la", "su"),
    "sv": ("må", "ti", "on", "to", "fr", "lö", "sö"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
_LONG_DAYS = {
    "fi": ("maanantai", "tiistai", "keskiviikko", "torstai", "perjantai", "lauantai", "sunnuntai"),
    "sv": ("måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
_MONTHS = {
    "fi": (
        "tammikuu", "helmikuu", "maaliskuu", "huhtikuu", "toukokuu", "kesäkuu",
        "heinäkuu", "elokuu", "syyskuu", "lokakuu", "marraskuu", "joulukuu",
    ),
    "sv": (
        "januari", "februari", "mars", "april", "maj", "juni",
        "juli", "augusti", "september", "oktober", "november", "december",
    ),
    "en": (
        "January", "February", "March", "April", "May", "June",
        "July", "August", "September", "October", "November", "December",
    ),
}  # fmt: skip
_AT = {"fi": "klo", "sv": "kl.", "en": "at"}


def known(language: str) -> str:
    """``"fi-fi"`` → ``"fi"``; a language without words of its own → ``"en"``."""
    short = language[:2]
    return short if short in _DAYS else "en"


def local(value: datetime) -> datetime:
    """The moment on the clock of Europe/Helsinki."""
    return value.astimezone(HELSINKI) if value.tzinfo else value


def as_date(value: date | datetime) -> date:
    """The calendar day in Europe/Helsinki."""
    return local(value).date() if isinstance(value, datetime) else value


def day(value: date | datetime, language: str) -> str:
    """``to 2.4.2026``, ``to 2.4.2026``, ``Thu 2 Apr 2026``."""
    return _day(as_date(value), known(language), _DAYS, year=True)


def day_short(value: date | datetime, language: str) -> str:
    """Without the year: ``to 2.4.``, ``Thu 2 Apr``."""
    return _day(as_date(value), known(language), _DAYS, year=False)


def day_long(value: date | datetime, language: str) -> str:
    """``torstai 2.4.2026``, ``torsdag 2.4.2026``, ``Thursday 2 April 2026``."""
    return _day(as_date(value), known(language), _LONG_DAYS, year=True)


def _day(value: date, language: str, names: Mapping[str, tuple[str, ...]], *, year: bool) -> str:
    weekday = names[language][value.weekday()]
    if language == "en":
        month = _MONTHS["en"][value.month - 1]
        month = month if names is _LONG_DAYS else month[:3]
        return f"{weekday}{NBSP}{value.day}{NBSP}{month}" + (f"{NBSP}{value.year}" if year else "")
    return f"{weekday}{NBSP}{value.day}.{value.month}." + (str(value.year) if year else "")


def clock(value: datetime | time, language: str) -> str:
    """``9.05`` in Finnish and Swedish, ``9:05`` in English."""
    at = local(value) if isinstance(value, datetime) else value
    return f"{at.hour}{':' if known(language) == 'en' else '.'}{at.minute:02}"


def moment(value: datetime, language: str) -> str:
    """``to 2.4.2026 klo 15.00``, ``to 2.4.2026 kl. 15.00``, ``Thu 2 Apr 2026 at 15:00``."""
    return f"{day(value, language)} {_AT[known(language)]}{NBSP}{clock(value, language)}"


def moment_short(value: datetime, language: str) -> str:
    """Without the year: ``to 2.4. klo 15.00``."""
    return f"{day_short(value, language)} {_AT[known(language)]}{NBSP}{clock(value, language)}"


def timespan(start: datetime, end: datetime, language: str) -> str:
    """``14.00–15.45``; when it ends on another day, that day is said too."""
    last = clock(end, language)
    if as_date(start) != as_date(end):
        last = f"{day_short(end, language)}{NBSP}{last}"
    return f"{clock(start, language)}–{last}"


def month_name(value: date | datetime, language: str) -> str:
    """``lokakuu 2026``, ``oktober 2026``, ``October 2026``."""
    when = as_date(value)
    return f"{_MONTHS[known(language)][when.month - 1]}{NBSP}{when.year}"


def month_word(value: date | datetime, language: str) -> str:
    """The month alone: ``lokakuu``."""
    return _MONTHS[known(language)][as_date(value).month - 1]


def weekday(value: date | datetime, language: str) -> str:
    """``to``, ``to``, ``Thu``."""
    return _DAYS[known(language)][as_date(value).weekday()]


def number(value: Decimal | float, language: str, decimals: int | None = None) -> str:
    """``1 234,5`` or ``1,234.5``. ``decimals`` only adds or cuts digits of what is already rounded; None keeps them."""
    amount = value if isinstance(value, Decimal) else Decimal(str(value))
    plain = f"{abs(amount):,.{decimals}f}" if decimals is not None else f"{abs(amount):,f}"
    if known(language) != "en":
        plain = plain.replace(",", NBSP).replace(".", ",")
    return f"{MINUS}{plain}" if amount < 0 and plain.strip("0,.\u00a0") else plain


def money(value: Decimal | int, language: str) -> str:
    """``1 234,50 €`` or ``€1,234.50``; a negative sum has a true minus sign."""
    plain = number(value, language, 2)
    if known(language) != "en":
        return f"{plain}{NBSP}€"
    return f"{MINUS}€{plain[1:]}" if plain.startswith(MINUS) else f"€{plain}"


def hours(minutes: int | timedelta) -> str:
    """Minutes → ``1 h 45 min``, ``2 h``, ``30 min``; the same in the three languages."""
    total = int(minutes.total_seconds() // 60) if isinstance(minutes, timedelta) else int(minutes)
    sign, total = (MINUS, -total) if total < 0 else ("", total)
    full, rest = divmod(total, 60)
    parts = [f"{full}{NBSP}h"] if full else []
    if rest or not full:
        parts.append(f"{rest}{NBSP}min")
    return sign + NBSP.join(parts)


def phone_digits(value: str) -> str:
    """A Finnish number for a ``tel:`` address: ``040 123 4567`` → ``+358401234567``."""
    digits = "".join(sign for sign in value if sign.isdigit() or sign == "+")
    if digits.startswith("00"):
        return "+" + digits[2:]
    return "+358" + digits[1:] if digits.startswith("0") else digits
