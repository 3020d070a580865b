"""The building of a payment run: frozen lines from approved lists and waiting corrections.

Everything that a document will ever print is copied onto the line (R23, D4 of the lessons). What a session pays stands
on it since its outcome was marked; nothing is counted here but sums. So the database copies by itself: ten thousand
lines are one statement, no row of them comes to Python.
"""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from django.db import connection
from django.db.models import Q

from fees.models import Correction, Rejection, RunLine
from fees.states import RejectionState
from office.models import User

FEE, TRAVEL, CORRECTION = RunLine.Kind.FEE.value, RunLine.Kind.TRAVEL.value, RunLine.Kind.CORRECTION.value
CARRIED = RunLine.Kind.CARRIED.value

#: Which lines count as travel: also a correction of a travel line, and one that carries travel (``price`` says so).
IS_TRAVEL = Q(kind=TRAVEL) | Q(kind=CORRECTION, corrects__kind=TRAVEL) | Q(kind=CARRIED, price__travel=True)


def is_travel(line: RunLine) -> bool:
    """The same of one line. Select ``corrects`` with it."""
    if line.kind == CORRECTION:
        return line.corrects is not None and line.corrects.kind == TRAVEL
    return line.kind == TRAVEL or (line.kind == CARRIED and bool(line.price.get("travel")))


# --- what a line copies, and from where ------------------------------------------------------------------------------

#: The fee table as documents name it: Palkkiotaulukko 2026, Aluehallitus 12.12.2025 § 12, EX/1/2026
FEE_TABLE = """left(concat_ws(', ', nullif(t.name, ''), nullif(concat_ws(' ', nullif(t.decided_by, ''),
  to_char(t.decided_on, 'FMDD.FMMM.YYYY'), nullif(t.section, '')), ''), nullif(t.diary_number, '')), 300)"""
#: The same by its Swedish name; empty where it has none.
FEE_TABLE_SV = f"CASE WHEN coalesce(t.name_sv, '') = '' THEN '' ELSE {FEE_TABLE.replace('t.name,', 't.name_sv,')} END"

#: Every column of a fee or travel line but its key and run. The position counts by names, units and times.
COLUMNS = {
    "position": "row_number() OVER (ORDER BY e.place, u.code, s.starts_at, s.id, p.kind)",
    "kind": "p.kind",
    "hour_list_id": "r.hour_list_id",
    "session_id": "s.id",
    "corrects_id": "NULL::bigint",
    "expert_id": "e.id",
    "expert_name": "e.first_name || ' ' || e.last_name",
    "expert_language": "e.language",
    "payroll_number": "coalesce(e.payroll_number, '')",
    "unit_id": "u.id",
    "unit_code": "u.code",
    "unit_name_fi": "u.name_fi",
    "unit_name_sv": "u.name_sv",
    "cost_centre": "u.cost_centre",
    "orderer_name": "orderer.first_name || ' ' || orderer.last_name",
    "approver_name": "coalesce(approver.first_name || ' ' || approver.last_name, '')",
    "work_kind": "s.kind",
    "starts_at": "s.starts_at",
    "ends_at": "s.ends_at",
    "done_starts_at": "s.done_starts_at",
    "done_ends_at": "s.done_ends_at",
    "outcome": "s.outcome",
    "rule": "s.rule",
    "free_until": "s.free_until",
    "received_at": "s.received_at",
    "fee_code": "p.price->>'code'",
    # Of several duration brackets the one that priced the work names it: found by its code in the agreed item's table.
    "fee_name_fi": "coalesce(i.name_fi, p.price->>'code')",
    "fee_name_sv": "coalesce(i.name_sv, p.price->>'code')",
    "fee_table": "coalesce(t.said, '')",
    "fee_table_sv": "coalesce(t.said_sv, '')",
    "units": "(p.price->>'units')::numeric",
    "unit_name": "p.price->>'unit'",
    "unit_price": "(p.price->>'unit_price')::numeric",
    "amount": "p.amount",
    "income_type": "p.price->>'income_type'",
    "posting": "coalesce(i.posting, agreed.posting, '')",
    "price": "p.price",
    "reason": "CASE WHEN p.kind = 'fee' THEN coalesce(s.override_reason, '') ELSE '' END",
}

#: The experts of the lists in the order of their names: five hundred names are compared, not ten thousand lines.
EXPERTS = """(
  SELECT e.*, row_number() OVER (ORDER BY e.last_name, e.first_name, e.id) AS place
  FROM experts_expert e WHERE e.id IN (SELECT expert_id FROM fees_hourlist WHERE id = ANY (%(lists)s)))"""

