"""The build fails when a view does not say who may see it."""

from types import ModuleType
from typing import Any

import pytest
from django.core.checks import Tags, run_checks
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.views import View

from office import checks
from office.access import ANYBODY, public, requires


def undeclared(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


class UndeclaredView(View):
    pass


def addresses(settings: Any, *patterns: Any) -> None:
    module = ModuleType("addresses")
    module.urlpatterns = list(patterns)  # type: ignore[attr-defined]
    settings.ROOT_URLCONF = module


def faults() -> list[str]:
    return [fault.msg for fault in run_checks(tags=[Tags.security]) if fault.id == "office.E001"]


# Lesson P9.
def test_all_our_views_declare_their_permission() -> None:
    assert faults() == []


def test_a_view_without_permission_is_found_also_in_an_included_app(settings: Any) -> None:
    addresses(
        settings,
        path("a/", requires(ANYBODY)(undeclared)),
        path("b/", public(lambda _request: HttpResponse())),
        path("c/", include([path("<int:pk>/", undeclared)])),
        path("d/", UndeclaredView.as_view()),
    )
    assert faults() == [
        "The view of “c/<int:pk>/” declares no permission.",
        "The view of “d/” declares no permission.",
    ]


def test_missing_pdf_libraries_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "find_library", lambda name: None if name == "harfbuzz-subset" else name)
    assert [fault.msg for fault in checks.pdf_libraries(None)] == [
        "PDF documents cannot be made well: missing harfbuzz-subset."
    ]
    monkeypatch.setattr(checks, "find_library", lambda name: name)
    assert checks.pdf_libraries(None) == []
