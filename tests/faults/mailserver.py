"""A real mail server (aiosmtpd) on a local address, that fails as it is told and keeps every letter it has taken."""

import asyncio
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from time import monotonic
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.tooling.servers import free_port


@dataclass
class Faults:
    """What the server does wrong now. Numbers count down; addresses stay until they are taken out."""

    refused: set[str] = field(default_factory=set)  # 550 for the reader
    refuses_text: bool = False  # 554 for the text
    greylist: float = 0.0  # seconds in which a reader is answered 451, from the first time on
    slow: float = 0.0  # seconds before each answer to a text
    drop_at_data: int = 0  # so many lines are cut after 354, before the text is read
    drop_unanswered: int = 0  # so many lines are cut after the text was taken, before the answer
    busy: int = 0  # so many conversations end with 421 at MAIL


class _Conversation(SMTP):
    faults: Faults

    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802 - aiosmtpd's name
        if self.faults.busy > 0:
            self.faults.busy -= 1
            await self.push("421 too busy")
            self._cut()
            return
        await super().smtp_MAIL(arg)

    async def smtp_DATA(self, arg: str | None) -> None:  # noqa: N802 - aiosmtpd's name
        if self.faults.drop_at_data > 0:
            self.faults.drop_at_data -= 1
            await self.push("354 go on")
            self._cut()
            return
        await super().smtp_DATA(arg)

    def _cut(self) -> None:
        if self.transport is not None:
            self.transport.close()


class MailServer:
    """``letters`` are what it has taken: the ``Message-ID`` of each, in order."""

    def __init__(self) -> None:
        self.faults = Faults()
        self.letters: list[str] = []
        self.readers: list[str] = []
        self.conversations = 0
        self.after: dict[int, Callable[[], None]] = {}
        self._first_seen: dict[str, float] = {}
        self._controller: Controller | None = None
        self.port = free_port()

    # --- on and off

    def start(self) -> None:
        server = self

        class Own(Controller):
            def factory(self) -> SMTP:
                server.conversations += 1
                made = _Conversation(self.handler, **self.SMTP_kwargs)
                made.faults = server.faults
                return made

        self._controller = Own(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()
        self.conversations = 0  # the controller has tried itself

    def stop(self) -> None:
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    # --- what it is asked (aiosmtpd's hooks)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address in self.faults.refused:
            return "550 no such reader"
        if self.faults.greylist:
            first = self._first_seen.setdefault(address, monotonic())
            if monotonic() - first < self.faults.greylist:
                return "451 come again later"
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.faults.slow:
            await asyncio.sleep(self.faults.slow)
        if self.faults.refuses_text:
            return "554 not this text"
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        self.letters.append(str(message_from_bytes(content)["Message-ID"]))
        self.readers += envelope.rcpt_tos
        if (act := self.after.pop(len(self.letters), None)) is not None:
            threading.Thread(target=act, daemon=True).start()
        if self.faults.drop_unanswered > 0:
            self.faults.drop_unanswered -= 1
            if isinstance(server.transport, asyncio.WriteTransport):
                server.transport.abort()
        return "250 taken"

    # --- what the tests ask

    @property
    def times(self) -> Counter[str]:
        """How often each message arrived, by its ``Message-ID``."""
        return Counter(self.letters)

    @property
    def doubled(self) -> dict[str, int]:
        return {name: number for name, number in self.times.items() if number > 1}


@contextmanager
def mail_server() -> Iterator[MailServer]:
    server = MailServer()
    server.start()
    try:
        yield server
    finally:
        server.stop()


def backend(server: MailServer, **changes: Any) -> dict[str, Any]:
    """The settings that lead to it."""
    return {
        "EMAIL_BACKEND": "office.smtp.Backend",
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": server.port,
        "EMAIL_TIMEOUT": 2,
    } | changes