#: OFFSET: a table is named once, not for each of its lines.
TABLES = f"""(
  SELECT t.id, {FEE_TABLE} AS said, {FEE_TABLE_SV} AS said_sv FROM feetables_feetable t OFFSET 0)"""  # noqa: S608 - words of ours

#: Each row of the lists gives a fee, also of 0,00 €, and a journey where one is paid.
SOURCE = f"""
FROM fees_hourrow r
JOIN fees_hourlist l ON l.id = r.hour_list_id
JOIN assignments_session s ON s.id = r.session_id
JOIN assignments_order o ON o.id = s.order_id
JOIN {EXPERTS} e ON e.id = s.expert_id
JOIN office_unit u ON u.id = s.unit_id
LEFT JOIN fees_addedrow a ON a.session_id = s.id
JOIN office_user orderer ON orderer.id = coalesce(a.ordered_by_id, o.orderer_id)
LEFT JOIN office_user approver ON approver.id = l.approved_by_id
CROSS JOIN LATERAL (VALUES
  ('fee', s.fee, s.price, s.fee_item_id),
  ('travel', s.travel_fee, s.travel_price, s.travel_item_id)) p (kind, amount, price, item_id)
LEFT JOIN feetables_feeitem agreed ON agreed.id = p.item_id
LEFT JOIN {TABLES} t ON t.id = agreed.table_id
LEFT JOIN feetables_feeitem i ON i.table_id = t.id AND i.code = p.price->>'code'
WHERE r.hour_list_id = ANY (%(lists)s) AND (p.kind = 'fee' OR p.price IS NOT NULL OR p.amount <> 0)
"""


#: A line beside the sessions of a list: a fee line of no session, on the day of the session that earned it.
BESIDE = COLUMNS | {
    "position": "row_number() OVER (ORDER BY e.place, u.code, s.starts_at, x.id)",
    "kind": "'fee'",
    "hour_list_id": "x.hour_list_id",
    "session_id": "NULL::bigint",
    "done_starts_at": "NULL::timestamptz",
    "done_ends_at": "NULL::timestamptz",
    "outcome": "''",
    "rule": "''",
    "free_until": "NULL::timestamptz",
    "received_at": "NULL::timestamptz",
    "fee_code": "x.code",
    "fee_name_fi": "i.name_fi",
    "fee_name_sv": "i.name_sv",
    "units": "(x.price->>'units')::numeric",
    "unit_name": "x.price->>'unit'",
    "unit_price": "(x.price->>'unit_price')::numeric",
    "amount": "x.amount",
    "income_type": "x.price->>'income_type'",
    "posting": "i.posting",
    "price": "x.price",
    "reason": "''",
}
BESIDE_SOURCE = f"""
FROM fees_besideline x
JOIN fees_hourlist l ON l.id = x.hour_list_id
JOIN assignments_session s ON s.id = x.session_id
JOIN assignments_order o ON o.id = s.order_id
JOIN {EXPERTS} e ON e.id = s.expert_id
JOIN office_unit u ON u.id = s.unit_id
JOIN office_user orderer ON orderer.id = o.orderer_id
JOIN feetables_feeitem i ON i.id = x.item_id
JOIN {TABLES} t ON t.id = i.table_id
LEFT JOIN office_user approver ON approver.id = l.approved_by_id
WHERE x.hour_list_id = ANY (%(lists)s)
"""


def select_beside(columns: Iterable[str]) -> str:
    return "SELECT " + ", ".join(f"{BESIDE[name]} AS {name}" for name in columns) + BESIDE_SOURCE


def select(columns: Iterable[str]) -> str:
    return "SELECT " + ", ".join(f"{COLUMNS[name]} AS {name}" for name in columns) + SOURCE


