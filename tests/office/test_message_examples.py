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


#: Facts that stay as they are: telling of them is never too late. Every other kind is asked again when it leaves (N9).
NEVER_OVERTAKEN = {
    *("account_made", "address_changed", "address_to_confirm", "application_received", "correction_answered"),
    *(
        "list_opened",
        "moves_answered",
        "new_prices",
        "nobody_chosen",
        "offer_declined",
        "offer_expired",
        "offer_lapsed",
    ),
    *("offer_not_chosen", "offer_unanswered", "offer_withdrawn", "order_changed", "paid", "rows_rejected"),
}
#: What leads nowhere: there is nothing to do, no account to open a page with, or the link is the reader's own.
NO_LINK = {
    *("address_changed", "address_to_confirm", "application_accepted", "application_interview"),
    *("application_not_accepted", "application_withdrawn", "offer_expired", "offer_lapsed", "offer_not_chosen"),
    "offer_withdrawn",
}


def test_each_kind_is_asked_again_when_it_leaves_or_is_a_fact_that_stays() -> None:
    assert {kind.name for kind in KINDS.values() if kind.still_true is None} == NEVER_OVERTAKEN


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_each_message_has_one_link_and_a_subject_that_names_nobody(language: str) -> None:
    """The daily message has one for each of its lines, and one to its setting."""
    faults = []
    without = set()
    for kind in sorted(KINDS):
        shown = example_of(kind, language, {}, at=WINTER)
        links = [row for row in shown.body.splitlines() if row.strip().startswith(f"{settings.SITE_URL}/")]
        if not links:
            without.add(kind)
        if len(links) > 1 and kind != "remind_daily":
            faults.append((kind, "more links than one"))
        people = ("Aino", "Esimerkki", "Salla", "Malli", "Kim", "Ek ", "Exempel")
        faults += [(kind, name) for name in people if name in shown.subject]
    assert faults == []
    assert without == NO_LINK
