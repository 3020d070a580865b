"""Budgets as files for a spreadsheet: what the pages show, nothing that runs."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _

from budgets.figures import Year
from budgets.rules import Columns
from budgets.texts import LEVEL_WORDS
from office import formats
from office.sheets import as_csv, as_xlsx
from office.templatetags.erfa import localname

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _file(name: str, title: str, headings: Sequence[Any], rows: Sequence[Sequence[Any]], *, csv: bool) -> HttpResponse:
    content = as_csv(headings, rows) if csv else as_xlsx(title, headings, rows)
    answer = HttpResponse(content, content_type="text/csv; charset=utf-8" if csv else XLSX)
    answer["Content-Disposition"] = f'attachment; filename="{name}.{"csv" if csv else "xlsx"}"'
    return answer


def _promised(columns: Columns) -> tuple[Any, ...]:
    return columns.used, columns.approved, columns.reported, columns.agreed


def _headings() -> list[str]:
    return [_("Used €"), _("Approved €"), _("Reported €"), _("Agreed €")]


def overview(years: Sequence[Year], year: int, *, csv: bool) -> HttpResponse:
    """One row a unit."""
    headings = [
        _("Unit code"), _("Unit"), _("Service area"), _("Cost centre"), _("Year"), _("Budget €"), *_headings(),
        _("Left €"), _("Asked €"), _("Still expected €"), _("Forecast €"), _("Of the budget, %"), _("State"),
    ]  # fmt: skip
    rows = [
        [
            found.unit.code, localname(found.unit), localname(found.unit.service_area), found.unit.cost_centre, year,
            found.budget, *_promised(found.columns), found.left, found.columns.offered, found.forecast.expected,
            found.forecast.total, found.share, str(LEVEL_WORDS[found.level]),
        ]
        for found in years
    ]  # fmt: skip
    return _file(f"budgets-{year}", _("Budgets"), headings, rows, csv=csv)


def unit(found: Year, year: int, *, csv: bool) -> HttpResponse:
    """One row a month, and their sum."""
    language = translation.get_language() or "fi"
    headings = [_("Month"), *_headings(), _("Still expected €"), _("Forecast €"), _("Asked €")]
    rows: list[list[Any]] = [
        [
            formats.month_name(month.first, language).replace(formats.NBSP, " "), *_promised(month.columns),
            month.expected, month.forecast, month.columns.offered,
        ]
        for month in found.forecast.months
    ]  # fmt: skip
    told = found.forecast
    rows.append([_("Whole year"), *_promised(found.columns), told.expected, told.total, found.columns.offered])
    return _file(f"budget-{found.unit.code}-{year}", _("Budget"), headings, rows, csv=csv)
