"""Languages, headers, refusals as answers, and that no template needs inline script or style."""

import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from config.urls import urlpatterns
from office.access import public
from office.errors import Conflict, Refused
from office.middleware import CSP
from office.models import User
from tests.conftest import Cast
from tests.factories import make_user

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).parents[2]


# --- headers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["/", "/accounts/login/", "/healthz", "/nothing-here/"])
def test_every_answer_has_the_strict_policy_and_is_not_kept(client: Client, address: str) -> None:
    answer = client.get(address)
    assert answer.headers["Content-Security-Policy"] == CSP
    assert {"no-store", "private"} <= set(answer.headers["Cache-Control"].split(", "))
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"


def test_the_policy_allows_no_inline_script_or_style() -> None:
    assert "unsafe" not in CSP
    assert CSP.startswith("default-src 'none'; script-src 'self'; style-src 'self';")


#: A page of a downloaded file and the HTML of a mail: they must stand alone, and a mail is shown under its own policy.
ALONE = {"rights_data.html", "mail.html"}
WEB_TEMPLATES = sorted(
    found
    for found in (ROOT / "templates").rglob("*.html")
    if "pdf" not in found.relative_to(ROOT).parts  # printed by WeasyPrint, never shown by a browser
    and found.name not in ALONE
)
INLINE = {
    "style element": re.compile(r"<style\b", re.IGNORECASE),
    "style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
    "inline script": re.compile(r"<script\b(?![^>]*\ssrc=)", re.IGNORECASE),
    "event attribute": re.compile(r"<[^>]*\s(on[a-z]+|hx-on[:\w-]*)\s*=", re.IGNORECASE),
    "script address": re.compile(r"javascript:", re.IGNORECASE),
    "foreign address": re.compile(r"<(?:script|link|img|iframe)\b[^>]*(?:src|href)=[\"'](?:https?:)?//", re.IGNORECASE),
}


@pytest.mark.parametrize("template", WEB_TEMPLATES, ids=lambda found: str(found.relative_to(ROOT / "templates")))
def test_no_template_needs_what_the_policy_forbids(template: Path) -> None:
    text = template.read_text(encoding="utf-8")
    assert [name for name, pattern in INLINE.items() if pattern.search(text)] == []


# --- language --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_the_persons_own_language_wins_over_browser_and_cookie(
    client_for: Callable[[User], Client], language: str
) -> None:
    browser = client_for(make_user(roles=["coordinator"], language=language))
    browser.cookies["django_language"] = "en" if language != "en" else "fi"
    answer = browser.get("/", headers={"accept-language": "de, sv;q=0.9, en;q=0.8, fi;q=0.7"})
    assert answer.headers["Content-Language"] == language
    assert f'<html lang="{language}">' in answer.content.decode()


@pytest.mark.parametrize(
    ("cookie", "browser", "shown"),
    [
        ("", "sv-FI, fi;q=0.8", "sv"),
        ("", "en-GB", "en"),
        ("", "de", "fi"),
        ("", "", "fi"),
        ("sv", "en", "sv"),
        ("xx", "en", "en"),
    ],
)
def test_before_sign_in_the_chosen_language_else_the_browsers_else_finnish(
    client: Client, cookie: str, browser: str, shown: str
) -> None:
    if cookie:
        client.cookies["django_language"] = cookie
    answer = client.get("/accounts/login/", headers={"accept-language": browser})
    assert answer.headers["Content-Language"] == shown


def test_choosing_a_language_keeps_it_on_the_person(cast: Cast, client_for: Callable[[User], Client]) -> None:
    browser = client_for(cast.orderer)
    answer = browser.post("/language/", {"language": "sv", "next": "/"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert User.objects.get(pk=cast.orderer.pk).language == "sv"
    assert browser.get("/").headers["Content-Language"] == "sv"


def test_an_unknown_language_changes_nothing(cast: Cast, client_for: Callable[[User], Client]) -> None:
    client_for(cast.orderer).post("/language/", {"language": "xx"})
    assert User.objects.get(pk=cast.orderer.pk).language == "en"


def test_choosing_needs_a_post(client: Client) -> None:
    assert client.get("/language/?language=sv").status_code == 405


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/", "//evil.example/", "http:///evil.example", r"/\evil.example", "javascript:alert(1)"],
)
@pytest.mark.parametrize("where", ["next", "referer"])
def test_no_open_redirect_after_choosing_a_language(client: Client, target: str, where: str) -> None:
    """P15."""
    fields = {"language": "sv"} | ({"next": target} if where == "next" else {})
    headers = {"referer": target} if where == "referer" else {}
    assert client.post("/language/", fields, headers=headers).headers["Location"] == "/"


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/"])
def test_no_open_redirect_after_log_in(client: Client, target: str) -> None:
    """P15."""
    make_user("eva@example.org", roles=["coordinator"]).set_password("unused")
    user = User.objects.get()
    user.set_password("a long password of tests")
    user.save()
    answer = client.post(
        "/accounts/login/", {"login": "eva@example.org", "password": "a long password of tests", "next": target}
    )
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")


# --- refusals --------------------------------------------------------------------------------------------------------


@public
def refusing(request: HttpRequest) -> HttpResponse:
    raise Refused("The list has been approved.")


@public
def losing(request: HttpRequest) -> HttpResponse:
    raise Conflict("Somebody was quicker.")


@pytest.fixture
def addresses(settings: Any) -> None:
    module = ModuleType("addresses")
    extra = [path("refuse/", refusing), path("lose/", losing)]
    module.urlpatterns = [*urlpatterns, *extra]  # type: ignore[attr-defined]
    settings.ROOT_URLCONF = module


@pytest.mark.parametrize(
    ("method", "referer", "back"),
    [
        pytest.param(
            "post", "http://testserver/orders/7/?page=2", "http://testserver/orders/7/?page=2", id="same page"
        ),
        pytest.param("post", "https://evil.example/", "/", id="another site"),
        pytest.param("post", "", "/", id="nowhere"),
        pytest.param("get", "http://testserver/refuse/", "/", id="never round in a circle"),
    ],
)
def test_a_refusal_is_told_where_the_person_came_from(
    client: Client, addresses: None, method: str, referer: str, back: str
) -> None:
    answer = getattr(client, method)("/refuse/", headers={"referer": referer})
    assert (answer.status_code, answer.headers["Location"]) == (302, back)
    assert [str(message) for message in get_messages(answer.wsgi_request)] == ["The list has been approved."]


def test_a_lost_race_is_told_as_well(client: Client, addresses: None) -> None:
    answer = client.post("/lose/")
    assert [str(message) for message in get_messages(answer.wsgi_request)] == ["Somebody was quicker."]


def test_the_first_page_after_log_in_says_nothing_in_the_language_of_the_browser(client: Client) -> None:
    user = make_user("eva@example.org", roles=["coordinator"], language="fi")
    user.set_password("a long password of tests")
    user.save()
    data = {"login": "eva@example.org", "password": "a long password of tests"}
    page = client.post("/accounts/login/", data, headers={"accept-language": "en"}, follow=True)
    assert (page.redirect_chain, list(page.context["messages"])) == ([("/", 302)], [])
