"""The first coordinator of a new office is made by a command; everybody after that on the screen."""

import pytest
from django.core.management import CommandError, call_command

from office.models import LogEntry, User

pytestmark = pytest.mark.django_db


def test_the_first_coordinator_may_give_roles() -> None:
    call_command("add_coordinator", "Kaisa.Koordinaattori@county.example.org", "Kaisa", "Koordinaattori")

    user = User.objects.get()
    assert user.email == "kaisa.koordinaattori@county.example.org"
    assert user.holdings.roles == {"coordinator"}
    assert not user.has_usable_password()
    entries = LogEntry.objects.order_by("id")
    assert [(entry.kind, entry.actor_id) for entry in entries] == [("user.add", None), ("grant.add", None)]


def test_somebody_who_is_there_already_gets_the_role() -> None:
    known = User.objects.create_user("aino@county.example.org", first_name="Aino", last_name="Aalto")
    call_command("add_coordinator", "AINO@county.example.org", "Aino", "Aalto")

    assert User.objects.get() == known
    assert known.has_role("coordinator")


def test_a_second_one_is_refused() -> None:
    call_command("add_coordinator", "kaisa@county.example.org", "Kaisa", "Koordinaattori")
    with pytest.raises(CommandError, match="There is a coordinator already"):
        call_command("add_coordinator", "other@county.example.org", "Olli", "Outo")
    assert User.objects.count() == 1


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(CommandError):
        call_command("add_coordinator", "no-address", "Kaisa", "Koordinaattori")
    assert not User.objects.exists()
