"""Difference lines of a table approved after its start (R17): each a correction that rides on the next run."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from assignments.actions.repriced import take_new_price
from assignments.models import Session
from experts.readers import reader_of
from fees import differences
from fees.actions.telling import tell_finance
from fees.messages import NEW_PRICES
from fees.models import Correction, PaymentRun, RunLine
from feetables.models import FeeTable
from feetables.rules import ZERO
from office.actions import log
from office.choices import Role
from office.errors import Conflict, Refused
from office.formats import money
from office.models import LogEntry, User
from office.outbox import post_many, written
from office.outbox_text import Outsider
from office.saving import readable


def _approved(table: FeeTable, by: User) -> None:
    if not by.has_role(Role.COORDINATOR):
        raise Refused(_("You may not do this."))
    if table.state != FeeTable.State.APPROVED:
        raise Refused(_("The table is not approved yet."))


def _changed() -> Conflict:
    return Conflict(_("This has changed meanwhile. Look at the page again."))


def make_differences(table: FeeTable, shown: Mapping[int, Decimal], *, by: User, at: datetime) -> list[Correction]:
    """Makes the difference lines that the person has chosen: paid line → difference shown (euros).

    All or none; payee, unit and item are those of the line when a run takes it (R23, M17). A line that has its
    difference already is left alone, so doing it twice makes nothing twice. Raises Refused without the role, for a
    draft and for one's own lines; Conflict when a difference is another by now (somebody corrected the line by hand).
    """
    _approved(table, by)
    with readable():
        # As ``correct`` does: whoever mends the same line waits here, then both count with what is there.
        locked = RunLine.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=shown)
        own = {line.pk for line in locked.order_by("pk").select_related("expert") if line.expert.user_id == by.pk}
        if own:
            raise Refused(
                _("Nobody makes a difference line for themselves. Leave your own lines to another coordinator.")
            )
        made_before = set(Correction.objects.filter(table=table, corrects__in=shown).values_list("corrects", flat=True))
        found = {one.line.pk: one for one in differences.of_lines(table, list(shown))}
        wanted = {pk: amount for pk, amount in shown.items() if pk not in made_before}
        if any(pk not in found or found[pk].difference != amount or not amount for pk, amount in wanted.items()):
            raise _changed()
        made = Correction.objects.bulk_create(
            Correction(
                corrects=found[pk].line,
                amount=amount,
                made_by=by,
                made_at=at,
                table=table,
                reason=_reason(table, found[pk]),
            )
            for pk, amount in wanted.items()
        )
        _log(made, table, by=by, at=at)
        if made:
            newest = PaymentRun.objects.filter(lines__pending_corrections__in=made).order_by("-number")[0]
            total = sum((one.amount for one in made), ZERO)
            tell_finance(newest, len(made), total, once=f"differences/{made[0].pk}", by=by, at=at)
    return made


def _reason(table: FeeTable, one: differences.Difference) -> str:
    """What a statement prints: which table, by its name in the expert's language, and both sums."""
    new = one.new.amount if one.new else one.old
    return f"{table.name_in(one.line.expert_language)}: {money(one.old, 'fi')} → {money(new, 'fi')}"[:300]


def _log(made: list[Correction], table: FeeTable, *, by: User, at: datetime) -> None:
    if not made:
        return
    LogEntry.objects.bulk_create(
        LogEntry(
            at=at, actor=by, kind="correction.make", object_type=Correction._meta.label_lower, object_id=one.pk,
            reason=one.reason, facts={"line": one.corrects_id, "amount": str(one.amount), "table": table.pk},
        )
        for one in made
    )  # fmt: skip
    total = sum((one.amount for one in made), ZERO)
    log("feetable.differences", table, by=by, at=at, count=len(made), total=str(total))


def take_new_prices(table: FeeTable, shown: Mapping[int, Decimal], *, by: User, at: datetime) -> int:
    """Agreed sessions (id → sum shown, euros) that pay by the table from now on; all or none. Returns how many.

    What has that price already is left alone. Raises as ``take_new_price``.
    """
    _approved(table, by)
    with transaction.atomic():
        sessions = Session.objects.filter(pk__in=shown).exclude(fee_item__table=table)
        changed = []
        for session in sessions.select_related("expert__user", "unit", "order__orderer").order_by("starts_at", "pk"):
            was = session.fee + session.travel_fee
            take_new_price(session, by=by, at=at, expected=shown[session.pk])
            changed.append({"session": session, "was": was, "now": shown[session.pk]})
        if changed:
            log("feetable.new_prices", table, by=by, at=at, count=len(changed))
            _tell(changed, table, at=at)
    return len(changed)


def _tell(changed: Sequence[dict[str, Any]], table: FeeTable, *, at: datetime) -> None:
    """One message for each expert and each orderer, of all their times; an expert who also ordered is told once."""
    people: dict[str, User | Outsider | None] = {}
    told: dict[str, list[dict[str, Any]]] = {}
    own = set()
    for one in changed:
        expert, orderer = one["session"].expert, one["session"].order.orderer
        who = f"u{expert.user_id}" if expert.user_id else f"e{expert.pk}"
        own.add(who)
        people |= {f"u{orderer.pk}": orderer, who: reader_of(expert)}
        for key in dict.fromkeys([who, f"u{orderer.pk}"]):
            told.setdefault(key, []).append(one)
    messages = [
        written(
            NEW_PRICES, people[key], about=rows[0]["session"], at=at, once=f"{table.pk}:{at.isoformat()}",
            prices=rows, count=len(rows), table=table, own=key in own,
        )
        for key, rows in told.items()
    ]  # fmt: skip
    post_many([one for one in messages if one is not None])


def note_looked(table: FeeTable, *, by: User, at: datetime) -> None:
    """The coordinator has looked at the differences and makes no more: the first page asks again only when another
    run has paid work of the table's days by an older price.
    """
    _approved(table, by)
    last = PaymentRun.objects.aggregate(last=Max("made_at"))["last"] or table.approved_at
    if not LogEntry.objects.of(table).filter(kind="feetable.looked", at__gte=last).exists():
        log("feetable.looked", table, by=by, at=at)
