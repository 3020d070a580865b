"""Prints whom to sign in as in the demonstration."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from desk import demo
from office.models import User


class Command(BaseCommand):
    help = "Prints the log-ins of the demonstration office (only where DEMO is on)."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        if not settings.DEMO:
            raise CommandError("There are demonstration log-ins only where settings.DEMO is on.")
        known = set(User.objects.values_list("email", flat=True))
        logins = [login for login in demo.LOGINS if login.email in known]
        if not logins:
            self.stdout.write("The demonstration office is not loaded: there was other data in the database.")
            return
        rows = [(login.part, f"{login.first} {login.last} ({login.language})", login.email) for login in logins]
        widths = [max(len(row[column]) for row in rows) for column in range(3)]
        self.stdout.write(f"Everybody's password: {demo.PASSWORD}\n")
        for row in rows:
            self.stdout.write("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
