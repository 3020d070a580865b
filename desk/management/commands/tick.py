"""``manage.py tick``: what the clock does each minute where Celery runs, for an office without it (cron, systemd)."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from assignments.actions import expire_due, remind_due
from office.outbox import send_waiting


class Command(BaseCommand):
    help = "Ends offers whose time to answer is over, asks the next in turn, reminds, and sends waiting messages."

    def handle(self, *_args: Any, **_options: Any) -> None:
        at = timezone.now()
        ended, reminded = expire_due(at=at), remind_due(at=at)
        sent = send_waiting(at=at)
        self.stdout.write(f"{ended} offers over their time, {reminded} reminders, {sent} messages sent.")
