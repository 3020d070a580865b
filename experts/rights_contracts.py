"""Contracts in a person's data: kept ten years after their end (bookkeeping), then removed with their papers."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from experts.models import Contract, ContractPaper
from office.rights import File, Obstacle, Person, Section, clear, fact, read, record_class, section
from office.workdays import local_date

CONTRACTS = record_class(
    "contracts",
    gettext_lazy("Contracts"),
    40,
    ["experts.Contract", "experts.ContractPaper"],
    lambda person: {
        "experts.Contract": Contract.objects.filter(expert=person.expert_id),
        "experts.ContractPaper": ContractPaper.objects.filter(contract__expert=person.expert_id).defer("content"),
    },
)
#: What both have signed.
SIGNED = Q(state__in=Contract.HOLDING)


@CONTRACTS.collects
def _contracts(person: Person) -> Iterator[Section]:
    found = Contract.objects.filter(expert=person.expert_id).select_related("fee_table").order_by("valid_from", "id")
    yield from section(
        "contracts",
        _("Contracts"),
        (
            [
                *read(one, "valid_from", "valid_to", "kinds", "state", "signed_on", "language"),
                *read(one, "training", "experience", "wishes", "tasks", "name_topics", "notice_on"),
                fact("fee_table", _("Fee table"), str(one.fee_table) if one.fee_table else None),
                fact("accepted_at", _("Accepted by you"), one.accepted_at or one.accepted_on),
                fact("accepted_how", _("How"), one.accepted_how, one.get_accepted_how_display()),
                fact("countersigned_at", _("Signed by the county"), one.countersigned_at),
                fact("end_reason", _("Why it ended early"), one.end_reason, one.get_end_reason_display()),
                fact("text", _("Text"), one.text),
                fact("text_hash", _("Hash of the text (SHA-256)"), one.text_hash),
            ]
            for one in found
        ),
    )


def _content(pk: int) -> bytes:
    return bytes(ContractPaper.objects.get(pk=pk).content)


@CONTRACTS.gives_files
def _papers(person: Person) -> Iterator[File]:
    for paper in CONTRACTS.rows(person)["experts.ContractPaper"].order_by("contract", "kind"):
        yield File(
            f"contract-{paper.contract_id}-{paper.filename}",
            _("Contract: %(kind)s") % {"kind": paper.get_kind_display()},
            partial(_content, paper.pk),
        )


@CONTRACTS.blocks
def _in_force(person: Person, at: datetime) -> Iterable[Obstacle]:
    rows = Contract.objects.filter(expert=person.expert_id)
    yield Obstacle(
        rows.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=local_date(at)), SIGNED),
        lambda count: (
            ngettext("%(count)s contract has not run out.", "%(count)s contracts have not run out.", count)
            % {"count": count}
        ),
    )
    yield Obstacle(
        rows.filter(state__in=[Contract.State.SENT, Contract.State.ACCEPTED]),
        lambda _count: _("A contract waits for a signature. Take it back first."),
    )


@CONTRACTS.kept_by_law(
    gettext_lazy("Ground of the fees paid (Accounting Act 1336/1997, 2:10). The signed text names the person.")
)
def _ends(person: Person) -> QuerySet[Any]:
    return Contract.objects.filter(SIGNED, expert=person.expert_id, valid_to__isnull=False).annotate(
        ended=F("valid_to")
    )


@CONTRACTS.erases
def _no_drafts(person: Person, _name: str, _at: datetime) -> int:
    """What was never signed goes."""
    drafts = Contract.objects.filter(expert=person.expert_id).exclude(SIGNED)
    return sum(_remove(list(drafts.values_list("pk", flat=True))).values())


@CONTRACTS.retained(months=120, least=84, since=gettext_lazy("the last day of the contract"))
def _old_contracts(border: date) -> QuerySet[Any]:
    """Signed contracts that ended before the day, and that no session leans on any more."""
    return Contract.objects.filter(SIGNED, valid_to__lt=border).annotate(ended=F("valid_to"))


@CONTRACTS.removes
def _remove(ids: Sequence[Any]) -> Mapping[str, int]:
    Contract.objects.filter(renewed_from__in=ids).update(renewed_from=None)
    return clear(ContractPaper.objects.filter(contract__in=ids), Contract.objects.filter(pk__in=ids))
