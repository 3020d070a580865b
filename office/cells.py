"""One cell of a sheet as a value. Each function refuses with words for the person who typed it."""

import difflib
import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from office.sheets import FORMULA
from office.validators import has_identity_code
from office.workdays import HELSINKI


class CellError(ValueError):
    """The cell cannot be taken; the message says why."""


def bare(value: str) -> str:
    """The text without the apostrophe by which our own files keep a spreadsheet from running it (office.sheets)."""
    return value[1:] if value.startswith("'") and value[1:2] in FORMULA else value


def text(value: str, *, longest: int = 200, needed: bool = False) -> str:
    """Plain text: no formula, no personal identity code."""
    value = bare(value)
    if value.startswith(FORMULA) and not re.fullmatch(r"[+-][\d\s()-]*", value):
        raise CellError(_("The cell begins like a formula (%(sign)s).") % {"sign": value[0]})
    if has_identity_code(value):
        raise CellError(_("The cell holds what looks like a personal identity code. Take it away from the sheet."))
    if needed and not value:
        raise CellError(_("The cell is empty."))
    if len(value) > longest:
        raise CellError(_("The text is longer than %(longest)s characters.") % {"longest": longest})
    return value


def email(value: str, *, needed: bool = True) -> str:
    """An address in small letters."""
    found = text(value, longest=254).lower()
    if not found:
        if needed:
            raise CellError(_("The e-mail address is missing."))
        return ""
    try:
        validate_email(found)
    except ValidationError:
        raise CellError(_("“%(value)s” is not an e-mail address.") % {"value": value}) from None
    return found


def day(value: str) -> date:
    """d.m.yyyy (or yyyy-mm-dd); the year has four digits and the day exists."""
    finnish = re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d+)", value)
    iso = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", value)
    if not finnish and not iso:
        raise CellError(_("“%(value)s” is not a date (d.m.yyyy).") % {"value": value})
    if finnish:
        d, m, y = finnish.groups()
        if len(y) != 4:
            raise CellError(_("“%(value)s”: write the year with four digits.") % {"value": value})
    else:
        y, m, d = iso.groups()  # type: ignore[union-attr]  # one of the two matched
    try:
        return date(int(y), int(m), int(d))
    except ValueError:
        raise CellError(_("There is no day %(value)s.") % {"value": value}) from None


def clock(value: str) -> time:
    """9.00, 9:00 or 9."""
    found = re.fullmatch(r"(\d{1,2})(?:[.:](\d{2}))?", value)
    if not found or int(found[1]) > 23 or int(found[2] or 0) > 59:
        raise CellError(_("“%(value)s” is not a time (9.00).") % {"value": value})
    return time(int(found[1]), int(found[2] or 0))


def moment(value: str) -> datetime:
    """d.m.yyyy h.mm in Helsinki."""
    parts = value.split()
    if len(parts) == 3 and parts[1].casefold() in {"klo", "kl", "kl."}:
        parts = [parts[0], parts[2]]
    if len(parts) != 2:
        raise CellError(_("“%(value)s” is not a day and a time (d.m.yyyy h.mm).") % {"value": value})
    return datetime.combine(day(parts[0]), clock(parts[1]), tzinfo=HELSINKI)


def number(value: str, *, decimals: int = 2) -> Decimal | None:
    """1 234,50 or 1234.50; empty is None."""
    if not value:
        return None
    bare = value.replace("\u00a0", "").replace("\u202f", "").replace(" ", "").removesuffix("€").replace(",", ".")
    try:
        found = Decimal(bare)
    except InvalidOperation:
        raise CellError(_("“%(value)s” is not a number.") % {"value": value}) from None
    if not found.is_finite() or found < 0 or found >= Decimal(10) ** 9:
        raise CellError(_("“%(value)s” is not an amount.") % {"value": value})
    if found != round(found, decimals):
        raise CellError(_("“%(value)s” has too many decimals.") % {"value": value})
    return found


def whole(value: str) -> int | None:
    """A whole number; empty is None."""
    found = number(value, decimals=0)
    return None if found is None else int(found)


def year(value: str) -> int | None:
    """A year with four digits; empty is None."""
    found = whole(value)
    if found is not None and not 2000 <= found <= 2100:
        raise CellError(_("“%(value)s” is not a year.") % {"value": value})
    return found


def one_of(value: str, known: Mapping[str, str], what: str) -> str:
    """The code of a word; a misspelt word is told the nearest right one."""
    found = known.get(value.strip().casefold())
    if found is None:
        near = difflib.get_close_matches(value.casefold(), known, n=1)
        hint = " " + _("Did you mean “%(near)s”?") % {"near": near[0]} if near else ""
        raise CellError(_("Unknown %(what)s “%(value)s”.") % {"what": what, "value": value} + hint)
    return found


def several(value: str, known: Mapping[str, str], what: str) -> list[str]:
    """Codes of words separated by ; or , in the order given, each once. A known name may have a comma in it."""
    words: list[str] = []
    for part in value.split(";"):
        words += [part] if part.strip().casefold() in known else part.split(",")
    return list(dict.fromkeys(one_of(word.strip(), known, what) for word in words if word.strip()))


def folded(names: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Word → code, compared without case."""
    return {word.casefold(): code for word, code in names}
