"""Documents of a payment run: the statement of an expert, the report of a unit, the summary of the run.

Each is one PDF/A-3a + PDF/UA-1 file with its lines attached as CSV. Made from stored facts only: the same data give the
same bytes. Words are in the language of the document, whatever the language of the page that asks.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from fees import documents
from fees.documents import (
    CARRIED,
    CORRECTION,
    FEE,
    TRAVEL,
    Line,
    RunData,
    RunSummaryData,
    StatementData,
    Tallies,
    Tally,
    UnitReportData,
)
from fees.pdf_sums import by_posting, figures, income_sums, incomes, parts, posting_of, postings
from office import formats
from office.pdf import render
from office.workdays import month_of

DASH = "–"

#: The columns of the attached table. They are for machines, so they have one language.
COLUMNS = (
    "position", "kind", "payroll_number", "expert", "unit", "unit_name", "cost_centre", "orderer", "approver",
    "starts", "ends", "outcome", "rule", "fee_code", "fee_name", "units", "units_are", "unit_price", "amount",
    "income_type", "posting", "corrects", "reason",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """A line in words."""

    day: str
    time: str
    what: str
    where: str
    orderer: str
    happened: str
    quantity: str
    price: str
    amount: str


def statement(data: StatementData) -> bytes:
    """The fee statement of an expert, in the expert's language."""
    with translation.override(data.language):
        month = formats.month_name(data.run.month, data.language)
        title = _("Fee statement, %(month)s, %(name)s") % {"month": month, "name": data.expert_name}
        fees = sorted(documents.of_kind(data.lines, FEE), key=lambda line: line.starts_at)
        journeys = sorted(documents.of_kind(data.lines, TRAVEL), key=lambda line: line.starts_at)
        corrections = documents.of_kind(data.lines, CORRECTION)
        carried = documents.of_kind(data.lines, CARRIED)
        context = {
            **_head(data.run, data.language),
            "data": data,
            "rows": [_row(line, data.language) for line in fees],
            "journeys": [_row(line, data.language) for line in journeys],
            "corrections": [_row(line, data.language) for line in corrections],
            "carried": [_row(line, data.language) for line in carried],
            "carried_sum": documents.total(carried),
            "late_count": sum(1 for line in fees if line.outcome and month_of(line.starts_at) < data.run.month),
            "fee_sum": documents.total(fees),
            "travel_sum": documents.total(journeys),
            "correction_sum": documents.total(corrections),
            "total": documents.total(data.lines),
            "incomes": income_sums(data.lines, data.language),
        }
        return render(
            render_to_string("pdf/statement.html", context),
            title=title,
            language=data.language,
            created=data.run.made_at,
            foot=_foot(data.lines, data.language),
            page_word=_("Page"),
            attachments=[_attached(data.lines, data.language)],
        )


def unit_report(data: UnitReportData) -> bytes:
    """What a unit pays in a run: by expert, by cost centre, posting and income type; and the late cancellations."""
    with translation.override(data.language):
        month = formats.month_name(data.run.month, data.language)
        people: dict[tuple[str, str], list[Line]] = {}
        for line in data.lines:
            people.setdefault((line.expert_name, line.payroll_number), []).append(line)
        context = {
            **_head(data.run, data.language),
            "data": data,
            "people": [
                (name, payroll_number, *parts(lines, data.language))
                for (name, payroll_number), lines in people.items()  # in the order of the run: by last name
            ],
            "sums": parts(data.lines, data.language),
            "total": documents.total(data.lines),
            "carried": documents.total(documents.of_kind(data.lines, CARRIED)),
            "carried_count": len(documents.of_kind(data.lines, CARRIED)),
            "late": documents.late_sum(data.lines),
            "late_count": sum(1 for line in data.lines if line.kind == FEE and line.outcome == documents.LATE),
            "postings": postings(by_posting(data.lines), data.language),
        }
        return render(
            render_to_string("pdf/unit_report.html", context),
            title=_("Fees of a unit, %(month)s, %(unit)s") % {"month": month, "unit": data.unit_name},
            language=data.language,
            created=data.run.made_at,
            foot=_foot(data.lines, data.language),
            page_word=_("Page"),
            attachments=[_attached(data.lines, data.language)],
        )