def store(run_id: int, list_ids: Collection[int], corrections: Sequence[Correction] = ()) -> int:
    """Writes the lines of a run, those of the lists and then the corrections, and says how many. The run itself comes
    after them.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '64MB'")  # ten thousand lines are sorted in memory, not on disk
        cursor.execute(
            f"INSERT INTO fees_runline (run_id, {', '.join(COLUMNS)})"  # noqa: S608 - names of ours
            f" SELECT %(run)s, lines.* FROM ({select(COLUMNS)}) lines",
            {"lists": list(list_ids), "run": run_id},
        )
        stored = int(cursor.rowcount)
        shifted = ", ".join(f"position + {stored}" if name == "position" else name for name in COLUMNS)
        cursor.execute(
            f"INSERT INTO fees_runline (run_id, {', '.join(COLUMNS)})"  # noqa: S608 - names of ours
            f" SELECT %(run)s, {shifted} FROM ({select_beside(COLUMNS)}) lines",
            {"lists": list(list_ids), "run": run_id},
        )
        stored += int(cursor.rowcount)
    _store_corrections(run_id, corrections, after=stored)
    return stored + len(corrections)


def _store_corrections(run_id: int, corrections: Sequence[Correction], *, after: int) -> None:
    """Plus and minus lines: payee, unit and item are those of the corrected line, as they were (R23, M17). The payroll
    house's number of the person is the one known now: a wrong one is a reason to reject a line.

    Each correction names the line that it became, so that no other run takes it.
    """
    made = []
    for position, correction in enumerate(corrections, after + 1):
        old = correction.corrects
        values = {name: getattr(old, name) for name in COLUMNS}
        values |= {
            "position": position,
            "kind": CORRECTION,
            "corrects_id": old.pk,
            "payroll_number": payroll_number_now(old),
            "approver_name": str(correction.made_by),
            "units": Decimal(1),
            "unit_name": "correction",
            "unit_price": correction.amount,
            "amount": correction.amount,
            "price": {"amount": str(correction.amount)},
            "reason": correction.reason,
        }
        made.append(RunLine(run_id=run_id, **values))
    for correction, line in zip(corrections, RunLine.objects.bulk_create(made), strict=True):
        correction.line = line
        correction.save(update_fields=["line"])


def store_carried(run_id: int, rejections: Sequence[Rejection], *, after: int, by: User | None, at: datetime) -> None:
    """Lines that pay what the payroll house rejected in earlier runs: each a copy that names the rejected one (M12).

    After all other lines. Each rejection names the line that it became, so that no other run pays it.
    """
    made = []
    for position, rejection in enumerate(rejections, after + 1):
        old = rejection.line
        values = {name: getattr(old, name) for name in COLUMNS}
        values |= {
            "position": position,
            "kind": CARRIED,
            "corrects_id": old.pk,
            "payroll_number": payroll_number_now(old),
            "price": {**old.price, "travel": is_travel(old)},
            "reason": rejection.reason,
        }
        made.append(RunLine(run_id=run_id, **values))
    for rejection, line in zip(rejections, RunLine.objects.bulk_create(made), strict=True):
        rejection.state, rejection.carried_by = RejectionState.CARRIED, line
        rejection.settled_at, rejection.settled_by = at, by
        rejection.save(update_fields=["state", "carried_by", "settled_at", "settled_by"])


def payroll_number_now(line: RunLine) -> str:
    """The payroll house's number of the line's person as it is known now. Select ``expert`` with it."""
    return line.expert.payroll_number or line.payroll_number


def waiting_rejections() -> list[Rejection]:
    """Rejected lines that wait for a run, oldest first."""
    waiting = Rejection.objects.waiting().select_related("line__run", "line__corrects", "line__expert")
    return list(waiting.order_by("line__run", "line__position"))


def waiting_corrections() -> list[Correction]:
    """Corrections that no run has taken, oldest first."""
    waiting = Correction.objects.filter(line__isnull=True).select_related(
        "corrects__run", "corrects__expert", "made_by"
    )
    return list(waiting.order_by("id"))


def next_run_id() -> int:
    """The key of the run to be: its lines come first, their sums and hash are frozen with it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('fees_paymentrun', 'id'))")
        return int(cursor.fetchone()[0])


#: A column of the hash that is not the stored one as it is.
HASHED = {
    "income_type": "concat_ws(' ', income_type, nullif(posting, ''))",
    "fee_table": "concat_ws(' / ', fee_table, nullif(fee_table_sv, ''))",
}


def stored_hash(run_id: int) -> str:
    """SHA-256 over the lines of a run as they are in the database: to be compared with ``run.lines_hash``.

    Over what PostgreSQL's COPY writes of every column (``COLUMNS``) in the order of positions, moments in UTC: an
    auditor gets the same from ``psql`` and ``sha256sum`` (docs/payroll-format.md). A posting stands behind the
    income type and a Swedish name behind the table's, so that runs made before there were such keep their hash.
    """
    columns = [HASHED.get(name, name) for name in COLUMNS if name not in {"posting", "fee_table_sv"}]
    lines = f"SELECT {', '.join(columns)} FROM fees_runline WHERE run_id = {int(run_id)} ORDER BY position"  # noqa: S608 - ours
    digest = hashlib.sha256()
    with connection.cursor() as cursor, cursor.copy(f"COPY ({lines}) TO STDOUT") as written:
        for some in written:
            digest.update(some)
    return digest.hexdigest()
