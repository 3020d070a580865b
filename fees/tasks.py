"""Tasks about payments. They take ids."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

from celery import shared_task
from django.conf import settings
from django.db import connection

from fees import actions
from fees.actions.documents import without_documents
from fees.models import PaymentRun

#: With the run's id the name of a lock: only one worker at a time makes the documents of a run.
DOCUMENTS = 730


@contextmanager
def _alone(run_id: int) -> Iterator[bool]:
    """Whether this worker got the run's documents to make; another one is at it otherwise."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [DOCUMENTS, run_id])
        (got,) = cursor.fetchone()
        try:
            yield got
        finally:
            if got:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [DOCUMENTS, run_id])


@shared_task
def make_documents(run_id: int) -> None:
    """Makes the documents of a run; goes on where an earlier try stopped."""
    with _alone(run_id) as mine:
        if mine:
            actions.make_documents(PaymentRun.objects.get(pk=run_id))


@shared_task
def make_missing_documents() -> None:
    """The tick: runs whose documents were not finished."""
    for run in without_documents():
        make_documents(run.pk)


def start_documents(run_id: int) -> None:
    """Has the documents made: by a worker, or in the demonstration, which has none, beside the answer to the click."""
    if settings.DEMO and settings.CELERY_TASK_ALWAYS_EAGER:
        Thread(target=_beside, args=[run_id]).start()
    else:
        make_documents.delay(run_id)


def _beside(run_id: int) -> None:
    try:
        make_documents(run_id)
    finally:
        connection.close()
