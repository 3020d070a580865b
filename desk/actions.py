"""An uploaded sheet: looked at (a dry run), taken once, or broken off. The work itself is done by ``work``."""

import hashlib
import json
import logging
from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F, Q
from django.utils import translation
from django.utils.translation import gettext as _

from desk.importing.files import Tick, quiet, take
from desk.importing.report import Report, as_json, from_json
from desk.models import UploadedSheet
from desk.progress import Progress, Stopped
from experts.actions import noted_read
from office.actions import log
from office.errors import Conflict
from office.models import User

KEPT = timedelta(days=1)
#: Work that has told nothing for so long is taken for broken off: its worker died.
SILENT = timedelta(minutes=2)
State = UploadedSheet.State
logger = logging.getLogger(__name__)


def upload(sort: str, name: str, content: bytes, *, by: User, at: datetime, language: str = "fi") -> UploadedSheet:
    """Keeps the file for its dry run, to be told in ``language``.

    A look at a registry's sheet shows what is stored about people beside it, so it is noted (read log).
    """
    with transaction.atomic():
        if sort == UploadedSheet.Sort.REGISTRY:
            noted_read(None, "import", by=by, at=at)
        return UploadedSheet.objects.create(
            sort=sort, name=name[:200], content=content, uploaded_by=by, uploaded_at=at, beat_at=at, language=language
        )


def look_again(sheet: UploadedSheet, *, by: User, at: datetime, language: str) -> None:
    """Another dry run: in another language, or after a break-off. Conflict while it is worked on, or taken."""
    silent = Q(state__in=[State.LOOKING, State.TAKING], beat_at__lt=at - SILENT)
    free = (Q(state__in=[State.LOOKED, State.STOPPED]) | silent) & ~Q(content=b"")
    _turn(sheet, free, by=by, at=at, state=State.LOOKING, language=language, done=0, asked_again=False, report=None)


def confirm(
    sheet: UploadedSheet,
    *,
    seen: str,
    by: User,
    at: datetime,
    skip_bad_rows: bool = False,
    approver: User | None = None,
) -> None:
    """The person has seen the dry run (``seen`` is its mark) and wants it so: the taking may begin. Once.

    Conflict when it is taken already, or when another dry run has been made since.
    """
    _turn(
        sheet,
        Q(state=State.LOOKED, seen=seen) & ~Q(seen=""),
        by=by,
        at=at,
        state=State.TAKING,
        done=0,
        skip_bad_rows=skip_bad_rows,
        approver=approver,
        asked_again=False,
    )


def stop(sheet: UploadedSheet, *, by: User, at: datetime) -> None:
    """Breaks the work off; or decides not to take the file, which is dropped then. Conflict when it has been taken."""
    decided = sheet.state == State.LOOKED
    dropped: dict[str, object] = {"content": b"", "report": None} if decided else {}
    free = Q(state=State.LOOKED) if decided else ~Q(state__in=[State.TAKEN, State.LOOKED])
    _turn(sheet, free, by=by, at=at, state=State.STOPPED, **dropped)


def _turn(sheet: UploadedSheet, free: Q, *, by: User, at: datetime, state: str, **changes: object) -> None:
    """The next turn of the file, by compare-and-swap."""
    mine = UploadedSheet.objects.filter(free, pk=sheet.pk, uploaded_by=by)
    if not mine.update(state=state, attempt=F("attempt") + 1, tries=0, beat_at=at, **changes):
        raise Conflict(_("This has changed meanwhile. Look at the page again."))
    sheet.refresh_from_db()


def work(pk: int, *, at: datetime) -> None:
    """Does what the sheet waits for: the dry run, or the taking. What goes wrong leaves nothing and says so.

    Harmless while another is at it. When the database cuts the connection it is left to the clock.
    """
    sheet = UploadedSheet.objects.select_related("uploaded_by", "approver").filter(pk=pk).first()
    if sheet is None or not sheet.at_work:
        return
    try:
        with translation.override(sheet.language), Progress(pk, sheet.attempt) as tick:
            if sheet.state == State.LOOKING:
                _look(sheet, at=at, tick=tick)
            else:
                _take(sheet, at=at, tick=tick)
    except Stopped:
        return
    except (OperationalError, InterfaceError):
        logger.warning("sheet %s waits for the clock", pk, exc_info=True)
    except Exception:
        logger.exception("sheet %s", pk)
        UploadedSheet.objects.filter(pk=pk, attempt=sheet.attempt).update(state=State.STOPPED, result="error")


def unfinished() -> list[int]:
    """Sheets that wait for work, or that somebody is at. Who tries finds out (``work``)."""
    at_work = UploadedSheet.objects.filter(state__in=[State.LOOKING, State.TAKING])
    return list(at_work.order_by("pk").values_list("pk", flat=True))


def drop_old(*, at: datetime) -> int:
    """What was uploaded a day ago and not taken goes. Says how many."""
    left = UploadedSheet.objects.filter(taken_at__isnull=True, uploaded_at__lt=at - KEPT)
    return left.delete()[0]


def _report(sheet: UploadedSheet, *, at: datetime, tick: Tick = quiet, **how: object) -> Report:
    return take(
        sheet.sort,
        sheet.name,
        bytes(sheet.content),
        by=sheet.uploaded_by,
        at=at,
        approve_table=False,  # approving a fee table needs the decision
        approver=sheet.approver,
        tick=tick,
        **how,  # type: ignore[arg-type]  # told by its two callers
    )


def mark(report: Report) -> str:
    """Changes when anything that the person reads changes."""
    return hashlib.sha256(json.dumps(as_json(report), sort_keys=True).encode()).hexdigest()


def _look(sheet: UploadedSheet, *, at: datetime, tick: Tick) -> None:
    _looked(sheet, _report(sheet, at=at, tick=tick, dry_run=True))


def _looked(sheet: UploadedSheet, report: Report, *, asked_again: bool = False) -> None:
    mine = UploadedSheet.objects.filter(pk=sheet.pk, attempt=sheet.attempt)
    mine.update(state=State.LOOKED, report=as_json(report), seen=mark(report), asked_again=asked_again)


def _take(sheet: UploadedSheet, *, at: datetime, tick: Tick) -> None:
    """Takes the file if it does what the person has seen; else asks again. One transaction, and the last word in it."""

    def last_word(report: Report) -> bool:
        if mark(report) != sheet.seen:
            return False
        result = f"{report.added} + {report.changed} + {report.same}, {report.bad_rows}"
        mine = UploadedSheet.objects.filter(pk=sheet.pk, attempt=sheet.attempt, state=State.TAKING)
        if not mine.update(state=State.TAKEN, taken_at=at, content=b"", report=None, result=result):
            raise Stopped  # somebody broke it off at the last moment
        log("sheet.taken", sheet, by=sheet.uploaded_by, at=at, file=sheet.name, result=result)
        return True

    report = _report(sheet, at=at, tick=tick, skip_bad_rows=sheet.skip_bad_rows, before_commit=last_word)
    if not report.taken:
        _looked(sheet, report, asked_again=True)


def kept_report(sheet: UploadedSheet) -> Report | None:
    """What the last dry run told."""
    return from_json(sheet.name, sheet.sort, sheet.report) if sheet.report else None
