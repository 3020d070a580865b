"""Fields read what people write, and say so when they cannot (D13)."""

from datetime import date, time
from decimal import Decimal
from typing import Any

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.utils import translation

from office.forms import ClockField, DayField, DecimalField, MoneyField, PlainText


def answer(field: forms.Field, typed: str) -> Any:
    try:
        return field.clean(typed)
    except ValidationError as error:
        return error.messages[0]


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("2.4.2026", date(2026, 4, 2)),
        ("02.04.2026", date(2026, 4, 2)),
        (" 2. 4. 2026 ", date(2026, 4, 2)),
        ("2 4 2026", date(2026, 4, 2)),
        ("02042026", date(2026, 4, 2)),
        ("2026-04-02", date(2026, 4, 2)),
        ("31.2.2026", "There is no such day."),
        ("2.4.26", "Write the day like 2.4.2026."),
        ("4/2/2026", "Write the day like 2.4.2026."),
        ("huomenna", "Write the day like 2.4.2026."),
        ("31.12.9999", "Check the year: 9999."),
        ("1.1.0001", "Check the year: 0001."),
        ("", "This field is required."),
    ],
)
def test_days(typed: str, value: Any) -> None:
    assert answer(DayField(), typed) == value


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("9", time(9)),
        ("9.00", time(9)),
        ("09:00", time(9)),
        ("900", time(9)),
        ("0930", time(9, 30)),
        ("0.00", time(0)),
        ("23.59", time(23, 59)),
        ("24.00", "The clock goes from 0.00 to 23.59. Midnight is 0.00."),
        ("9,5", time(9, 30)),
        ("9.5", "Write the minutes with two digits: 9.30 is half past nine, 9.05 five past."),
    ],
)
def test_times(typed: str, value: Any) -> None:
    assert answer(ClockField(), typed) == value


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("1234,50", Decimal("1234.50")),
        ("1 234,50 €", Decimal("1234.50")),
        ("1\u00a0234.5", Decimal("1234.5")),
        ("0", Decimal(0)),
        ("-1", "Ensure this value is greater than or equal to 0."),
        ("\u22121", "Ensure this value is greater than or equal to 0."),
        ("\u20131", "Ensure this value is greater than or equal to 0."),
        ("1e5", "Enter a number."),
        ("1,234.50", "Write the number like 1234,50."),
        ("12,345", "Ensure that there are no more than 2 decimal places."),
        ("NaN", "Enter a number."),
        ("kymmenen", "Enter a number."),
    ],
)
def test_amounts(typed: str, value: Any) -> None:
    assert answer(MoneyField(), typed) == value


@pytest.mark.parametrize(("language", "shown"), [("fi", "1234,50"), ("sv", "1234,50"), ("en", "1234.50")])
def test_amounts_are_shown_as_they_are_written(language: str, shown: str) -> None:
    with translation.override(language):
        assert DecimalField().prepare_value(Decimal("1234.50")) == shown


@pytest.mark.parametrize(("language", "shown"), [("fi", "9.05"), ("sv", "9.05"), ("en", "9:05")])
def test_days_and_times_are_shown_as_they_are_read(language: str, shown: str) -> None:
    with translation.override(language):
        assert 'value="2.4.2026"' in DayField().widget.render("x", date(2026, 4, 2))
        assert ClockField().prepare_value(time(9, 5)) == shown
        assert ClockField().clean(shown) == time(9, 5)


@pytest.mark.parametrize("typed", ["131052-308T", "tunnus 010190A123B.", "131052 - 308T"])
def test_free_text_refuses_identity_codes(typed: str) -> None:
    said = answer(PlainText(long=True), typed)
    assert said.startswith("This looks like a personal identity code.")
