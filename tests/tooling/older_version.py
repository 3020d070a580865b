"""Fills a database as the first version left it, brings it up to today, and tells what came of it as JSON (D11).

A program of its own, for an empty database: ``python -m tests.tooling.older_version`` with DATABASE_URL.
"""

import json
import os
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import django

#: The first version that could pay: all other apps follow by its dependencies.
FIRST = [("fees", "0002_paid_is_never_changed"), ("feetables", "0002_approved_table_is_never_changed")]
DAY = datetime(2026, 10, 7, 7, tzinfo=UTC)
LATER = datetime(2026, 10, 7, 9, tzinfo=UTC)
PEOPLE = ["Åsa Öhman", "Đorđe Đurić", "Niemi-Äijälä Timo-Pekka", 'Ek "Kim"; Ö']


def fill(apps: Any) -> None:
    """An order, a session, an approved list and a paid run for each of several people, and what stood beside."""

    def add(model: str, **fields: Any) -> Any:
        return apps.get_model(*model.split(".")).objects.create(**fields)

    area = add("office.ServiceArea", code="MT", name_fi="Mielenterveys", name_sv="Mental hälsa")
    unit = add("office.Unit", code="Y01", name_fi="Yksikkö", name_sv="Enhet", cost_centre="1001", service_area=area)
    named = add("office.User", email="named@example.org", first_name="Nora", last_name="Named", password="!")
    add("office.RoleGrant", user=named, unit=unit, role="unit_contact", valid_from=DAY)
    add("office.UnitBudget", unit=unit, year=2026, amount=Decimal("12000.00"))
    link = "https://erfa.example.org/orders/answer/abcdef/"
    message = {"kind": "offer", "language": "fi", "subject": "Tarjous", "about_type": "x", "about_id": 1}
    for once, state, sent in (("1", "waiting", None), ("2", "sent", DAY)):
        add("office.OutboxMessage", recipient=named, body=f"Vastaa: {link}", once=once, state=state, created_at=DAY,
            due_at=DAY, sent_at=sent, **message)  # fmt: skip
    table = add("feetables.FeeTable", name="2026", valid_from=date(2026, 1, 1), decided_by="Hallitus",
                decided_on=date(2025, 12, 15), section="§ 1", diary_number="1/25")  # fmt: skip
    item = add("feetables.FeeItem", table=table, code="RYH", name_fi="Ryhmä", name_sv="Grupp", kinds=["group"],
               basis="per_hour", amount=Decimal("25.00"), income_type="336")  # fmt: skip
    apps.get_model("feetables", "FeeTable").objects.update(state="approved", approved_at=DAY, approved_by=named)
    run = None
    for number, name in enumerate(PEOPLE):
        first, _space, last = name.rpartition(" ")
        expert = add("experts.Expert", first_name=first, last_name=last, language="fi", work_languages=["fi"],
                     kinds=["group"], payroll_number=str(number))  # fmt: skip
        add("experts.Contract", expert=expert, valid_from=date(2026, 1, 1), kinds=["group"], signed_on=date(2026, 1, 1),
            state="in_force", fee_table=table)  # fmt: skip
        order = add("assignments.Order", kind="group", task="Ryhmä", language="fi", unit=unit, orderer=named,
                    expert=expert, state="agreed", created_at=DAY, confirmed_at=DAY, confirmed_by=named)  # fmt: skip
        session = add("assignments.Session", order=order, unit=unit, expert=expert, kind="group", starts_at=DAY,
                      ends_at=LATER, state="closed", agreed_at=DAY, free_until=DAY, terms=[], fee_item=item,
                      agreed_fee=Decimal("50.00"), outcome="held", rule="R11", done_starts_at=DAY, done_ends_at=LATER,
                      recorded_at=LATER, recorded_by=named, fee=Decimal("50.00"),
                      price={"amount": "50.00"})  # fmt: skip
        list_ = add("fees.HourList", expert=expert, unit=unit, month=date(2026, 10, 1), state="at_unit", sent_at=LATER)
        add("fees.HourRow", hour_list=list_, session=session)
        total = Decimal("50.00") * len(PEOPLE)
        run = run or add("fees.PaymentRun", number=1, month=date(2026, 10, 1), pay_date=date(2026, 11, 30), lists=4,
                         made_at=LATER, made_by=named, rows=4, experts=4, fees=total, travel=Decimal(0), total=total,
                         state="made", lines_hash="0" * 64)  # fmt: skip
        add("fees.RunLine", run=run, position=number + 1, kind="fee", hour_list=list_, session=session, expert=expert,
            expert_name=name, expert_language="fi", payroll_number=str(number), unit=unit, unit_code="Y01",
            unit_name_fi="Yksikkö", unit_name_sv="Enhet", cost_centre="1001", orderer_name="Nora Named",
            starts_at=DAY, ends_at=LATER, fee_code="RYH", fee_name_fi="Ryhmä", fee_name_sv="Grupp", fee_table="2026",
            units=Decimal(2), unit_name="hour", unit_price=Decimal(25), amount=Decimal("50.00"),
            income_type="336")  # fmt: skip
        apps.get_model("fees", "HourList").objects.filter(pk=list_.pk).update(
            state="in_payment", approved_at=LATER, approved_by=named, run=run
        )


def told() -> dict[str, Any]:
    """What today's program reads of it."""
    from django.db import IntegrityError, connection, transaction  # noqa: PLC0415 - the program is set up first
    from django.db.models import Sum  # noqa: PLC0415 - as above

    from budgets.models import Budget  # noqa: PLC0415 - as above
    from fees.board import month_lists  # noqa: PLC0415 - as above
    from fees.models import HourList, PaymentRun, RunLine  # noqa: PLC0415 - as above
    from office.models import OutboxMessage  # noqa: PLC0415 - as above

    lines = month_lists(date(2026, 10, 1), at=LATER)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE fees_runline SET amount = 1")
        refused = ""
    except IntegrityError as error:
        refused = str(getattr(error.__cause__, "diag").constraint_name)  # noqa: B009 - psycopg's
    return {
        "people": sorted(line.expert for line in lines),
        "states": sorted(set(HourList.objects.values_list("state", flat=True))),
        "board": str(sum((line.total for line in lines), Decimal(0))),
        "run": str(PaymentRun.objects.get().total),
        "lines": str(RunLine.objects.aggregate(sum=Sum("amount"))["sum"]),
        "budgets": [str(budget.amount) for budget in Budget.objects.all()],
        "secrets": list(OutboxMessage.objects.order_by("pk").values_list("secret", flat=True)),
        "links": list(OutboxMessage.objects.filter(body__contains="abcdef").values_list("pk", flat=True)),
        "refused": refused,
    }


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
    django.setup()
    from django.core.management import call_command  # noqa: PLC0415 - the program is set up first
    from django.db import connection  # noqa: PLC0415 - as above
    from django.db.migrations.executor import MigrationExecutor  # noqa: PLC0415 - as above

    executor = MigrationExecutor(connection)
    executor.migrate(FIRST)
    fill(executor.loader.project_state(FIRST).apps)
    call_command("migrate", verbosity=0, interactive=False)
    print(json.dumps(told()))  # noqa: T201 - that is what it is for


if __name__ == "__main__":
    main()
