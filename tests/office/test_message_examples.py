"""Every kind of message has an example that its template can tell, in each language."""

import pytest
from django.conf import settings

from office.examples import example_of
from office.outbox import KINDS
from tests.factories import at

SUMMER, WINTER = at(2026, 6, 5, 9), at(2026, 11, 22, 9)
#: Nothing of this stands in a message.
NEVER = ("UNDEFINED", "None", "{{", "}}", "[[", "&#", "&amp;")


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_each_kind_has_an_example_without_asking_the_database(language: str) -> None:
    faults = []
    for kind in sorted(KINDS):
        shown = example_of(kind, language, {}, at=WINTER)
        text = f"{shown.subject}\n{shown.body}"
        faults += [(kind, word) for word in NEVER if word in text]
        faults += [(kind, "not signed")] * (not shown.body.endswith(settings.COUNTY_NAME[language]))
        faults += [(kind, "empty")] * (not (shown.subject and shown.body))
    assert faults == []
