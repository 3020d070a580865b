"""``manage.py close_month 2026-10 --output DIR``: closes a month and writes the documents of the run."""

import json
import os
from argparse import ArgumentParser
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone, translation

from fees import actions
from fees.models import PaymentRun
from fees.preview import Unusual
from fees.run_sums import sums_of_run
from office.choices import Role
from office.errors import RuleError
from office.formats import money
from office.models import User


class Command(BaseCommand):
    help = "Closes a month into a payment run: numbered, frozen, with its documents. A month closes once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("month", help="the worked month, as 2026-10")
        parser.add_argument("--output", metavar="DIR", help="writes every document of the run into this folder")
        parser.add_argument("--by", metavar="EMAIL", help="the coordinator who closes (default: the first one)")
        parser.add_argument(
            "--looked", metavar="EMAIL", help="the coordinator who has looked at the unusual sums; stays in the history"
        )
        parser.add_argument("--json", action="store_true", help="prints the totals as JSON and nothing else")

    def handle(self, *_args: Any, **options: Any) -> None:
        at = timezone.now()
        month = _month(options["month"])
        folder = Path(options["output"]) if options["output"] else None
        with translation.override("en"):
            by = _coordinator(options["looked"] or options["by"])
            if options["looked"] and options["by"] and _coordinator(options["by"]) != by:
                raise CommandError("The one who closes is the one who has looked: give one of --by and --looked.")
            asks = actions.preview_run(month, at=at).asks
            looked = [ask.expert_id for ask in asks] if options["looked"] else []
            try:
                if folder:
                    folder.mkdir(parents=True, exist_ok=True)
                run = actions.make_run(month, by=by, at=at, looked=looked, documents=False)
            except RuleError as error:
                raise CommandError("\n".join([str(error.message), *([] if looked else _to_look_at(asks))])) from None
            except OSError as error:
                raise CommandError(f"{folder}: {error.strerror}") from None
            actions.make_documents(run, threads=min(4, len(os.sched_getaffinity(0))))
        written = _write(run, folder) if folder else 0
        totals = totals_of(run)
        if options["json"]:
            self.stdout.write(json.dumps(totals, ensure_ascii=False))
            return
        self.stdout.write(f"Payment run {run.number}: {run.month:%Y-%m}, paid on {run.pay_date}")
        self.stdout.write(f"{run.lists} lists, {run.rows} rows, {run.experts} experts")
        self.stdout.write(f"fees {money(run.fees, 'fi')} + travel {money(run.travel, 'fi')} = {money(run.total, 'fi')}")
        for heading in ("by_unit", "by_income_type"):
            for name, amount in totals[heading].items():
                self.stdout.write(f"  {name}: {money(Decimal(amount), 'fi')}")
        if folder:
            self.stdout.write(f"{written} documents in {folder}")


def totals_of(run: PaymentRun) -> dict[str, Any]:
    """The control totals: amounts in euros as text with two decimals; fees and travel together by unit."""
    sums = sums_of_run(run)
    return {
        "lists": run.lists,
        "rows": run.rows,
        "experts": run.experts,
        "fees": f"{run.fees:.2f}",
        "travel": f"{run.travel:.2f}",
        "total": f"{run.total:.2f}",
        "by_unit": {unit.code: f"{unit.total:.2f}" for unit in sums.units},
        "by_income_type": {code: f"{amount:.2f}" for code, amount in sums.income_types},
        "by_posting": {" ".join(filter(None, key)): f"{amount:.2f}" for *key, amount in sums.postings},
    }


def _to_look_at(asks: Sequence[Unusual]) -> list[str]:
    """What somebody looks at before the month is closed, and how to say so."""
    sums = [f"  {ask.expert}: {money(ask.amount, 'en')}, highest before {money(ask.highest, 'en')}" for ask in asks]
    return ["Unusual sums. When you have looked at them, close with --looked YOUR-EMAIL:", *sums] if sums else []


def _month(text: str) -> date:
    year, _dash, month = text.partition("-")
    try:
        return date(int(year), int(month), 1)
    except ValueError:
        raise CommandError(f"{text}: write the month as 2026-10") from None


def _coordinator(email: str | None) -> User | None:
    """The coordinator with the address, else the first one; nobody (the system) in an office without any."""
    if email:
        user = User.objects.filter(email__iexact=email.strip(), is_active=True).first()
        if user is None or not user.has_role(Role.COORDINATOR):
            raise CommandError(f"{email} is no coordinator")
        return user
    active = User.objects.filter(is_active=True, grants__role=Role.COORDINATOR).order_by("grants__id")
    return next((user for user in active if user.has_role(Role.COORDINATOR)), None)


def _write(run: PaymentRun, folder: Path) -> int:
    count = 0
    for document in run.documents.order_by("filename").iterator(chunk_size=20):
        (folder / document.filename).write_bytes(bytes(document.content))
        count += 1
    return count
