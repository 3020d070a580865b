"""Tasks about payments. They take ids."""

from celery import shared_task

from fees import actions
from fees.actions.documents import without_documents
from fees.models import PaymentRun


@shared_task
def make_documents(run_id: int) -> None:
    """Makes the documents of a run; goes on where an earlier try stopped."""
    actions.make_documents(PaymentRun.objects.get(pk=run_id))


@shared_task
def make_missing_documents() -> None:
    """The tick: runs whose documents were not finished."""
    for run in without_documents():
        actions.make_documents(run)