def run_summary(data: RunSummaryData) -> bytes:
    """The control totals of a run, for the one who pays and the one who audits. Goes through the lines once."""
    with translation.override(data.language):
        month = formats.month_name(data.run.month, data.language)
        units, types, booked, whole, late = Tallies(), Tallies(), Tallies(), Tally(), Tally()

        def passing() -> Iterator[Line]:
            for line in data.lines:
                units.add((line.unit_code, _unit(line, data.language), line.cost_centre), line)
                booked.add(posting_of(line), line)
                types.add(line.income_type, line)
                whole.add(line)
                if line.outcome == documents.LATE:
                    late.add(line)
                yield line

        attached = _attached(passing(), data.language)
        context = {
            **_head(data.run, data.language),
            "data": data,
            "units": [(*key, *figures(units[key], data.language)) for key in sorted(units)],
            "postings": postings(booked, data.language),
            "incomes": incomes(types, data.language),
            "sums": figures(whole, data.language),
            "total": whole.total,
            "lines": whole.lines,
            "earlier": (whole.fees, whole.travel) != (data.fees, data.travel),
            "late": late.fees,
        }
        return render(
            render_to_string("pdf/run_summary.html", context),
            title=_("Payment run %(number)s, %(month)s") % {"number": data.run.number, "month": month},
            language=data.language,
            created=data.run.made_at,
            foot=_("Hash of the lines (SHA-256): %(hash)s") % {"hash": data.lines_hash},
            page_word=_("Page"),
            attachments=[attached],
        )


def happened(line: Line, language: str) -> str:
    """What happened and the rule that decided it, in words (R11–R16, R24), in the language that is active."""
    sentence = _happened(line, language)
    facts = dict(line.price.get("explanation", ()))
    codes = facts.keys()
    if decided := facts.get("decided"):
        return _decided(_happened_only(line, language), decided, language)
    if "declined" in codes:
        sentence = _("%(sentence)s The expert declined the fee.") % {"sentence": _stop(sentence)}
    elif line.price.get("minimum_applied"):
        paid = formats.hours(line.price["minutes_paid"])
        sentence = _("%(sentence)s At least %(hours)s is paid.") % {"sentence": _stop(sentence), "hours": paid}
    return sentence


def _happened_only(line: Line, language: str) -> str:
    """What happened, without what the rule would have paid."""
    sentence = _happened(line, language)
    return sentence.partition(": ")[0] if line.outcome in SENTENCES else sentence


def _decided(sentence: str, decided: Mapping[str, str], language: str) -> str:
    """The coordinator's decision beside what the rule says, and why."""
    return _("%(sentence)s By the rule %(rule)s, decided %(decided)s: %(reason)s.") % {
        "sentence": _stop(sentence),
        "rule": formats.money(Decimal(decided["rule"]), language),
        "decided": formats.money(Decimal(decided["decided"]), language),
        "reason": decided["reason"].rstrip("."),
    }


#: What an outcome means for the fee. ``limit`` and ``received`` are moments of the line.
SENTENCES = {
    "cancelled_late": gettext_noop("Cancelled %(received)s, the free limit was %(limit)s: the agreed fee is paid."),
    "cancelled_in_time": gettext_noop("Cancelled %(received)s, in time: no fee."),
    "shortened_late": gettext_noop("Shortened after the free limit %(limit)s: the agreed fee is paid."),
    "moved": gettext_noop("Moved to a new time: no fee for the old one."),
    "no_show": gettext_noop("The client did not come: the agreed fee is paid."),
    "nobody_came": gettext_noop("Nobody came: the agreed fee is paid."),
    "group_ended": gettext_noop("The group had ended: no fee."),
    "expert_ill": gettext_noop("The expert was ill: no fee."),
    "expert_cancelled": gettext_noop("Cancelled by the expert: no fee."),
}


def _happened(line: Line, language: str) -> str:
    if line.outcome == "held":
        agreed = formats.timespan(line.starts_at, line.ends_at, language)
        if line.done_starts_at is None or line.done_ends_at is None:
            return _("Held")
        done = formats.timespan(line.done_starts_at, line.done_ends_at, language)
        return _("Held") if done == agreed else _("Held %(done)s, agreed %(agreed)s") % {"done": done, "agreed": agreed}
    if line.outcome not in SENTENCES:
        return line.reason
    return _(SENTENCES[line.outcome]) % {
        "limit": formats.moment_short(line.free_until, language) if line.free_until else DASH,
        "received": formats.moment_short(line.received_at, language) if line.received_at else DASH,
    }


def quantity(line: Line, language: str) -> str:
    """What was counted: hours as hours and minutes, else a number and its unit, in the language that is active."""
    if not line.units:
        return DASH
    if line.unit_name == "hour":
        minutes = line.price.get("minutes_paid") or round(line.units * 60)
        return formats.hours(int(minutes))
    count = int(line.units) if line.units == int(line.units) else 0
    said = formats.number(count or line.units.normalize(), language)
    return {
        "meeting": ngettext("%(n)s meeting", "%(n)s meetings", count) % {"n": said},
        "event": ngettext("%(n)s event", "%(n)s events", count) % {"n": said},
        "month": ngettext("%(n)s month", "%(n)s months", count) % {"n": said},
        "day": ngettext("%(n)s day", "%(n)s days", count) % {"n": said},
        "km": f"{said}{formats.NBSP}km",
        "receipt": _("receipt"),
    }.get(line.unit_name, said)


