"""The annual statement of an expert as a document: what was paid on the pay days of a year, and from which payments.

By income type for taxation, by payment for whoever pays a benefit. Attached: every line of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from fees.documents import Line, Tallies, Tally
from fees.pdf import COLUMNS, as_table, cells
from fees.texts import income_word
from office import formats
from office.formats import number
from office.pdf import render


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment run that paid. ``month`` is the first day of the worked month."""

    number: int
    month: date
    pay_date: date
    paid_at: datetime


@dataclass(frozen=True, slots=True)
class PaidLine:
    """A line with the run that paid it. ``travel``: a journey or a cost, or what mends or carries one."""

    payment: Payment
    travel: bool
    line: Line


@dataclass(frozen=True, slots=True)
class AnnualData:
    """The lines that were paid to one expert in a year, in the order of the payments; at least one."""

    year: int
    language: str
    office: Mapping[str, str]
    expert_name: str
    payroll_number: str
    lines: tuple[PaidLine, ...]


def annual(data: AnnualData) -> bytes:
    """The statement in the expert's language. Its clock is the last payment's: the same payments, the same bytes."""
    language = data.language
    payments, incomes, whole = Tallies(), Tallies(), Tally()
    sums: dict[bool, Tally] = {False: Tally(), True: Tally()}
    by_payment: dict[Payment, dict[bool, Tally]] = {}
    for paid in data.lines:
        payments.add(paid.payment, paid.line)
        incomes.add((paid.travel, paid.line.income_type), paid.line)
        own = by_payment.setdefault(paid.payment, {False: Tally(), True: Tally()})
        for tally in (whole, sums[paid.travel], own[paid.travel]):
            tally.add(paid.line)
    last = max(payments, key=lambda payment: payment.pay_date)
    with translation.override(language):
        groups = {False: _("Fees"), True: _("Travel and costs")}

        def euros(*tallies: Tally) -> tuple[str, ...]:
            return tuple(number(tally.total, language, 2) for tally in tallies)

        context = {
            "data": data,
            "office": data.office.get(formats.known(language)) or data.office["fi"],
            "total": whole.total,
            "last": last,
            "incomes": [
                (
                    groups[travel],
                    f"{code} {income_word(code)}".strip(),
                    number(tally.lines, language),
                    *euros(tally),
                )
                for (travel, code), tally in sorted(incomes.items())
            ],
            "lines": number(whole.lines, language),
            "payments": [
                (payment, formats.month_name(payment.month, language), *euros(own[False], own[True], payments[payment]))
                for payment, own in by_payment.items()
            ],
            "sums": euros(sums[False], sums[True], whole),
            "corrections": sum(1 for paid in data.lines if paid.line.kind == "correction"),
        }
        rows = [
            (paid.payment.number, paid.payment.pay_date.isoformat(), *cells(paid.line, language)) for paid in data.lines
        ]
        table = as_table(("run", "paid_on", *COLUMNS), rows).removesuffix(b"\r\n")
        return render(
            render_to_string("pdf/annual.html", context),
            title=_("Annual statement %(year)s, %(name)s") % {"year": data.year, "name": data.expert_name},
            language=language,
            created=max(payment.paid_at for payment in payments),
            foot=ngettext("Payment run %(runs)s", "Payment runs %(runs)s", len(payments))
            % {"runs": ", ".join(str(payment.number) for payment in payments)},
            page_word=_("Page"),
            attachments=[("lines.csv", table, _("The lines of this document as a table"))],
        )
