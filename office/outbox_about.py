"""What messages belong to a record: an app says which of its records an order or an expert stands for."""

from collections.abc import Callable
from dataclasses import dataclass

from django.apps import apps
from django.db.models import Model, Q

Named = Callable[[Model], str]
ABOUT: dict[str, tuple[Callable[[int], Q], Named]] = {}


@dataclass(frozen=True)
class About:
    """A record whose messages are looked at."""

    label: str
    pk: int
    name: str
    rows: Q


def messages_about(label: str, rows: Callable[[int], Q], name: Named = str) -> None:
    """Registers ``app.model`` in small letters: which messages belong to the record with the id, and its name."""
    ABOUT[label] = (rows, name)


def about(text: str) -> About | None:
    """Reads ``assignments.order:12``; None when there is no such record. One query."""
    label, _colon, number = text.partition(":")
    if label not in ABOUT or not number.isdecimal() or len(number) > 18:
        return None
    found = apps.get_model(label)._default_manager.filter(pk=int(number)).first()
    if found is None:
        return None
    rows, name = ABOUT[label]
    return About(label, found.pk, name(found), rows(found.pk))
