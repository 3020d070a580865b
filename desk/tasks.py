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


@shared_task
def go_on_with_sheets() -> None:
    """The tick: sheets whose task was lost or whose worker died; what was left lying for a day goes."""
    actions.drop_old(at=timezone.now())
    for pk in actions.unfinished():
        work_on_sheet.apply_async((pk,), expires=50)


def _beside(pk: int) -> None:
    try:
        work_on_sheet(pk)
    finally:
        connection.close()


@shared_task
def carry_out_retention() -> None:
    """The tick: once a night what is over its time goes, with a report; late ticks catch up."""
    retention.carry_out_when_due(at=timezone.now())
