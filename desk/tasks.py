"""Work on uploaded sheets, and the nightly retention. Tasks take ids."""

from threading import Thread

from celery import shared_task
from django.conf import settings
from django.db import connection
from django.utils import timezone

from desk import actions, retention
from desk.models import UploadedSheet

#: A file of this size is read while the person waits: some 300 rows take a second or two.
SMALL = 40_000


@shared_task
def work_on_sheet(pk: int) -> None:
    """The dry run or the taking of a sheet, whichever it waits for."""
    actions.work(pk, at=timezone.now())


def start(sheet: UploadedSheet) -> None:
    """Has it done: by a worker; without one a small file in the answer to the click, a large one beside it."""
    if settings.CELERY_TASK_ALWAYS_EAGER and len(sheet.content) > SMALL:
        Thread(target=_beside, args=[sheet.pk]).start()
    else:
        work_on_sheet.delay(sheet.pk)


def _beside(pk: int) -> None:
    try:
        work_on_sheet(pk)
    finally:
        connection.close()


@shared_task
def carry_out_retention() -> None:
    """The tick of the night: what is over its time goes, with a report."""
    retention.carry_out(by=None, at=timezone.now())
