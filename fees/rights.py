"""Hour lists, fees and documents in a person's data (office.rights). Kept ten years after they were paid, then removed.

A payment run goes as a whole, with its lists, lines, documents and paid sessions, so that the totals of what stays are
what they were. One that a younger run still corrects waits for that run.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from assignments.models import Move, Session
from assignments.rights import ORDERS
from assignments.states import SessionState
from experts.rights import RECORD
from fees.actions.documents import DOCUMENTS
from fees.models import (
    AddedRow,
    BesideLine,
    Correction,
    CorrectionRequest,
    HourList,
    HourRow,
    PaymentRun,
    Receipt,
    Rejection,
    RowDraft,
    RunDocument,
    RunLine,
)
from fees.rules import can_go
from fees.states import ListState, RunState
from office import longwork
from office.rights import Fact, File, Obstacle, Person, Section, clear, fact, read, record_class, section
from office.templatetags.erfa import localname

FEES = record_class(
    "fees",
    gettext_lazy("Hour lists, fees and statements"),
    60,
    [
        "fees.HourList",
        "fees.HourRow",
        "fees.BesideLine",
        "fees.PaymentRun",
        "fees.RunLine",
        "fees.Correction",
        "fees.Rejection",
        "fees.RunDocument",
        "fees.Receipt",
        "fees.AddedRow",
        "fees.RowDraft",
        "fees.CorrectionRequest",
    ],
    lambda person: {
        "fees.HourList": HourList.objects.filter(expert=person.expert_id),
        "fees.HourRow": HourRow.objects.filter(hour_list__expert=person.expert_id),
        "fees.BesideLine": BesideLine.objects.filter(hour_list__expert=person.expert_id),
        "fees.RunLine": RunLine.objects.filter(expert=person.expert_id),
        "fees.Correction": Correction.objects.filter(corrects__expert=person.expert_id),
        "fees.Rejection": Rejection.objects.filter(line__expert=person.expert_id),
        "fees.RunDocument": RunDocument.objects.filter(expert=person.expert_id).defer("content"),
        "fees.AddedRow": AddedRow.objects.filter(session__expert=person.expert_id),
        "fees.RowDraft": RowDraft.objects.filter(session__expert=person.expert_id),
        "fees.CorrectionRequest": CorrectionRequest.objects.filter(session__expert=person.expert_id),
        "fees.Receipt": Receipt.objects.filter(session__expert=person.expert_id).defer("content"),
    },
)


@FEES.collects
def _fees(person: Person) -> Iterator[Section]:
    lists = HourList.objects.filter(expert=person.expert_id).select_related("unit", "approved_by", "run")
    yield from section(
        "hour_lists",
        _("Hour lists"),
        (
            [
                fact("id", _("Number"), one.pk),
                fact("unit", _("Unit"), one.unit.code, localname(one.unit)),
                *read(one, "month", "state", "sent_at", "approved_at"),
                fact("approved_by", _("Approved by"), str(one.approved_by) if one.approved_by else None),
                *read(one, "return_reason"),
                fact("run", _("Payment run"), one.run.number if one.run else None),
            ]
            for one in lists.order_by("month", "unit__code")
        ),
    )
    rows = HourRow.objects.filter(hour_list__expert=person.expert_id).order_by("session__starts_at", "id")
    yield from section(
        "hour_rows",
        _("Rows of hour lists"),
        (
            [
                fact("hour_list", _("Hour list"), row.hour_list_id),
                fact("session", _("Session"), row.session_id),
                *read(row, "return_reason"),
            ]
            for row in rows
        ),
        note=_("What was done in a session stands under “Sessions”."),
    )
    added = AddedRow.objects.filter(session__expert=person.expert_id).select_related("ordered_by").order_by("session")
    yield from section(
        "added_rows",
        _("Rows added afterwards"),
        (
            [
                fact("session", _("Session"), one.session_id),
                *read(one, "what", "why", "added_at"),
                fact("ordered_by", _("Ordered by"), str(one.ordered_by)),
            ]
            for one in added
        ),
    )
    asked = CorrectionRequest.objects.filter(session__expert=person.expert_id).order_by("id")
    yield from section(
        "correction_requests",
        _("Corrections asked for"),
        (
            [
                fact("session", _("Session"), one.session_id),
                *read(one, "state", "wanted", "asked_at", "answer", "answered_at"),
            ]
            for one in asked
        ),
    )
    beside = BesideLine.objects.filter(hour_list__expert=person.expert_id).order_by("pk")
    yield from section(
        "beside_lines",
        _("Lines beside the sessions of hour lists"),
        ([fact("hour_list", _("Hour list"), one.hour_list_id), *read(one, "code", "amount")] for one in beside),
    )
    lines = RunLine.objects.filter(expert=person.expert_id).select_related("run").order_by("run", "position")
    yield from section("fee_lines", _("Fees paid"), (_line(line) for line in lines))
    waiting = Correction.objects.filter(corrects__expert=person.expert_id, line__isnull=True).order_by("id")
    yield from section(
        "corrections",
        _("Corrections that wait for the next payment"),
        (read(one, "amount", "reason") for one in waiting),
    )

    rejected = Rejection.objects.filter(line__expert=person.expert_id).select_related("line__run")
    yield from section(
        "rejected_lines",
        _("Lines that the payroll house rejected"),
        (
            [
                fact("run", _("Payment run"), one.line.run.number),
                fact("position", _("Line"), one.line.position),
                *read(one, "state", "reason", "rejected_at", "settled_at"),
            ]
            for one in rejected.order_by("id")
        ),
    )


def _line(line: RunLine) -> list[Fact]:
    return [
        fact("run", _("Payment run"), line.run.number),
        fact("pay_date", _("Pay day"), line.run.pay_date),
        fact("position", _("Line"), line.position),
        fact("kind", _("Kind"), line.kind, line.get_kind_display()),
        fact("name", _("Name on the line"), line.expert_name),
        fact("payroll_number", _("Payroll number"), line.payroll_number),
        fact("unit", _("Unit"), line.unit_code, localname(line, "unit_name")),
        fact("orderer", _("Ordered by"), line.orderer_name),
        fact("approver", _("Approved by"), line.approver_name),
        fact("starts_at", _("Begins"), line.done_starts_at or line.starts_at),
        fact("ends_at", _("Ends"), line.done_ends_at or line.ends_at),
        fact("outcome", _("Outcome"), line.outcome),
        fact("fee", _("Fee"), line.fee_code, localname(line, "fee_name")),
        fact("fee_table", _("Fee table"), line.fee_table, _fee_table(line)),
        fact("units", _("Amount"), line.units),
        fact("unit_price", _("Unit price, €"), line.unit_price),
        fact("amount", _("Sum, €"), line.amount),
        fact("income_type", _("Income type"), line.income_type),
        fact("posting", _("Posting"), line.posting),
        fact("reason", _("Reason"), line.reason),
    ]


def _fee_table(line: RunLine) -> str:
    return (line.fee_table_sv if get_language() == "sv" else "") or line.fee_table


def _content(pk: int) -> bytes:
    return bytes(RunDocument.objects.get(pk=pk).content)


def _receipt(pk: int) -> bytes:
    return bytes(Receipt.objects.get(pk=pk).content)


@FEES.gives_files
def _documents(person: Person) -> Iterator[File]:
    for document in FEES.rows(person)["fees.RunDocument"].select_related("run").order_by("run", "filename"):
        title = _("%(kind)s, payment run %(run)s") % {"kind": document.get_kind_display(), "run": document.run.number}
        yield File(document.filename, title, partial(_content, document.pk))
    for receipt in FEES.rows(person)["fees.Receipt"].order_by("session", "pk"):
        title = _("Receipt of session %(number)s") % {"number": receipt.session_id}
        yield File(receipt.filename, title, partial(_receipt, receipt.pk))


@FEES.blocks
def _unpaid(person: Person, _at: datetime) -> Iterable[Obstacle]:
    lists = HourList.objects.filter(Exists(HourRow.objects.filter(hour_list=OuterRef("pk"))), expert=person.expert_id)
    yield Obstacle(
        lists.exclude(state=ListState.PAID),
        lambda count: (
            ngettext("%(count)s hour list has not been paid.", "%(count)s hour lists have not been paid.", count)
            % {"count": count}
        ),
    )
    pays = Q(fee__gt=0) | Q(travel_fee__gt=0)
    yield Obstacle(
        Session.objects.filter(pays, expert=person.expert_id, state=SessionState.CLOSED, hour_row__isnull=True),
        lambda count: (
            ngettext(
                "%(count)s session that pays is on no hour list.",
                "%(count)s sessions that pay are on no hour list.",
                count,
            )
            % {"count": count}
        ),
    )
    yield Obstacle(
        Correction.objects.filter(corrects__expert=person.expert_id, line__isnull=True),
        lambda _count: _("A correction waits for the next payment."),
    )
    yield Obstacle(
        Rejection.objects.waiting().filter(line__expert=person.expert_id),
        lambda _count: _("A line that the payroll house rejected waits for the next payment."),
    )


@FEES.kept_by_law(
    gettext_lazy("Bookkeeping (Accounting Act 1336/1997, 2:10). Lines and documents keep the name that was paid.")
)
def _ends(person: Person) -> QuerySet[Any]:
    return RunLine.objects.filter(expert=person.expert_id).annotate(ended=F("run__pay_date"))


@FEES.erases
def _no_empty_lists(person: Person, _name: str, _at: datetime) -> int:
    drafts = RowDraft.objects.filter(session__expert=person.expert_id)
    empty = HourList.objects.filter(expert=person.expert_id, rows__isnull=True, run__isnull=True)
    return sum(clear(drafts, empty).values())


@FEES.retained(months=120, least=84, since=gettext_lazy("the pay day"))
def _old_runs(border: date) -> QuerySet[Any]:
    """Paid runs of before the day that no younger run corrects."""
    paid = PaymentRun.objects.filter(state=RunState.PAID)
    over = set(paid.filter(pay_date__lt=border).values_list("pk", flat=True))
    pairs = set(RunLine.objects.filter(corrects__run__in=over).values_list("corrects__run", "run"))
    waiting = Correction.objects.filter(corrects__run__in=over, line__isnull=True)
    pairs |= {(run, 0) for run in waiting.values_list("corrects__run", flat=True)}
    rejected = Rejection.objects.waiting().filter(line__run__in=over)
    pairs |= {(run, 0) for run in rejected.values_list("line__run", flat=True)}
    return paid.filter(pk__in=can_go(over, pairs)).annotate(ended=F("pay_date"))


@FEES.removes
def _remove(ids: Sequence[Any]) -> Mapping[str, int]:
    lists = list(HourList.objects.filter(run__in=ids).values_list("pk", flat=True))
    sessions = list(HourRow.objects.filter(hour_list__in=lists).values_list("session", flat=True))
    longwork.forget(DOCUMENTS, ids)
    Session.objects.filter(began_as__in=sessions).exclude(pk__in=sessions).update(began_as=None)
    return clear(
        CorrectionRequest.objects.filter(session__in=sessions),
        Correction.objects.filter(Q(line__run__in=ids) | Q(corrects__run__in=ids)),
        Rejection.objects.filter(Q(line__run__in=ids) | Q(carried_by__run__in=ids)),
        RunDocument.objects.filter(run__in=ids),
        RunLine.objects.filter(run__in=ids),
        Receipt.objects.filter(session__in=sessions),
        AddedRow.objects.filter(session__in=sessions),
        RowDraft.objects.filter(session__in=sessions),
        HourRow.objects.filter(hour_list__in=lists),
        BesideLine.objects.filter(hour_list__in=lists),
        HourList.objects.filter(pk__in=lists),
        Move.objects.filter(session__in=sessions),
        Session.objects.filter(pk__in=sessions),
        PaymentRun.objects.filter(pk__in=ids),
    )


@RECORD.leaned_on
def _with_fees(experts: QuerySet[Any]) -> QuerySet[Any]:
    for model in (HourList, RunLine, RunDocument):
        experts = experts.exclude(Exists(model._default_manager.filter(expert=OuterRef("pk"))))
    return experts


@ORDERS.leaned_on
def _in_lists(orders: QuerySet[Any]) -> QuerySet[Any]:
    """An order stays as long as one of its sessions is on an hour list."""
    return orders.exclude(pk__in=HourRow.objects.values("session__order"))
