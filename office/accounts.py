"""How allauth behaves here."""

import base64
import hashlib
import logging
from datetime import datetime
from threading import Thread
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.core import context as current
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet
from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.sites.shortcuts import get_current_site
from django.core.mail import EmailMessage
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONObject
from django.http import HttpRequest
from django.utils import timezone, translation
from django.utils.crypto import salted_hmac

from office.access import Holdings
from office.asked_once import Question
from office.models import RoleGrant, User

logger = logging.getLogger("erfa.accounts")


def fingerprint(key: str, key_prefix: str, version: int) -> str:
    """What stands for a key of ``CACHES``: network addresses and e-mail addresses are not to be read there."""
    return str(salted_hmac("office.attempts", f"{key_prefix}:{version}:{key}").hexdigest())


def _person(pk: int, at: datetime) -> QuerySet[User]:
    held = RoleGrant.objects.in_force(at).filter(user=OuterRef("pk")).order_by()
    return User.objects.filter(pk=pk).annotate(
        held=ArraySubquery(held.values(held=JSONObject(role="role", unit="unit_id")))
    )


_PERSON = Question(_person, pk=int, at=datetime)


class Backend(AuthenticationBackend):  # type: ignore[misc]  # allauth has no types
    """As allauth's; who has signed in is read with the roles by a question that stands already: every request asks."""

    def get_user(self, user_id: int) -> User | None:
        user = _PERSON.one(pk=user_id, at=timezone.now())  # the one clock of access, as in User.holdings
        if user is None or not self.user_can_authenticate(user):
            return None
        rows: list[dict[str, Any]] = user.held  # type: ignore[attr-defined]  # annotated
        user.holdings = Holdings.of((row["role"], row["unit"]) for row in rows)
        return user


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Accounts are made by the office; nobody signs up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 - allauth's signature
        return False

    def clean_email(self, email: str) -> str:
        return str(super().clean_email(email)).lower()

    def send_notification_mail(
        self, template_prefix: str, user: User, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """To the address for signing in; allauth knows of one only when it has been proved by a code."""
        super().send_notification_mail(template_prefix, user, context, email or user.email)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """As allauth's, in the person's own language, and beside the answer.

        So neither its time nor a mail server that is away tells who has an account.
        """
        request = current.request
        told = {"request": request, "email": email, "current_site": get_current_site(request)} | context
        own = User.objects.filter(email__iexact=email).values_list("language", flat=True).first()
        with translation.override(own or translation.get_language()):
            mail = self.render_mail(template_prefix, email, told)
        if settings.SIGN_IN_MAIL_WAITS:
            _leave(mail)
        else:
            Thread(target=_leave, args=[mail]).start()


def _leave(mail: EmailMessage) -> None:
    """Sends it. It is asked for again when it does not come, so a failure is only logged."""
    try:
        mail.send()
    except OSError as error:  # all of smtplib's are
        logger.error("A mail for signing in did not leave: %s", type(error).__name__)  # noqa: TRY400 - places tell nothing


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    """Second-factor secrets are stored encrypted (allauth's default keeps them in the clear)."""

    def _box(self) -> Fernet:
        return Fernet(base64.urlsafe_b64encode(hashlib.sha256(settings.SECRET_KEY.encode()).digest()))

    def encrypt(self, text: str) -> str:
        return self._box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return self._box().decrypt(encrypted_text.encode()).decode()

    def get_totp_issuer(self) -> Any:
        return "Erfa"
