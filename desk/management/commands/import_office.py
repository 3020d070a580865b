"""manage.py import_office DIR: takes an office's own files."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone, translation

from desk.importing.files import office_files, take
from desk.importing.report import Report
from office.models import User


class Command(BaseCommand):
    """Reads units.csv, fee_table.csv, registry.xlsx and every hours_YYYY-MM.csv of a folder."""

    help = "Takes an office's own files: units, fee table, registry, hours. All or nothing per file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR")
        parser.add_argument("--dry-run", action="store_true", help="tell what would happen, change nothing")
        parser.add_argument("--skip-bad-rows", action="store_true", help="take the good rows of a file with faults")
        parser.add_argument(
            "--registry", metavar="FILE", help="the registry, when it is not registry.xlsx of the folder"
        )
        parser.add_argument(
            "--approved-by", metavar="EMAIL", help="who approves the hour lists (default: each unit's named employee)"
        )

    def handle(self, **options: Any) -> None:
        folder: Path = options["folder"]
        if not folder.is_dir():
            raise CommandError(f"There is no folder {folder}.")
        registry = self.registry(folder, options["registry"])
        files = list(office_files(folder, registry))
        if not files:
            raise CommandError(f"{folder} holds no units.csv, fee_table.csv, registry.xlsx or hours_YYYY-MM.csv.")
        approver = None
        if options["approved_by"]:
            approver = User.objects.filter(email__iexact=options["approved_by"], is_active=True).first()
            if approver is None:
                raise CommandError(f"Nobody has the address {options['approved_by']}.")
        reports: list[Report] = []
        at = timezone.now()
        # One transaction: a later file of a dry run sees what an earlier one would have made.
        with translation.override("en"), transaction.atomic():
            for sort, path in files:
                report = take(
                    sort,
                    path.name,
                    path.read_bytes(),
                    by=None,
                    at=at,
                    skip_bad_rows=options["skip_bad_rows"],
                    approver=approver,
                )
                reports.append(report)
                self.tell(report, dry_run=options["dry_run"])
            if options["dry_run"]:
                transaction.set_rollback(True)
        if options["dry_run"]:
            self.stdout.write("Dry run: nothing was changed.")
        if any(report.faults and not report.taken for report in reports):
            raise CommandError("Files with faults were not taken. Mend them, or use --skip-bad-rows.")

    def registry(self, folder: Path, name: str | None) -> Path | None:
        """The registry's file: a name in the folder, or a path. None is the usual name."""
        if name is None:
            return None
        for path in (folder / name, Path(name)):
            if path.is_file():
                return path
        raise CommandError(f"There is no file {name}, in {folder} or elsewhere.")

    def tell(self, report: Report, *, dry_run: bool) -> None:
        """One file: a line of counts, then each refused row and each remark."""
        counts = f"{report.added} new, {report.changed} changed, {report.same} unchanged, {report.bad_rows} refused"
        taken = "would be taken" if dry_run and report.taken else "taken" if report.taken else "NOT TAKEN"
        self.stdout.write(f"{report.file}: {counts}: {taken}")
        for fault in report.faults:
            self.stderr.write(f"  refused: {fault}")
        for remark in report.remarks:
            self.stdout.write(f"  remark: {remark}")
