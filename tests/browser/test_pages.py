"""Every page of the demonstration office, as those who see it: axe, widths, languages, size, silence."""

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.base import AXE_SCRIPT as AXE
from axe_playwright_python.base import AxeResults
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import translation
from playwright.sync_api import Browser, Page

from office.models import User
from tests.browser.conftest import Office, Visitor, new_visitor
from tests.browser.samples import NO_PAGES, PEOPLE, SAMPLES, Sample, addresses

#: WCAG 2.2 A and AA, and what axe's makers advise.
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
    "preload": False,  # for rules that we do not run; costs a request for each stylesheet
}
MOST_BYTES = 100_000  # everything but fonts
WIDE, PHONE, NARROW = 1280, 360, 320

SIZES = """() => [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
    .filter((one) => !one.name.includes("/fonts/")).map((one) => one.encodedBodySize)"""
#: The outermost things that stick out: tables may be wider, inside their own scrolled frame.
STICKS_OUT = """() => {
    const room = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= room) return [];
    return [...document.body.querySelectorAll("*")]
        .filter((one) => one.getBoundingClientRect().right > room + 1 && !one.closest(".scroll"))
        .slice(0, 3).map((one) => one.outerHTML.slice(0, 160));
}"""


@pytest.fixture(scope="module")
def visitors(office: Office, chromium: Browser) -> Iterator[dict[User | None, Visitor]]:
    """One browser for each person, kept from page to page."""
    kept: dict[User | None, Visitor] = {}
    yield kept
    for visitor in kept.values():
        visitor.context.close()


Look = Callable[[Sample, str], Visitor]


@pytest.fixture
def look(demonstration: Office, chromium: Browser, visitors: dict[User | None, Visitor]) -> Look:
    """``look(sample, language)``: the page, in the language."""

    def look(sample: Sample, language: str) -> Visitor:
        user, path = sample.look()
        if user not in visitors:
            visitors[user] = new_visitor(demonstration, chromium, user)
        visitor = visitors[user]
        visitor.complaints.clear()
        if user is None:
            visitor.context.add_cookies([{"name": "django_language", "value": language, "url": demonstration.url}])
        elif user.language != language:
            User.objects.filter(pk=user.pk).update(language=language)
        visitor.open(path)
        assert urlsplit(visitor.page.url).path.startswith(urlsplit(path).path), "the page sends on to another"
        return visitor

    return look


def violations(page: Page) -> str:
    """What axe finds, told for reading; empty when nothing."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE)
    found = AxeResults(page.evaluate("(options) => axe.run(document, options)", RULES))
    return str(found.generate_report()) if found.violations_count else ""


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.id)
@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_page(sample: Sample, language: str, look: Look) -> None:
    visitor = look(sample, language)
    page = visitor.page
    assert page.locator("html").get_attribute("lang") == language
    assert page.title().endswith(" – Erfa")
    assert len(page.title()) > len(" – Erfa")
    assert "UNDEFINED-VARIABLE" not in page.content()
    assert 20_000 < sum(page.evaluate(SIZES)) < MOST_BYTES  # style and scripts alone are more than 20 kB

    page.emulate_media(color_scheme="dark" if language == "en" else "light")
    found = {}
    for width in (WIDE, PHONE, NARROW):
        page.set_viewport_size({"width": width, "height": 800})
        found[f"sticks out at {width}"] = page.evaluate(STICKS_OUT)
        if width in {WIDE, PHONE}:
            found[f"axe at {width}"] = violations(page)
    if faults := {what: told for what, told in found.items() if told}:
        pytest.fail("\n".join(f"{what}: {told}" for what, told in faults.items()), pytrace=False)
    assert not visitor.complaints


def test_the_rig_hears_and_sees(look: Look) -> None:
    """What the tests above rely on: a refused script is heard, a fault is found, what sticks out is seen."""
    visitor = look(SAMPLES[0], "en")
    page = visitor.page
    page.evaluate("() => document.body.append(Object.assign(document.createElement('script'), {textContent: '1'}))")
    page.evaluate("() => document.querySelector('main').append(document.createElement('img'))")
    assert "image-alt" in violations(page)
    assert "Content Security Policy" in visitor.complaints[0]
    assert not page.evaluate(STICKS_OUT)
    page.evaluate("() => { document.querySelector('h1').style.minWidth = '3000px'; }")
    assert page.evaluate(STICKS_OUT)


def test_every_address_has_a_sample(demonstration: Office) -> None:
    known = {sample.name for sample in SAMPLES} | NO_PAGES
    new = [name for name, view in addresses() if name not in known and not view.__module__.startswith("allauth.")]
    # What takes POST only is no page: it says so (405) to somebody who may.
    clients = []
    for email in PEOPLE.values():
        clients.append(Client())
        clients[-1].force_login(User.objects.get(email=email))
    with translation.override("en"):
        pages = [name for name in new if not _only_posts(name, clients)]
    assert not pages, "add these to tests/browser/samples.py"


def _only_posts(name: str, clients: list[Client]) -> bool:
    app, _colon, short = name.rpartition(":")
    resolver = get_resolver().namespace_dict[app][1] if app else get_resolver()
    wanted = resolver.reverse_dict.getlist(short)[0][0][0][1]
    path = reverse(name, kwargs={key: 1 if key.endswith("pk") else "2026-10" for key in wanted})
    return any(client.get(path).status_code == 405 for client in clients)
