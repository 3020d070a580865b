"""No client identity and no personal identity code anywhere (domain.md 3)."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# Day, month, year, century sign, three digits, control character: also mistyped ones, so the sum is not checked.
IDENTITY_CODE = re.compile(r"(?<!\d)\d{6}\s?[-+A-FU-Ya-fu-y]\s?\d{3}[0-9A-Za-z](?![0-9A-Za-z])")


def has_identity_code(text: str) -> bool:
    """Whether a Finnish personal identity code (valid or mistyped) stands in the text."""
    return bool(IDENTITY_CODE.search(text))


def no_identity_code(text: str) -> None:
    """Refuses text that holds a personal identity code."""
    if has_identity_code(text):
        raise ValidationError(
            _("This looks like a personal identity code. Write nothing by which a person can be recognised."),
            code="identity_code",
        )
