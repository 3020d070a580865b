"""The demonstration's own words for messages: one kind written otherwise twice, one brought back."""

from datetime import datetime, timedelta

from office.message_texts import reset, save_texts
from office.models import User


def load(coordinator: User, at: datetime) -> None:
    """Versions of two kinds; the pages show their history."""
    for number, greeting in enumerate(("Hyvä {{ first_name }},", "Terve {{ first_name }}!")):
        words = {"greeting": greeting}
        save_texts("remind_list_ready", "fi", words, seen=number, by=coordinator, at=at + timedelta(days=number))
    save_texts("account_made", "sv", {"subject": "Välkommen till Erfa"}, seen=0, by=coordinator, at=at)
    reset("account_made", "sv", seen=1, by=coordinator, at=at + timedelta(days=3))
