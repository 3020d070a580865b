"""``manage.py tick``: what the clock does each minute where Celery runs, for an office without it (cron, systemd)."""

import logging
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from assignments.actions import expire_due, lapse_due, remind_due
from budgets.actions import count_when_due
from experts.tasks import make_missing_contract_papers
from fees.tasks import make_missing_documents
from office import reminders
from office.by_hand import close_overtaken
from office.sending import send_waiting

logger = logging.getLogger("erfa.tick")


class Command(BaseCommand):
    help = (
        "Ends offers whose time to answer is over, asks the next in turn, reminds, makes documents that are missing, "
        "counts how each unit's year looks and sends waiting messages. Harmless at any time and as often as one likes."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        at = timezone.now()
        failed: list[str] = []

        def step(name: str, do: Callable[[], int | None]) -> int:
            """One step that fails holds up no other."""
            try:
                return do() or 0
            except Exception:
                logger.exception("a part of the tick failed: %s", name)
                failed.append(name)
                return 0

        def remind() -> int:
            told = reminders.tick(at=at)
            failed.extend(told.failed)
            return told.written

        ended = step("offers", lambda: expire_due(at=at) + lapse_due(at=at))
        reminded = step("offers nearly over", lambda: remind_due(at=at)) + step("reminders", remind)
        step("documents", make_missing_documents)
        step("contracts", make_missing_contract_papers)
        step("budgets", lambda: count_when_due(at=at))
        step("messages by hand", lambda: close_overtaken(at=at))
        sent = step("messages", lambda: send_waiting(at=at))
        self.stdout.write(f"{ended} offers over their time, {reminded} reminders, {sent} messages sent.")
        if failed:
            raise CommandError(f"Failed, see the log: {', '.join(failed)}.")
