"""Django's SMTP, which can tell afterwards whether the mail server had the whole message when the line broke.

SMTP has one moment that nobody can look into: the message is handed over whole, and the answer never comes. Then it has
perhaps been sent. Everything before it has certainly not been sent, everything answered is certain either way.
"""

import smtplib
from typing import Any

from django.core.mail.backends.smtp import EmailBackend


class _Line(smtplib.SMTP):
    """Notes when a message has been handed over and not answered. Commands are text, a message is bytes."""

    in_doubt = False

    def send(self, s: Any) -> None:
        super().send(s)
        if isinstance(s, bytes):
            self.in_doubt = True

    def getreply(self) -> tuple[int, bytes]:
        reply = super().getreply()
        self.in_doubt = False
        return reply


class Backend(EmailBackend):
    """One connection for as many messages as one likes; ``in_doubt`` after a failure."""

    connection: _Line | None

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _Line

    @property
    def in_doubt(self) -> bool:
        """Whether the last message was handed over whole and its answer is not known."""
        return self.connection is not None and self.connection.in_doubt
