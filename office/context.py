"""What every page shows around its content."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from office.navigation import folded, menu


def furniture(request: HttpRequest) -> dict[str, Any]:
    """Navigation, who is signed in, the county's name."""
    user = getattr(request, "user", None)
    signed_in = bool(user and user.is_authenticated)
    return {
        "navigation": folded(menu(request)) if signed_in else None,
        "signed_in_name": str(user) if signed_in else "",
        "demo": settings.DEMO,
        "county_name": settings.COUNTY_NAME.get(getattr(request, "LANGUAGE_CODE", "fi"), settings.COUNTY_NAME["fi"]),
        "languages": [("fi", "Suomi"), ("sv", "Svenska"), ("en", "English")],
    }
