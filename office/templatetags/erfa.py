"""What templates say: dates, money, hours, states, links. All follow the language of the page; time is Europe/Helsinki.

Filters answer "" for nothing, so that a template needs no ``if`` around them.
"""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django import template
from django.core.paginator import Page
from django.http import QueryDict
from django.utils import translation
from django.utils.html import format_html
from django.utils.safestring import SafeString

from office import formats, municipalities, typed
from office.forms_rendering import all_problems

register = template.Library()

# One table of tones for the whole product: a state looks the same wherever it is met. (tone, sign)
_TONE_OF: tuple[tuple[str, str, str], ...] = (
    ("", "○", "draft open new planned missing todo"),
    ("", "–", "ended expired withdrawn archived inactive dropped superseded none group_ended cancelled_in_time closed"),
    ("", "–", "interrupted not_chosen"),
    ("", "…", "queued to_gather"),
    ("", "⇒", "carried resent"),
    ("wait", "!", "on_hold away"),
    ("ok", "✓", "gathered told"),
    ("do", "→", "running"),
    ("ok", "✓", "can"),
    ("wait", "…", "enrolled"),
    ("", "⇒", "moved"),
    ("do", "→", "to_confirm looking offered suggested proposed check to_check made by_hand"),
    ("wait", "…", "waiting suits sending sent at_unit in_payment pending submitted invited"),
    ("wait", "!", "changed late cancelled_late shortened_late no_show nobody_came soon held_back"),
    ("stop", "←", "returned"),
    ("stop", "×", "cancelled declined rejected refused failed overdue expert_ill expert_cancelled absent"),
    ("ok", "✓", "agreed accepted confirmed approved held done valid active signed paid checked complete delivered"),
    ("ok", "✓", "attended present signed_up completed"),
)
TONES = {state: (tone, sign) for tone, sign, states in _TONE_OF for state in states.split()}


def _language() -> str:
    return translation.get_language() or "fi"


def _said(function: Callable[[Any, str], str], value: Any) -> str:
    return "" if value is None or value == "" else function(value, _language())


@register.filter
def money(value: Decimal | int | None) -> str:
    """``1 234,50 €`` (fi, sv), ``€1,234.50`` (en)."""
    return _said(formats.money, value)


@register.filter
def amount(value: Decimal | int | None) -> str:
    """Two decimals without the sign of money, for a column headed with €."""
    return "" if value is None or value == "" else formats.number(value, _language(), 2)


@register.filter
def number(value: Decimal | float | None, decimals: int | None = None) -> str:
    """``1 234,5``; with an argument that many decimals."""
    return "" if value is None or value == "" else formats.number(value, _language(), decimals)


@register.filter
def hours(value: int | timedelta | None) -> str:
    """Minutes or a timedelta as ``1 h 45 min``."""
    return "" if value is None or value == "" else formats.hours(value)


@register.filter
def day(value: date | datetime | None) -> str:
    """``to 2.4.2026``."""
    return _said(formats.day, value)


@register.filter
def day_short(value: date | datetime | None) -> str:
    """``to 2.4.``."""
    return _said(formats.day_short, value)


@register.filter
def day_long(value: date | datetime | None) -> str:
    """``torstai 2.4.2026``."""
    return _said(formats.day_long, value)


@register.filter
def moment(value: datetime | None) -> str:
    """``to 2.4.2026 klo 15.00``."""
    return _said(formats.moment, value)


@register.filter
def moment_short(value: datetime | None) -> str:
    """``to 2.4. klo 15.00``."""
    return _said(formats.moment_short, value)


@register.filter
def clock(value: datetime | time | None) -> str:
    """``15.00``."""
    return _said(formats.clock, value)


@register.filter
def month_name(value: date | datetime | None) -> str:
    """``lokakuu 2026``."""
    return _said(formats.month_name, value)


@register.filter
def timespan(start: datetime | None, end: datetime | None) -> str:
    """``{{ session.start|timespan:session.end }}`` → ``14.00–15.45``."""
    return "" if not start or not end else formats.timespan(start, end, _language())


@register.filter
def localname(value: Any, field: str = "name") -> str:
    """The name of a unit, topic or fee item in the language of the page; English readers get the Finnish one.

    ``{{ item|localname:"title" }}`` takes ``title_fi``/``title_sv``. An empty Swedish name falls back to the Finnish.
    """
    if value is None or value == "":
        return ""
    wanted = "sv" if formats.known(_language()) == "sv" else "fi"
    other = "fi" if wanted == "sv" else "sv"
    found = getattr(value, f"{field}_{wanted}", "") or getattr(value, f"{field}_{other}", "")
    return str(found or value)


