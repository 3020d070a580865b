"""Words of fees and payment, made at the edge."""

from django.utils.translation import gettext as _


def income_word(code: str) -> str:
    """The income type in words (R22); a code that is not known stands alone."""
    return {
        "210": _("meeting fee"),
        "214": _("lecture fee"),
        "311": _("kilometre allowance"),
        "336": _("non-wage compensation"),
    }.get(code, "")
