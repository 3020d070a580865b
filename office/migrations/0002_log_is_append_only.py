"""The audit log is only ever added to."""

from django.db import migrations

from office.triggers import refuse


class Migration(migrations.Migration):
    dependencies = [("office", "0001_initial")]
    operations = [refuse("office_logentry", "log_is_append_only", "UPDATE OR DELETE")]
