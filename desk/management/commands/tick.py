"""``manage.py tick``: what the clock does each minute where Celery runs, for an office without it (cron, systemd)."""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from assignments.actions import expire_due, lapse_due, remind_due
from budgets.actions import count_when_due
from desk import actions, retention
from experts.tasks import make_missing_contract_papers
from fees.tasks import make_missing_documents
from office import reminders
from office.by_hand import close_overtaken
from office.sending import send_waiting
from office.tasks import go_on_with_exports

logger = logging.getLogger("erfa.tick")


def go_on_with_sheets(at: datetime) -> None:
    """Sheets whose task was lost or whose worker died, one after the other."""
    actions.drop_old(at=at)
    for pk in actions.unfinished():
        actions.work(pk, at=at)


class Command(BaseCommand):
    help = (
        "Ends offers whose time to answer is over, asks the next in turn, reminds, makes documents that are missing, "
        "goes on with imports and exports, counts how each unit's year looks, removes at night what is over its time, "
        "and sends waiting messages. Harmless at any time and as often as one likes."
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
        step("sheets", lambda: go_on_with_sheets(at))
        step("exports", go_on_with_exports)
        step("retention", lambda: retention.carry_out_when_due(at=at))
        step("budgets", lambda: count_when_due(at=at))
        step("messages by hand", lambda: close_overtaken(at=at))
        sent = step("messages", lambda: send_waiting(at=at))
        self.stdout.write(f"{ended} offers over their time, {reminded} reminders, {sent} messages sent.")
        if failed:
            raise CommandError(f"Failed, see the log: {', '.join(failed)}.")
