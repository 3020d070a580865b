"""System checks: every view says who may see it; PDF libraries are there."""

from collections.abc import Iterator, Sequence
from ctypes.util import find_library
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as Caution
from django.urls import URLPattern, URLResolver, get_resolver

#: Sign-in pages come from allauth, which guards them itself; LoginRequiredMiddleware stands before the rest.
TRUSTED_MODULES = ("allauth.",)


def patterns(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """All URL patterns with their full route."""
    for found in resolver.url_patterns:
        route = prefix + str(found.pattern)
        if isinstance(found, URLResolver):
            yield from patterns(found, route)
        else:
            yield route, found


@register(Tags.security)
def every_view_declares_its_permission(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001 - Django's signature
    """Deny by default: a view without @requires or @public fails the build."""
    problems: list[CheckMessage] = []
    for route, pattern in patterns(get_resolver()):
        view = pattern.callback
        if view.__module__.startswith(TRUSTED_MODULES) or hasattr(view, "permission") or hasattr(view, "is_public"):
            continue
        problems.append(Error(f"The view of “{route}” declares no permission.", obj=view, id="office.E001"))
    return problems


@register()
def pdf_libraries(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001 - Django's signature
    """WeasyPrint needs Debian's Pango; without harfbuzz-subset it is eight times slower, in silence."""
    missing = [name for name in ("pango-1.0", "pangoft2-1.0", "harfbuzz-subset") if not find_library(name)]
    if not missing:
        return []
    return [
        Caution(
            f"PDF documents cannot be made well: missing {', '.join(missing)}.",
            hint="apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0",
            id="office.W001",
        )
    ]
