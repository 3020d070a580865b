"""Fee tables of the demonstration office: an old version, one approved after its start, and the draft to come."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from desk.demo_items import POSTINGS
from feetables import actions
from feetables.models import FeeItem, FeeTable
from office.kinds import TaskType as Kind
from office.models import User
from office.workdays import local_date

#: What the county raised in the middle of the year: code → euros.
RAISED = {"VO": "27.10", "KEH1": "57.50", "KEH2": "115.00", "KEH3": "230.00"}
#: What the table of the year before paid.
EARLIER = {"YKS": "48.00", "PARI": "48.00", "VO": "25.00", "RYH": "24.00", "KM": "0.54"}


def load(*, coordinator: User, now: datetime) -> None:
    """After everything else: what is agreed keeps its price, what is paid differs by the new table (R17)."""
    current = FeeTable.objects.filter(state=FeeTable.State.APPROVED).latest("valid_from")
    today = local_date(now)
    year = current.valid_from.year
    _version(
        current, f"{year - 1}", date(year - 1, 1, 1), EARLIER, by=coordinator,
        at=now - timedelta(hours=30), decided_on=date(year - 2, 12, 10), section="§ 198", last=date(year - 1, 12, 31),
    )  # fmt: skip
    _draft_to_come(by=coordinator, at=now - timedelta(hours=10))
    last_month = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    begins = (last_month - timedelta(days=1)).replace(day=1)
    _version(
        current, f"{begins.month}/{begins.year}", begins, RAISED, by=coordinator,
        at=now - timedelta(hours=20), decided_on=today - timedelta(days=2), section="§ 164", more=(_telephone(),),
    )  # fmt: skip


def _telephone() -> FeeItem:
    """Costs by the month beside the fee of individual work."""
    return FeeItem(
        code="KULU", name_fi="Puhelin- ja verkkokulut", name_sv="Telefon- och nätkostnader", basis="per_month",
        amount=Decimal("6.00"), income_type="311", posting=POSTINGS["311"], kinds=[str(Kind.INDIVIDUAL)],
        purpose=FeeItem.Purpose.BESIDE,
    )  # fmt: skip


def _draft_to_come(*, by: User, at: datetime) -> None:
    """More shapes: remote work, costs by the month beside a fee, a rate above the tax-free maximum."""
    draft = FeeTable.objects.filter(state=FeeTable.State.DRAFT).latest("valid_from")
    kilometre = FeeItem.objects.select_related("table").get(table=draft, code="KM")
    kilometre.amount = Decimal("0.57")
    actions.save_item(kilometre, by=by, at=at)
    group = [str(Kind.GROUP)]
    for item in (
        FeeItem(
            code="RYHE", name_fi="Ryhmänohjaus etänä", name_sv="Grupphandledning på distans", basis="per_hour",
            amount=Decimal("24.00"), step_minutes=15, income_type="336",
            posting=POSTINGS["336"], kinds=group, way=FeeItem.Way.REMOTE,
        ),
        _telephone(),
    ):  # fmt: skip
        item.table = draft
        actions.save_item(item, by=by, at=at)


def _version(
    model: FeeTable,
    of: str,
    begins: date,
    amounts: dict[str, str],
    *,
    by: User,
    at: datetime,
    decided_on: date,
    section: str,
    last: date | None = None,
    more: tuple[FeeItem, ...] = (),
) -> None:
    """A version with the items of the model but other amounts, and ``more`` items, drafted and approved."""
    table = FeeTable(
        name=f"Palkkiotaulukko {of} (esimerkki)", name_sv=f"Arvodestabell {of} (exempel)", valid_from=begins,
        valid_to=last,
    )  # fmt: skip
    actions.save_table(table, by=by, at=at, copy_of=model)
    for item in FeeItem.objects.filter(table=table, code__in=amounts).select_related("table"):
        item.amount = Decimal(amounts[item.code])
        actions.save_item(item, by=by, at=at)
    for item in more:
        item.table = table
        actions.save_item(item, by=by, at=at)
    actions.approve(
        table, decided_by="Aluehallitus", decided_on=decided_on, section=section, by=by, at=at + timedelta(minutes=20)
    )
