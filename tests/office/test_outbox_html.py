"""A mail in two forms with the same content: plain text and simple HTML."""

import re
from html import unescape
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from office import outbox, sending
from office.examples import example_of
from office.models import OutboxMessage
from office.outbox_html import as_html, blocks
from tests.conftest import Cast, Clock
from tests.factories import at, make_user

SUMMER, WINTER = at(2026, 6, 5, 9), at(2026, 11, 22, 9)
HERE = "http://localhost:8000"


def said(html: str) -> str:
    """The words of a page, with white space made one."""
    body = html.partition("<body>")[2]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_the_html_says_what_the_text_says(language: str) -> None:
    missing = []
    for kind in sorted(outbox.KINDS):
        shown = example_of(kind, language, {}, at=WINTER)
        words = said(as_html(shown.subject, shown.body, language))
        told = [shown.subject, *shown.body.split("\n")]
        rows = [" ".join(row.removeprefix("- ").rstrip(":").split()) for row in told]
        missing += [(kind, row) for row in rows if row and row not in words]
    assert missing == []


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_the_page_of_the_mail(language: str) -> None:
    shown = example_of("offer", language, {}, at=WINTER)
    html = as_html(shown.subject, shown.body, language)
    assert f'<html lang="{language}">' in html
    assert f"<title>{shown.subject}</title>" in html
    assert 'name="color-scheme" content="light dark"' in html
    assert re.findall(r"<(?:img|script|link|iframe|object|table|form)\b|url\(|@import|@font-face", html) == []
    assert re.findall(r'(?:href|src)="(?!http://localhost:8000/)', html) == []
    assert said(html).endswith(shown.body.rpartition("\n")[2])  # the county's name


def test_only_a_line_that_is_an_address_of_ours_is_a_link() -> None:
    text = "\n".join(
        [
            "Open this:", f"{HERE}/units/", "", f"See {HERE}/units/ there", "http://localhost:8000.evil.example/units/",
            "https://evil.example/", "javascript:alert(1)",
        ]
    )  # fmt: skip
    html = as_html("x", text, "en")
    assert re.findall(r'href="([^"]*)"', html) == [f"{HERE}/units/"]
    assert f'<a class="open button" href="{HERE}/units/">Open this</a>' in html


def test_a_button_says_one_sentence() -> None:
    html = as_html("x", f"The first link still works. You can also sign in here:\n{HERE}/units/", "en")
    assert "<p>The first link still works.<br>" in html
    assert f'href="{HERE}/units/">You can also sign in here</a>' in html


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_text_of_a_mail_stands_out_by_seven_to_one(dark: bool) -> None:  # noqa: FBT001
    """WCAG AAA in both modes: plain text, links and buttons."""
    light, _media, rest = as_html("x", "y", "en").partition("@media (prefers-color-scheme: dark) {")
    rules = dict(re.findall(r"^([a-z.]+) \{([^}]*)\}", light, re.MULTILINE))
    if dark:
        rules |= dict(re.findall(r"^([a-z.]+) \{([^}]*)\}", rest, re.MULTILINE))
    colours = {
        name: dict(re.findall(r"(background|(?<!-)color): (#[0-9a-f]{6})", rule)) for name, rule in rules.items()
    }
    pairs = [
        (colours["body"]["color"], colours["body"]["background"]),
        (colours["a"]["color"], colours["body"]["background"]),
        (colours["a.open"]["color"], colours["a.open"]["background"]),
    ]
    for one, other in pairs:
        low, high = sorted([_luminance(one), _luminance(other)])
        assert (high + 0.05) / (low + 0.05) >= 7, (one, other)


def test_markup_in_names_stays_text() -> None:
    evil = '<script>alert(1)</script> <a href="https://evil.example">x</a> & "q"'
    html = as_html(evil, f"Hello {evil},\n\n- {evil}\n  {evil}", "en")
    assert "<script" not in html
    assert 'href="https://evil' not in html
    assert html.count("&lt;script&gt;") == 5


def test_a_name_with_markup_in_a_real_mail(db: None, clock: Clock) -> None:
    clock(SUMMER)
    user = make_user(first_name="<b>Eva</b>", last_name="</p><img src=x>")
    message = outbox.post(outbox.KINDS["account_made"], user, about=user, at=SUMMER)
    assert message is not None
    OutboxMessage.objects.filter(pk=message.pk).update(body="Hello <b>Eva</b> & co,\n\nbye", subject="To <b>Eva</b>")
    sending.send(message.pk, at=SUMMER)
    sent: Any = mail.outbox[-1]
    [(html, media)] = [(one.content, one.mimetype) for one in sent.alternatives]
    assert media == "text/html"
    assert "Hello <b>Eva</b> & co" in sent.body
    assert "Hello &lt;b&gt;Eva&lt;/b&gt; &amp; co" in html
    assert "<title>To &lt;b&gt;Eva&lt;/b&gt;</title>" in html


def test_paragraphs_and_lists() -> None:
    found = blocks("Hello,\n\nOne\nTwo\n- a\n  more of a\n\n- b\n\nEnd")
    assert [[line.text for line in one.lines] for one in found] == [["Hello,"], ["One", "Two"], [], ["End"]]
    assert [[line.text for line in item] for item in found[2].items] == [["a", "more of a"], ["b"]]


@pytest.mark.parametrize("now", [pytest.param(SUMMER, id="summer"), pytest.param(WINTER, id="winter")])
@pytest.mark.parametrize(("language", "word"), [("fi", "klo"), ("sv", "kl."), ("en", "at")])
def test_times_are_helsinki_times(now: Any, language: str, word: str) -> None:
    """T10: 13:00 in Helsinki is said in both halves of the year, in text and HTML."""
    shown = example_of("offer", language, {}, at=now)
    hours = ("13:00–14:00", "15:00") if language == "en" else ("13.00–14.00", "15.00")
    for text in (shown.body, said(as_html(shown.subject, shown.body, language))):
        plain = text.replace("\N{NO-BREAK SPACE}", " ")
        assert plain.count(f"{word} {hours[0]}") == 2
        assert f"{word} {hours[1]}" in plain


def test_each_reader_gets_the_own_language(db: None, clock: Clock) -> None:
    """N5: three readers of one fact, three languages; nothing of another's."""
    clock(SUMMER)
    for language in ("fi", "sv", "en"):
        user = make_user(language=language)
        message = outbox.post(outbox.KINDS["account_made"], user, about=user, at=SUMMER)
        assert message is not None
        sending.send(message.pk, at=SUMMER)
    sent: list[Any] = list(mail.outbox)
    pages = [str(one.alternatives[0].content) for one in sent]
    assert [re.findall(r'<html lang="(..)">', page) for page in pages] == [["fi"], ["sv"], ["en"]]
    names = ["Itä-Uudenmaan hyvinvointialue", "Östra Nylands välfärdsområde"]
    assert [[name in page for name in names] for page in pages[:2]] == [[True, False], [False, True]]
    assert len({one.subject for one in sent}) == 3


def test_the_coordinator_sees_the_mail_as_a_page(cast: Cast, client_for: Any, clock: Clock) -> None:
    clock(SUMMER)
    client: Client = client_for(cast.coordinator)
    page = client.get(reverse("office:kind_mail", args=["offer", "sv"]))
    assert '<html lang="sv">' in page.content.decode()
    assert "script-src" not in page.headers["Content-Security-Policy"]
