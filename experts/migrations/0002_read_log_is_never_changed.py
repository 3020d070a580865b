"""A look that was logged stays as it was (the retention job may remove old rows)."""

from django.db import migrations

from office.triggers import refuse


class Migration(migrations.Migration):
    dependencies = [("experts", "0001_initial")]
    operations = [refuse("experts_readlog", "read_log_is_never_changed", "UPDATE")]