def name_of_two(fi: str | None, sv: str | None) -> str:
    """As ``localname``, of names that were read without their row."""
    first, other = (sv, fi) if formats.known(_language()) == "sv" else (fi, sv)
    return first or other or ""


@register.filter
def municipality(typed: str | None) -> str:
    """A municipality in the language of the page, whichever of its names was typed."""
    return municipalities.shown(typed or "", formats.known(_language()))


@register.filter
def phone(value: str | None) -> str | SafeString:
    """A telephone number as a link that a telephone can call."""
    if not value:
        return ""
    return format_html('<a href="tel:{}" class="nowrap">{}</a>', formats.phone_digits(value), value)


@register.simple_tag
def chip(state: Any, label: Any = "", tone: str | None = None, sign: str | None = None) -> SafeString:
    """A state as symbol + word + tone: ``{% chip list.state list.get_state_display %}``.

    Tone and sign come from the arguments, else from ``.tone``/``.sign`` of the state, else from ``TONES``.
    Tones: "" (at rest), "do", "wait", "ok", "stop". (A template for each would be a tenth of a list's time.)
    """
    key = str(getattr(state, "value", state)).lower()
    known_tone, known_sign = TONES.get(key, ("", "○"))
    tone = getattr(state, "tone", known_tone) if tone is None else tone
    sign = getattr(state, "sign", known_sign) if sign is None else sign
    return format_html(
        '<span class="{}">{}{}</span>\n',  # the end of the line keeps two of them apart
        f"chip {tone}" if tone else "chip",
        format_html('<span aria-hidden="true">{}</span>', sign) if sign else "",
        label or getattr(state, "label", "") or state,
    )


@register.inclusion_tag("components/tile.html")
def tile(value: date | datetime) -> dict[str, str]:
    """A day as a small calendar leaf; readers of screens hear the whole day."""
    when, language = formats.as_date(value), _language()
    month = formats.month_word(when, language)
    if formats.known(language) == "fi":
        month = month.removesuffix("kuu")
    elif len(month) > 5:
        month = month[:3]
    return {
        "iso": when.isoformat(),
        "weekday": formats.weekday(when, language),
        "number": str(when.day),
        "month": month,
        "spoken": formats.day(when, language),
    }


@register.inclusion_tag("components/error_summary.html")
def error_summary(*forms: Any) -> dict[str, Any]:
    """The summary of errors of one or several forms and formsets, with a link to each field."""
    return {"problems": all_problems(forms)}


@register.inclusion_tag("components/stepper.html")
def stepper(number: int, total: int, label: str) -> dict[str, Any]:
    """``Step 2 of 5: When``."""
    return {"step": {"number": number, "total": total, "label": label, "range": range(1, total + 1)}}


@register.inclusion_tag("components/pagination.html", takes_context=True)
def pagination(context: template.Context, page_obj: "Page[Any]", name: str = "page", label: str = "") -> dict[str, Any]:
    """Links to the other pages; the rest of the address (filters, sorting) is kept.

    A second list on a page has its own ``name`` in the address and a ``label`` for those who listen.
    """
    return {
        "request": context.get("request"),
        "page_obj": page_obj,
        "name": name,
        "label": label,
        "pages": page_obj.paginator.get_elided_page_range(page_obj.number, on_each_side=1, on_ends=1),
    }


@register.simple_tag(takes_context=True)
def typed_by(context: template.Context) -> SafeString:
    """The hidden field that says who is typing: what is sent after a time-out is there after the log-in (D1)."""
    return format_html(
        '<input type="hidden" name="{}" value="{}">', typed.FIELD, typed.token(context["request"].user.pk)
    )


@register.simple_tag(takes_context=True)
def query_page(context: template.Context, name: str, number: int) -> str:
    """The query of this page at another page of the list of that name."""
    return query_replace(context, **{name: number})


@register.simple_tag(takes_context=True)
def query_replace(context: template.Context, **changes: Any) -> str:
    """The query of this page with some values changed (``None`` or "" removes one): ``?q=abc&page=2``."""
    request = context.get("request")
    query = QueryDict(mutable=True) if request is None else request.GET.copy()
    for name, value in changes.items():
        if value is None or value == "":
            query.pop(name, None)
        else:
            query[name] = str(value)
    return f"?{query.urlencode()}"
