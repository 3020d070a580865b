"""A sheet that waits for the coordinator's decision (somebody new, somebody changed, a row at fault); files made."""

from datetime import datetime

from desk import actions
from desk.models import UploadedSheet
from experts.models import Contract, Expert
from experts.sheet_words import heading
from office import exporting, longwork
from office.models import User

COLUMNS = ("last_name", "first_name", "email", "municipality", "language", "contract_from", "contract_to")


def one_that_waits(coordinator: User, at: datetime) -> UploadedSheet:
    """Reads the sheet (dry run) in the coordinator's language; nothing of it is taken."""
    held = Contract.objects.filter(state=Contract.State.IN_FORCE, expert__state=Expert.State.ACTIVE)
    contract = held.exclude(expert__email="").select_related("expert").earliest("pk")
    known = contract.expert
    rows = [
        [heading(column, coordinator.language) for column in COLUMNS],
        ["Uusimäki", "Onerva", "onerva.uusimaki@example.org", "Askola", "fi", f"1.1.{at.year + 1}", ""],
        [
            known.last_name, known.first_name, known.email, "Pukkila", known.language, _day(contract.valid_from),
            _day(contract.valid_to),
        ],
        ["Kivelä", "Sauli", "sauli.kivela@", "Sipoo", "fi", f"31.11.{at.year}", ""],
    ]  # fmt: skip
    content = "\n".join(";".join(row) for row in rows).encode()
    sheet = actions.upload("registry", "uudet.csv", content, by=coordinator, at=at, language=coordinator.language)
    actions.work(sheet.pk, at=at)
    sheet.refresh_from_db()
    return sheet


def files_of_the_year(coordinator: User, at: datetime) -> None:
    """A list whose making was broken off, and one that is ready."""
    paid, sessions = exporting.YEARLY["paid_lines"], exporting.YEARLY["sessions"]
    for one in (paid, sessions):
        made = exporting.ask(one, one.years()[0], by=coordinator, at=at, language=coordinator.language)
        work = longwork.find(exporting.EXPORT, made.pk)
        assert work is not None  # noqa: S101 - begun one line above
        if one is paid:
            longwork.stop(work, by=coordinator, at=at)
        else:
            longwork.go_on(work.pk, at=at)


def _day(day: object) -> str:
    return f"{day:%-d.%-m.%Y}" if day else ""
