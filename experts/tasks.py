"""Tasks of the registry. They take ids; the clock is read here."""

from celery import shared_task
from django.utils import timezone

from experts.actions.contract_papers import keep_pdf
from experts.models import Contract


@shared_task
def make_contract_paper(contract_id: int) -> None:
    """Makes and keeps the PDF of a contract that is in force; harmless when it is there."""
    contract = Contract.objects.select_related("expert__user", "accepted_by", "countersigned_by", "text_version").get(
        pk=contract_id
    )
    keep_pdf(contract, at=timezone.now())


@shared_task
def make_missing_contract_papers() -> None:
    """The tick: contracts whose PDF was not made (a lost task, a worker that died)."""
    signed = Contract.objects.filter(countersigned_at__isnull=False).exclude(papers__kind="pdf")
    for pk in signed.order_by("pk").values_list("pk", flat=True)[:50]:
        make_contract_paper(pk)
