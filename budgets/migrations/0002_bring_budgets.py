from typing import Any

from django.db import migrations
from django.utils import timezone


def bring(apps: Any, schema_editor: Any) -> None:
    """The budgets that stood on the ground floor, one row a year, become first versions."""
    old, new = apps.get_model("office", "UnitBudget"), apps.get_model("budgets", "Budget")
    now = timezone.now()
    new.objects.bulk_create(
        new(unit_id=row.unit_id, year=row.year, amount=row.amount, set_at=now) for row in old.objects.order_by("id")
    )


class Migration(migrations.Migration):
    dependencies = [
        ("budgets", "0001_initial"),
    ]

    operations = [
        migrations.RunPython(bring, migrations.RunPython.noop),
    ]
