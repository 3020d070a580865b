"""Consent to text messages: the person's own, for one number, withdrawn at any time. Rows are the history."""

import re
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from office.errors import Refused
from office.formats import phone_digits
from office.models import SmsConsent, User
from office.saving import readable

#: Finnish mobile numbers: 040–049 and 050, seven to ten digits after the 4 or 5.
NOT_MOBILE = _("Write a Finnish mobile number, for example 040 123 4567.")
MOBILE = re.compile(r"\+358(4\d|50)\d{4,8}")


def mobile(text: str) -> str:
    """``040 123 4567``, ``+358 40 1234567`` or ``00358401234567`` as +358401234567. ValueError when it is none."""
    bare = re.sub(r"[\s().\-\u2013]", "", text)
    found = phone_digits(bare)
    if not re.fullmatch(r"(\+|0)\d+", bare) or not MOBILE.fullmatch(found.replace("+3580", "+358", 1)):
        raise ValueError(text)
    return found.replace("+3580", "+358", 1)


def current(user: User) -> SmsConsent | None:
    """The consent in force."""
    return SmsConsent.objects.filter(user=user, withdrawn_at=None).first()


def give(user: User, number: str, *, at: datetime) -> None:
    """The person wants urgent messages at the number. Another number ends the consent for the old one."""
    try:
        wanted = mobile(number)
    except ValueError as error:
        raise Refused(NOT_MOBILE) from error
    with transaction.atomic(), readable():
        User.objects.select_for_update().get(pk=user.pk)  # two clicks at once take turns
        now = current(user)
        if now and now.number == wanted:
            return
        withdraw(user, at=at)
        SmsConsent.objects.create(user=user, number=wanted, given_at=at)


def withdraw(user: User, *, at: datetime) -> None:
    """No text messages any more, those that wait neither. Harmless when there is no consent."""
    SmsConsent.objects.filter(user=user, withdrawn_at=None).update(withdrawn_at=at)
