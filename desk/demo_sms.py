"""Text messages of the demonstration: who has agreed, who has withdrawn, and what would have been sent."""

from datetime import datetime, timedelta

from office import sms
from office.choices import MessageState, Role
from office.models import OutboxMessage, User
from office.outbox import post_many
from office.sms_consent import give, withdraw


def load(*, now: datetime) -> None:
    """Three experts with consent, one of whom has withdrawn it; a message that has left."""
    people = list(User.objects.filter(grants__role=Role.EXPERT, is_active=True).order_by("pk").distinct()[:3])
    for number, user in enumerate(people):
        give(user, f"040 555 012{number}", at=now - timedelta(days=60 - number))
    for user in people[2:]:
        withdraw(user, at=now - timedelta(days=9))
    reminded = OutboxMessage.objects.filter(kind="offer_reminder", recipient__isnull=False, state=MessageState.SENT)
    mail = reminded.select_related("recipient").order_by("-id").first()
    if mail is None or mail.recipient is None:
        return
    give(mail.recipient, "050 555 0199", at=mail.created_at - timedelta(days=1))
    from assignments.models import Offer  # noqa: PLC0415 - only for what the message is about

    about = Offer.objects.get(pk=mail.about_id)
    beside = sms.beside(mail.kind, mail, mail.recipient, about=about, at=mail.created_at)
    if beside:
        beside.state, beside.sent_at = MessageState.SENT, mail.sent_at
        post_many([beside])
