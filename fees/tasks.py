"""Tasks about payments. They take ids."""

from threading import Thread

from celery import shared_task
from django.conf import settings
from django.db import connection
from django.utils import timezone

from fees.actions.documents import DOCUMENTS, prepare, without_documents
from fees.models import PaymentRun
from office import longwork

#: How many workers are asked to make the documents of a run together. One that finds nothing left goes.
HANDS = 2


@shared_task
def make_documents(run_id: int) -> None:
    """Makes documents of a run beside others who do; goes on where an earlier try stopped."""
    run = PaymentRun.objects.get(pk=run_id)
    work = longwork.find(DOCUMENTS, run_id) or prepare(run, by=run.made_by, at=run.made_at)
    longwork.go_on(work.pk, at=timezone.now())


@shared_task
def make_missing_documents() -> None:
    """The tick: documents of runs that were not finished and that nobody has broken off."""
    at = timezone.now()
    for run in without_documents():
        prepare(run, by=run.made_by, at=at)
    longwork.go_on_with_all(DOCUMENTS, at=at)


def start_documents(run_id: int) -> None:
    """Has the documents made: by workers, or in the demonstration, which has none, beside the answer to the click."""
    if settings.DEMO and settings.CELERY_TASK_ALWAYS_EAGER:
        Thread(target=_beside, args=[run_id]).start()
        return
    for _hand in range(1 if settings.CELERY_TASK_ALWAYS_EAGER else HANDS):
        make_documents.delay(run_id)


def _beside(run_id: int) -> None:
    try:
        make_documents(run_id)
    finally:
        connection.close()
