"""Saving so that a refusal of the database is a sentence: constraints tell their own, triggers are told here."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from django.apps import apps
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models.deletion import ProtectedError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from office.errors import Refused

#: Words for refusals by triggers, by the name that the trigger gives.
TRIGGERS: dict[str, str | Promise] = {}


def trigger_says(name: str, words: str | Promise) -> None:
    """Registers the words for a trigger's refusal."""
    TRIGGERS[name] = words


@cache
def _constraints() -> dict[str, str | Promise]:
    own = models.BaseConstraint.default_violation_error_message
    return {
        constraint.name: constraint.violation_error_message
        for model in apps.get_models()
        for constraint in model._meta.constraints
        if constraint.violation_error_message and constraint.violation_error_message != own
    }


def words_for(error: IntegrityError) -> "str | Promise":
    """The sentence for what the database refused."""
    name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) or ""
    return TRIGGERS.get(name) or _constraints().get(name) or _("This cannot be saved: it does not fit what is there.")


@contextmanager
def readable() -> Iterator[None]:
    """One transaction; what the database refuses becomes ``Refused`` with the constraint's own sentence."""
    try:
        with transaction.atomic():
            yield
    except ProtectedError as error:
        raise Refused(_("This is in use and cannot be removed.")) from error
    except IntegrityError as error:
        raise Refused(words_for(error)) from error


def first_words(error: ValidationError) -> str:
    """The first message, with the field it concerns."""
    for name, messages in error.message_dict.items() if hasattr(error, "error_dict") else [("", error.messages)]:
        return messages[0] if name in {"", NON_FIELD_ERRORS} else f"{name}: {messages[0]}"
    return ""


def save(obj: models.Model, **kwargs: Any) -> None:
    """Checks fields and constraints, then saves. Raises Refused with a readable sentence."""
    try:
        obj.full_clean()
    except ValidationError as error:
        raise Refused(first_words(error)) from error
    with readable():
        obj.save(**kwargs)
