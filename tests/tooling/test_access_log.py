"""No secret of a link stands in the web server's log."""

import secrets

import pytest
from django.core import signing
from django.urls import get_resolver, reverse

from config.access_log import without_secrets

TOKEN = secrets.token_urlsafe(32)


@pytest.mark.parametrize(
    ("path", "written"),
    [
        pytest.param(f"/calendar/{TOKEN}.ics", "/calendar/…", id="calendar"),
        pytest.param(f"/orders/answer/{TOKEN}/", "/orders/answer/…/", id="answer from a mail"),
        pytest.param(
            "/registry/me/address/" + signing.dumps({"to": "eva@example.org"}) + "/", "/registry/me/address/…/",
            id="new address",
        ),
        pytest.param("/orders/sessions/123456/", "/orders/sessions/123456/", id="a record"),
        pytest.param("/fees/board/2026-10/close/", "/fees/board/2026-10/close/", id="a month"),
    ],
)  # fmt: skip
def test_what_is_written(path: str, written: str) -> None:
    assert without_secrets(path) == written


def test_the_links_with_secrets_are_those() -> None:
    """A new one must be told to the log's test."""
    assert reverse("calendars:feed", args=["x"]) == "/calendar/x.ics"
    assert reverse("assignments:answer", args=["x"]) == "/orders/answer/x/"
    assert reverse("experts:address_confirm", args=["x"]) == "/registry/me/address/x/"
    named = {
        name
        for space, (_prefix, resolver) in get_resolver().namespace_dict.items()
        for name in (f"{space}:{pattern}" for pattern in resolver.reverse_dict if isinstance(pattern, str))
        if "token" in str(resolver.reverse_dict.getlist(name.partition(":")[2]))
    }
    assert named == {"calendars:feed", "assignments:answer", "experts:address_confirm"}
