"""Text messages of the demonstration: who has agreed, who has withdrawn, and what would have been sent."""

from datetime import datetime, timedelta

from django.apps import apps

from office import sms
from office.choices import MessageState, Role
from office.models import OutboxMessage, User
from office.outbox import post_many
from office.sms_consent import current, give, withdraw

URGENT = ["session_cancelled", "move_answered", "offer_reminder"]


def load(*, now: datetime) -> None:
    """Three experts with consent, one of whom has withdrawn it; a message that has left."""
    people = list(User.objects.filter(grants__role=Role.EXPERT, is_active=True).order_by("pk").distinct()[:3])
    for number, user in enumerate(people):
        give(user, f"040 555 012{number}", at=now - timedelta(days=60 - number))
    for user in people[2:]:
        withdraw(user, at=now - timedelta(days=9))
    urgent = OutboxMessage.objects.filter(kind__in=URGENT, recipient__isnull=False, state=MessageState.SENT)
    mail = urgent.select_related("recipient").order_by("-id").first()
    if mail is None or mail.recipient is None:
        return
    if current(mail.recipient) is None:
        give(mail.recipient, "050 555 0199", at=mail.created_at - timedelta(days=1))
    about = apps.get_model(mail.about_type)._default_manager.get(pk=mail.about_id)
    beside = sms.beside(mail.kind, mail, mail.recipient, about=about, at=mail.created_at)
    if beside:
        beside.state, beside.sent_at = MessageState.SENT, mail.sent_at
        post_many([beside])
