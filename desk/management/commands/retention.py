"""``manage.py retention [--dry-run]``: removes what is over its time and reports it. The clock does it each night."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone, translation

from desk.periods import in_words
from desk.retention import carry_out, due
from office.rights import name_of


class Command(BaseCommand):
    help = "Removes records that are over their time, by record class, and keeps a report (no names)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only tells what would go")

    def handle(self, *_args: Any, **options: Any) -> None:
        at = timezone.now()
        with translation.override("en"):
            if options["dry_run"]:
                for one in due(at=at):
                    oldest = f", the oldest of {one.oldest}" if one.oldest else ""
                    self.stdout.write(f"{one.found.name} ({in_words(one.months)}): {one.rows} would go{oldest}")
                return
            run = carry_out(by=None, at=at)
            problems = 0
            for removal in run.removals.all():
                problems += bool(removal.problem)
                told = removal.problem or f"{removal.removed} removed, the oldest of {removal.oldest}"
                self.stdout.write(f"{name_of(removal.record_class)}: {told}")
            if problems:
                raise CommandError(f"{problems} record classes could not be removed; see the report.")
            if not run.removals.exists():
                self.stdout.write("Nothing is over its time.")
