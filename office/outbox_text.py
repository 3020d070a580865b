"""A message's words: the template of its kind, with the coordinator's own words where there are any."""

from collections.abc import Mapping
from dataclasses import dataclass
from secrets import token_hex
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.functional import SimpleLazyObject

from office.asked_once import Question
from office.models import MessageText, User
from office.outbox_links import OWN_LINK

#: By kind and language: what is said otherwise than by the program, by piece.
Texts = Mapping[tuple[str, str], Mapping[str, str]]


@dataclass(frozen=True)
class Outsider:
    """Somebody without an account: a name, an address (empty: to telephone or post) and a language."""

    name: str
    email: str
    language: str

    @property
    def first_name(self) -> str:
        """For greetings."""
        return self.name.partition(" ")[0]


def in_force(kind: str = "") -> Texts:
    """The coordinator's words that hold now, of one kind or of all. One query."""
    rows = _of_kind(kind=kind) if kind else _latest()
    return {(name, language): words for name, language, words in rows}


def _latest() -> "QuerySet[MessageText, tuple[str, str, dict[str, str]]]":
    rows = MessageText.objects.order_by("kind", "language", "-number").distinct("kind", "language")
    return rows.values_list("kind", "language", "words")


_of_kind = Question(lambda kind: _latest().filter(kind=kind), kind=str)


def compose(
    kind: str,
    recipient: User | Outsider,
    *,
    about: models.Model,
    wording: Mapping[str, str],
    said: dict[str, tuple[str, str]] | None = None,
    **context: Any,
) -> tuple[str, str]:
    """Subject and text in the recipient's language; the reader's own link is a mark (``office.outbox_links``).

    ``said``: by language what this very message says to everybody, for whoever writes it to several. A text in which
    nothing of its reader was asked for is kept there and composed once. ``has_pages`` in the template: the reader has
    an account, so that links to pages open.
    """
    if isinstance(recipient, Outsider):
        said = None  # what is said to accounts has links to their pages
    if said is not None and recipient.language in said:
        return said[recipient.language]
    asked_for: list[User | Outsider] = []

    def reader() -> User | Outsider:
        asked_for.append(recipient)
        return recipient

    mark = token_hex()  # no word of a user becomes the mark
    with translation.override(recipient.language):
        context |= {
            "recipient": SimpleLazyObject(reader),
            "about": about,
            "site": settings.SITE_URL,
            "county": settings.COUNTY_NAME[recipient.language],
            "own_link": mark,
            "wording": wording,
            "has_pages": isinstance(recipient, User),
            "link": settings.SITE_URL + context["url"] if context.get("url") else "",
        }
        rendered = render_to_string(f"emails/{kind}.txt", context)
    text = rendered.replace(OWN_LINK, "").replace(mark, OWN_LINK)
    subject, _newline, body = text.strip().partition("\n")
    words = " ".join(subject.split())[:200], body.strip()
    if said is not None and not asked_for:
        said[recipient.language] = words
    return words
