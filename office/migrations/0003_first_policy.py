"""The rules that hold until the county decides otherwise (R11, R19, R20) stand in the database from the first day."""

from datetime import date

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def add(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:  # noqa: ARG001 - Django's signature
    apps.get_model("office", "Policy").objects.get_or_create(valid_from=date(2020, 1, 1))


class Migration(migrations.Migration):
    dependencies = [("office", "0002_log_is_append_only")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
