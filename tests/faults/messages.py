"""Messages to begin with, and how they ended."""

from collections import Counter
from datetime import datetime, timedelta

from office.models import OutboxMessage
from office.outbox import message_id
from tests.faults.mailserver import MailServer


def write(number: int, *, at: datetime, once: str = "fault") -> list[OutboxMessage]:
    """So many messages that are due, to as many people without account; no task knows of them."""
    return OutboxMessage.objects.bulk_create(
        OutboxMessage(
            name=f"Lukija {n}", address=f"{once}{n}@example.org", kind="fault", language="fi", subject=f"Viesti {n}",
            body="Hei! Åäö.\n\nYstävällisin terveisin", about_type="office.unit", about_id=1, once=f"{once}:{n}",
            created_at=at, due_at=at,
        )
        for n in range(number)
    )  # fmt: skip


def states() -> dict[str, int]:
    """How many messages are in each state."""
    return dict(Counter(OutboxMessage.objects.values_list("state", flat=True)))


def perhaps() -> set[str]:
    """The ``Message-ID`` of each message that has perhaps been sent more than once."""
    return {message_id(one) for one in OutboxMessage.objects.filter(perhaps_sent=True)}


def counted(server: MailServer) -> dict[str, int]:
    """Messages by what became of them at the receiving server."""
    known = {message_id(one): one for one in OutboxMessage.objects.all()}
    assert set(server.times) <= set(known), "a letter that nobody wrote"
    return {
        "lost": len([name for name, one in known.items() if one.state == "sent" and not server.times[name]]),
        "once": len([name for name in known if server.times[name] == 1]),
        "doubled and marked": len([name for name in server.doubled if known[name].perhaps_sent]),
        "doubled and not marked": len([name for name in server.doubled if not known[name].perhaps_sent]),
    }


def minutes_pass(minutes: int) -> None:
    """Lets time pass for claims and pauses by moving what is stored back: the workers' own clock is the machine's."""
    step = timedelta(minutes=minutes)
    for one in OutboxMessage.objects.filter(state__in=["waiting", "sending"]):
        OutboxMessage.objects.filter(pk=one.pk, state=one.state, claimed_at=one.claimed_at).update(
            claimed_at=one.claimed_at and one.claimed_at - step, retry_at=one.retry_at and one.retry_at - step
        )
