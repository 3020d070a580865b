"""Loads the demonstration office into an empty database; does nothing when there is data."""

import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from desk import demo
from office import reminders


class Command(BaseCommand):
    help = "Loads the demonstration office into an empty database (only where DEMO is on)."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        if not settings.DEMO:
            raise CommandError("The demonstration is loaded only where settings.DEMO is on.")
        if not demo.is_empty():
            self.stdout.write("There is data already; nothing was loaded.")
            return
        now = timezone.now()
        refused = demo.load(now=now, threads=min(os.cpu_count() or 1, 4))
        reminders.tick(at=now)
        for told in refused:
            self.stderr.write(f"Left out: {told}")
        self.stdout.write("The demonstration office is loaded.")
