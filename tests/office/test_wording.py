"""Words with placeholders: what is refused, and that a value never becomes a placeholder. Pure."""

import pytest

from office.wording import Fault, Wrong, faults, filled, placeholders

KNOWN, NEEDED = ("unit", "until", "n"), ("unit", "until")


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        pytest.param("{{ unit }} asks, answer by {{until}}", [], id="all there"),
        pytest.param("{{ until }} {{ unit }} {{ n }}", [], id="another order, one more"),
        pytest.param("  \n ", [Fault(Wrong.EMPTY)], id="empty"),
        pytest.param("{{ unit }}", [Fault(Wrong.MISSING, ("until",))], id="one missing"),
        pytest.param("Come!", [Fault(Wrong.MISSING, NEEDED)], id="both missing"),
        pytest.param("{{ unit }} {{ until }} {{ fee }}", [Fault(Wrong.UNKNOWN, ("fee",))], id="unknown"),
        pytest.param("{{ unit }} {{ until }} {{ n", [Fault(Wrong.BRACKETS)], id="not closed"),
        pytest.param("{{ unit }} {{ until }} {% if n %}", [Fault(Wrong.BRACKETS)], id="a tag"),
        pytest.param(
            "{{ unit|upper }} {{ until }}", [Fault(Wrong.BRACKETS), Fault(Wrong.MISSING, ("unit",))], id="filter"
        ),
        pytest.param(
            "{{ unit.expert }} {{ until }}", [Fault(Wrong.BRACKETS), Fault(Wrong.MISSING, ("unit",))], id="attribute"
        ),
        pytest.param("{{ unit }} {{ until }} {# no #}", [Fault(Wrong.BRACKETS)], id="a comment"),
        pytest.param("<b>{{ unit }}</b> {{ until }}", [Fault(Wrong.HTML)], id="HTML"),
        pytest.param("{{ unit }} &nbsp; {{ until }}", [Fault(Wrong.HTML)], id="an entity"),
        pytest.param("{{ unit }} & co, 3 < 4, {{ until }}", [], id="signs that are no HTML"),
    ],
)
def test_what_is_wrong(text: str, wrong: list[Fault]) -> None:
    assert faults(text, known=KNOWN, needed=NEEDED) == wrong


def test_a_subject_is_one_line() -> None:
    assert faults("One\ntwo", known=(), needed=(), one_line=True) == [Fault(Wrong.LINES)]


def test_a_value_is_never_a_placeholder() -> None:
    values = {"unit": "{{ until }} {% now %}", "until": "Friday"}
    assert filled("{{ unit }}: {{until}}", values) == "{{ until }} {% now %}: Friday"


def test_names_in_their_order_each_once() -> None:
    assert placeholders("{{ b }} {{a}} {{ b }}") == ["b", "a"]
