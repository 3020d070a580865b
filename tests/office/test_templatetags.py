"""Dates, amounts and states as the three languages write them."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django import forms
from django.core.paginator import Paginator
from django.db.models import TextChoices
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation

from assignments import states as assignment_states
from fees import states as fee_states
from office import formats
from office.choices import Language, MessageState, Role
from office.forms_rendering import ChoiceRow
from office.templatetags import erfa

N = "\u00a0"
SUMMER = datetime(2026, 4, 2, 12, 0, tzinfo=UTC)  # 15.00 in Helsinki
WINTER = datetime(2026, 1, 31, 22, 30, tzinfo=UTC)  # 0.30 the next day in Helsinki


def draw(text: str, language: str = "fi", **context: object) -> str:
    with translation.override(language):
        return Template("{% load erfa %}" + text).render(Context(context))


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fi", f"to{N}2.4.2026 klo{N}15.00"),
        ("sv", f"to{N}2.4.2026 kl.{N}15.00"),
        ("en", f"Thu{N}2{N}Apr{N}2026 at{N}15:00"),
    ],
)
def test_a_moment_in_summer_is_said_in_helsinki_time(language: str, said: str) -> None:
    assert draw("{{ t|moment }}", language, t=SUMMER) == said


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fi", f"su{N}1.2.2026 klo{N}0.30"),
        ("sv", f"sö{N}1.2.2026 kl.{N}0.30"),
        ("en", f"Sun{N}1{N}Feb{N}2026 at{N}0:30"),
    ],
)
def test_a_winter_night_belongs_to_the_next_day_and_month(language: str, said: str) -> None:
    assert draw("{{ t|moment }}", language, t=WINTER) == said
    assert draw("{{ t|month_name }}", "fi", t=WINTER) == f"helmikuu{N}2026"


@pytest.mark.parametrize(
    ("filter_", "fi", "sv", "en"),
    [
        ("day", f"ma{N}19.10.2026", f"må{N}19.10.2026", f"Mon{N}19{N}Oct{N}2026"),
        ("day_short", f"ma{N}19.10.", f"må{N}19.10.", f"Mon{N}19{N}Oct"),
        ("day_long", f"maanantai{N}19.10.2026", f"måndag{N}19.10.2026", f"Monday{N}19{N}October{N}2026"),
        ("month_name", f"lokakuu{N}2026", f"oktober{N}2026", f"October{N}2026"),
    ],
)
def test_days(filter_: str, fi: str, sv: str, en: str) -> None:
    found = [draw("{{ d|" + filter_ + " }}", language, d=date(2026, 10, 19)) for language in ("fi", "sv", "en")]
    assert found == [fi, sv, en]


@pytest.mark.parametrize(
    ("value", "fi", "en"),
    [
        ("1234.50", f"1{N}234,50{N}€", "€1,234.50"),
        ("0", f"0,00{N}€", "€0.00"),
        ("-12.5", f"\u221212,50{N}€", "\u2212€12.50"),
        ("-0.00", f"0,00{N}€", "€0.00"),
        ("1234567.89", f"1{N}234{N}567,89{N}€", "€1,234,567.89"),
    ],
)
def test_money(value: str, fi: str, en: str) -> None:
    assert draw("{{ x|money }}", "fi", x=Decimal(value)) == fi
    assert draw("{{ x|money }}", "sv", x=Decimal(value)) == fi
    assert draw("{{ x|money }}", "en", x=Decimal(value)) == en


def test_numbers_keep_their_digits_or_take_the_number_asked_for() -> None:
    assert (
        draw("{{ x|number }} {{ x|number:2 }} {{ n|number }}", "fi", x=Decimal("38.2"), n=12170)
        == f"38,2 38,20 12{N}170"
    )
    assert draw("{{ x|amount }}", "en", x=Decimal(1525)) == "1,525.00"


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(105, f"1{N}h{N}45{N}min"), (120, f"2{N}h"), (45, f"45{N}min"), (0, f"0{N}min"), (timedelta(hours=26), f"26{N}h")],
)
def test_hours(minutes: int, said: str) -> None:
    assert draw("{{ x|hours }}", x=minutes) == said


def test_timespan_uses_a_dash_and_says_the_day_when_it_changes() -> None:
    start = datetime(2026, 10, 1, 11, 0, tzinfo=UTC)
    assert draw("{{ a|timespan:b }}", "fi", a=start, b=start + timedelta(minutes=105)) == "14.00–15.45"
    assert draw("{{ a|timespan:b }}", "en", a=start, b=start + timedelta(minutes=105)) == "14:00–15:45"
    assert draw("{{ a|timespan:b }}", "fi", a=start, b=start + timedelta(hours=12)) == f"14.00–pe{N}2.10.{N}2.00"


def test_the_night_of_the_clock_change_keeps_wall_clock_times() -> None:
    start = datetime(2026, 10, 24, 23, 30, tzinfo=UTC)  # 2.30 summer time; 90 minutes later it is 3.00
    assert draw("{{ a|timespan:b }}", "fi", a=start, b=start + timedelta(minutes=90)) == "2.30–3.00"


def test_clock_takes_a_time_too() -> None:
    assert formats.clock(time(9, 5), "fi") == "9.05"
    assert formats.clock(time(9, 5), "en") == "9:05"


def test_nothing_is_said_of_nothing() -> None:
    text = "[{{ x|money }}{{ x|day }}{{ x|moment }}{{ x|hours }}{{ x|number }}{{ x|timespan:x }}{{ x|localname }}]"
    assert draw(text, x=None) == "[]"


def test_names_follow_the_language_and_english_reads_finnish() -> None:
    unit = SimpleNamespace(name_fi="Perhekeskus, Porvoo", name_sv="Familjecentret, Borgå")
    assert [draw("{{ u|localname }}", language, u=unit) for language in ("fi", "sv", "en")] == [
        "Perhekeskus, Porvoo",
        "Familjecentret, Borgå",
        "Perhekeskus, Porvoo",
    ]
    assert draw("{{ u|localname }}", "sv", u=SimpleNamespace(name_fi="Omaishoito", name_sv="")) == "Omaishoito"


def test_a_telephone_number_can_be_called_and_is_escaped() -> None:
    assert draw("{{ p|phone }}", p="040 123 4567") == '<a href="tel:+358401234567" class="nowrap">040 123 4567</a>'
    assert "<b>" not in draw("{{ p|phone }}", p="040 <b>")


@pytest.mark.parametrize(
    ("typed", "language", "shown"),
    [
        ("Porvoo", "sv", "Borgå"),
        ("borgå ", "fi", "Porvoo"),
        ("Borgå", "en", "Porvoo"),
        ("Borgå", "sv", "Borgå"),
        ("Askola", "sv", "Askola"),
        ("Tallinna", "sv", "Tallinna"),
        (None, "sv", ""),
    ],
)
def test_a_municipality_has_its_name_in_the_language_of_the_page(typed: str, language: str, shown: str) -> None:
    assert draw("{{ p|municipality }}", language, p=typed) == shown


def test_a_state_is_sign_and_word_and_tone() -> None:
    html = draw('{% chip "approved" "Hyväksytty" %}')
    assert html.strip() == '<span class="chip ok"><span aria-hidden="true">✓</span>Hyväksytty</span>'
    assert 'class="chip wait"' in draw('{% chip "x" "Myöhässä" tone="wait" sign="!" %}')
    assert draw('{% chip "x" words sign="" %}', words="<b>").strip() == '<span class="chip">&lt;b&gt;</span>'


def test_every_stored_state_has_a_tone_of_its_own() -> None:
    """A new state must be given a tone, or it would silently look like a draft."""
    kinds: list[type[TextChoices]] = [
        kind
        for module in (assignment_states, fee_states)
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, TextChoices) and kind not in (TextChoices, Role, Language)
    ]
    kinds.append(MessageState)
    wanted = {str(member.value) for kind in kinds for member in kind}
    assert sorted(wanted - set(erfa.TONES)) == []


def test_query_replace_keeps_the_rest_of_the_address() -> None:
    request = RequestFactory().get("/lists", {"state": "sent", "page": "3"})
    assert draw("{% query_replace page=2 %}", request=request) == "?state=sent&amp;page=2"
    assert draw('{% query_replace page="" sort="name" %}', request=request) == "?state=sent&amp;sort=name"


def test_pages_are_links_that_keep_the_filters() -> None:
    page = Paginator(range(100), 20).page(2)
    html = draw("{% pagination page %}", "en", page=page, request=RequestFactory().get("/", {"q": "ö"}))
    assert 'href="?q=%C3%B6&amp;page=3"' in html
    assert html.count('aria-current="page"') == 1


class Order(forms.Form):
    date = forms.CharField(label="Päivä", help_text="Esimerkiksi 9.4.2026")
    often = forms.ChoiceField(label="Miten usein?", choices=[("1", "Kerran")], widget=ChoiceRow)
    note = forms.CharField(label="Lisätietoa", required=False)


def test_a_form_says_what_is_wrong_on_top_and_beside_the_field() -> None:
    with translation.override("en"):
        html = str(Order({"note": "x"}))
    assert '<a href="#id_date">Päivä: This field is required.</a>' in html
    assert '<a href="#id_often_0">' in html
    assert "There are 2 things to correct" in html
    assert '<ul class="errorlist" id="id_date_error"><li>Error: This field is required.</li></ul>' in html
    assert 'aria-describedby="id_date_helptext id_date_error"' in html
    assert html.count("(optional)") == 1
    assert "<legend>Miten usein?</legend>" in html


def test_an_untouched_form_has_no_summary() -> None:
    assert "data-error-summary" not in str(Order())


def test_what_users_typed_is_never_markup() -> None:
    assert "<script>" not in str(Order({"date": "<script>alert(1)</script>"}))
