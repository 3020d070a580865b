"""An example of each kind of message, made of records that are nowhere: the pages of the texts show it.

The top floor knows all records and registers one function that makes everything the templates ask for.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import models

from office.models import User
from office.outbox_links import shown
from office.outbox_text import Outsider, compose


@dataclass(frozen=True)
class Example:
    """Whom a message is to, what it is about, and what its template asks for besides."""

    recipient: User | Outsider
    about: models.Model
    context: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Shown:
    """An example as its reader would get it, and what its placeholders stand for."""

    subject: str
    body: str
    values: Mapping[str, str]


Maker = Callable[[str, str, datetime], Example]
_MAKERS: list[Maker] = []


def examples(make: Maker) -> Maker:
    """Registers the function: kind, language and moment → its example."""
    _MAKERS[:] = [make]
    return make


def example_of(kind: str, language: str, wording: Mapping[str, str], *, at: datetime) -> Shown:
    """The kind's example with these words. No query."""
    made = _MAKERS[0](kind, language, at)
    values: dict[str, str] = {}
    subject, body = compose(
        kind, made.recipient, about=made.about, wording=wording, **(dict(made.context) | {"examples": values})
    )
    return Shown(subject, shown(body), values)