def lines_csv(lines: Iterable[Line], language: str) -> bytes:
    """The lines for a spreadsheet: semicolons, decimal commas, UTF-8 with a mark; nothing in it is a formula."""
    return as_table(COLUMNS, (cells(line, language) for line in lines))


def as_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Rows as the attached table of a document."""
    out = io.StringIO()
    sheet = csv.writer(out, delimiter=";", lineterminator="\r\n")
    sheet.writerow(columns)
    sheet.writerows(rows)
    return out.getvalue().encode("utf-8-sig")


def cells(line: Line, language: str) -> tuple[object, ...]:
    """A line as the attached table holds it: see ``COLUMNS``."""
    mended = f"{line.corrects_run}/{line.corrects_position}" if line.corrects_run is not None else ""
    return (
        line.position,
        line.kind,
        _text(line.payroll_number),
        _text(line.expert_name),
        _text(line.unit_code),
        _text(_unit(line, language)),
        _text(line.cost_centre),
        _text(line.orderer_name),
        _text(line.approver_name),
        _iso(line.done_starts_at or line.starts_at),
        _iso(line.done_ends_at or line.ends_at),
        line.outcome,
        line.rule,
        _text(line.fee_code),
        _text(_fee_name(line, language)),
        _decimal(line.units),
        line.unit_name,
        _decimal(line.unit_price),
        _decimal(line.amount),
        line.income_type,
        _text(line.posting),
        mended,
        _text(line.reason),
    )


def _attached(lines: Iterable[Line], language: str) -> tuple[str, bytes, str]:
    # without its last line break: see office.pdf
    content = lines_csv(lines, language).removesuffix(b"\r\n")
    return ("lines.csv", content, _("The lines of this document as a table"))


def _text(value: str) -> str:
    """A cell that a spreadsheet cannot take for a formula."""
    return f"'{value}" if value.startswith(("=", "+", "-", "@", "\t", "\r")) else value


def _decimal(value: Decimal) -> str:
    return f"{value:f}".replace(".", ",")


def _iso(value: datetime) -> str:
    return f"{formats.local(value):%Y-%m-%d %H:%M}"


def _head(run: RunData, language: str) -> dict[str, object]:
    return {
        "run": run,
        "office": run.office.get(formats.known(language)) or run.office["fi"],
        "month": formats.month_name(run.month, language),
    }


def _foot(lines: Iterable[Line], language: str) -> str:
    """The fee tables used, with their decisions, and the mark of an example: what R17 asks to be told."""
    tables = list(dict.fromkeys(_fee_table(line, language) for line in lines if line.fee_table))
    return (
        ngettext("Fee table: %(tables)s", "Fee tables: %(tables)s", len(tables)) % {"tables": "; ".join(tables)}
        if tables
        else ""
    )


def _row(line: Line, language: str) -> Row:
    if line.kind == CORRECTION:
        mended = {
            "run": line.corrects_run,
            "line": line.corrects_position,
            "day": formats.day(line.corrects_starts_at or line.starts_at, language),
        }
        words = _("Corrects run %(run)s, line %(line)s (%(day)s).") % mended
        words = f"{words} {line.reason}".strip()
    elif line.kind == CARRIED:
        words = _("Rejected in run %(run)s, line %(line)s: paid now. %(reason)s") % {
            "run": line.corrects_run,
            "line": line.corrects_position,
            "reason": line.reason,
        }
    else:
        words = happened(line, language)
    return Row(
        day=formats.day_short(line.starts_at, language),
        time=formats.timespan(line.starts_at, line.ends_at, language),
        what=_fee_name(line, language),
        where=_unit(line, language),
        orderer=line.orderer_name,
        happened=words,
        quantity=quantity(line, language),
        price=formats.number(line.unit_price, language, 2) if line.units else DASH,
        amount=formats.number(line.amount, language, 2),
    )


def _unit(line: Line, language: str) -> str:
    return (line.unit_name_sv if formats.known(language) == "sv" else "") or line.unit_name_fi


def _fee_name(line: Line, language: str) -> str:
    return (line.fee_name_sv if formats.known(language) == "sv" else "") or line.fee_name_fi


def _fee_table(line: Line, language: str) -> str:
    return (line.fee_table_sv if formats.known(language) == "sv" else "") or line.fee_table


def _stop(sentence: str) -> str:
    """A sentence that another one follows."""
    return sentence if sentence.endswith(".") or not sentence else f"{sentence}."
