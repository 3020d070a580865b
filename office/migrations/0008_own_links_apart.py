"""Links that act for their reader leave the stored texts; what has not been sent yet keeps its link apart."""

import re
from typing import Any

from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

OWN_LINK = "[[own_link]]"
SECRET = re.compile(r"(?:https?://[^\s/]+)?(/orders/answer/[^\s/]+/|/registry/me/address/[^\s/]+/)")
UNDERWAY = ["waiting", "sending", "failed", "to_gather", "on_hold"]


def apart(apps: Any, _editor: Any) -> None:
    messages = apps.get_model("office", "OutboxMessage").objects
    held = messages.filter(Q(body__contains="/orders/answer/") | Q(body__contains="/registry/me/address/"))
    for message in held.only("body", "state").iterator():
        found = SECRET.search(message.body)
        if found:
            secret = found.group(1) if message.state in UNDERWAY else ""
            messages.filter(pk=message.pk).update(body=SECRET.sub(OWN_LINK, message.body), secret=secret)


def together(apps: Any, _editor: Any) -> None:
    messages = apps.get_model("office", "OutboxMessage").objects
    for message in messages.exclude(secret="").only("body", "secret").iterator():
        messages.filter(pk=message.pk).update(body=message.body.replace(OWN_LINK, settings.SITE_URL + message.secret))


class Migration(migrations.Migration):
    dependencies = [
        ("office", "0007_held_messages"),
    ]

    operations = [
        migrations.AddField(
            model_name="outboxmessage",
            name="secret",
            field=models.TextField(blank=True, db_default=""),
        ),
        migrations.RunPython(apart, together),
        migrations.AddConstraint(
            model_name="outboxmessage",
            constraint=models.CheckConstraint(
                condition=Q(secret="") | Q(state__in=UNDERWAY), name="ended_message_has_no_secret"
            ),
        ),
    ]
