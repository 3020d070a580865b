"""Taking an uploaded sheet."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from desk.importing.files import take
from desk.importing.report import Report
from desk.models import UploadedSheet
from office.actions import log
from office.errors import Conflict
from office.models import User

KEPT = timedelta(days=1)


def upload(sort: str, name: str, content: bytes, *, by: User, at: datetime) -> UploadedSheet:
    """Keeps the file for its dry run; what was left lying for a day goes."""
    UploadedSheet.objects.filter(taken_at__isnull=True, uploaded_at__lt=at - KEPT).delete()
    return UploadedSheet.objects.create(sort=sort, name=name[:200], content=content, uploaded_by=by, uploaded_at=at)


def dry_run(sheet: UploadedSheet, *, by: User, at: datetime) -> Report:
    """What taking the file would do; nothing stays."""
    return take(sheet.sort, sheet.name, bytes(sheet.content), by=by, at=at, dry_run=True, approve_table=False)


def take_sheet(sheet: UploadedSheet, *, by: User, at: datetime, skip_bad_rows: bool = False) -> Report:
    """Takes the file once. A fee table becomes a draft: approving it needs the decision. Raises Conflict when taken."""
    with transaction.atomic():
        there = UploadedSheet.objects.select_for_update().filter(pk=sheet.pk, taken_at__isnull=True).first()
        if there is None:
            raise Conflict(_("This file has been taken already."))
        report = take(
            sheet.sort,
            sheet.name,
            bytes(there.content),
            by=by,
            at=at,
            skip_bad_rows=skip_bad_rows,
            approve_table=False,
        )
        if report.taken:
            result = f"{report.added} + {report.changed} + {report.same}, {report.bad_rows}"
            UploadedSheet.objects.filter(pk=sheet.pk).update(taken_at=at, content=b"", result=result)
            log("sheet.taken", there, by=by, at=at, file=sheet.name, result=result)
    return report
