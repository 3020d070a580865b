"""How allauth behaves here."""

import base64
import hashlib
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet
from django.conf import settings
from django.http import HttpRequest

from office.asked_once import Question
from office.models import User

_PERSON = Question(lambda pk: User.objects.filter(pk=pk), pk=int)


class Backend(AuthenticationBackend):  # type: ignore[misc]  # allauth has no types
    """As allauth's; who has signed in is read by a question that stands already, for every request asks it."""

    def get_user(self, user_id: int) -> User | None:
        user = _PERSON.one(pk=user_id)
        return user if user is not None and self.user_can_authenticate(user) else None


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Accounts are made by the office; nobody signs up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 - allauth's signature
        return False

    def clean_email(self, email: str) -> str:
        return str(super().clean_email(email)).lower()


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
