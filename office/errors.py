"""Refusals that a person reads. An action that raises one has changed nothing."""

from django.utils.functional import Promise


class RuleError(Exception):
    """Base of the refusals: carries a translatable message for the person who acted."""

    def __init__(self, message: "str | Promise") -> None:
        super().__init__(message)
        self.message = message


class Refused(RuleError):
    """The rules do not allow it."""


class Conflict(RuleError):
    """Somebody was quicker, or the page was old: look again."""
