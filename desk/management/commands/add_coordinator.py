"""``manage.py add_coordinator EMAIL FIRST LAST``: the first person of a new office, who gives everybody else a role."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from office.actions import log
from office.choices import Language, Role
from office.errors import RuleError
from office.models import RoleGrant, User
from office.saving import save


class Command(BaseCommand):
    help = "Makes the first coordinator of a new office. Refused while there is one: roles are given on the screen."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("first_name")
        parser.add_argument("last_name")
        parser.add_argument("--language", choices=Language.values, default=Language.FI)

    def handle(self, *_args: Any, **options: Any) -> None:
        at = timezone.now()
        with transaction.atomic():
            holders = RoleGrant.objects.in_force(at).filter(role=Role.COORDINATOR, user__is_active=True)
            if holders.exists():
                raise CommandError("There is a coordinator already. Roles are given on the screen, under Units.")
            address = options["email"].strip().lower()
            user = User.objects.filter(email__iexact=address).first()
            if user is None:
                names = {name: options[name] for name in ("first_name", "last_name", "language")}
                user = User(email=address, **names)
                user.set_password(None)
                try:
                    save(user)
                except RuleError as error:
                    raise CommandError(str(error.message)) from None
                log("user.add", user, by=None, at=at)
            RoleGrant.objects.create(user=user, role=Role.COORDINATOR, valid_from=at)
            log("grant.add", user, by=None, at=at, role=Role.COORDINATOR, person=str(user))
        self.stdout.write(f"{user} is the coordinator and signs in by a code sent to {user.email}.")
