"""The first page: what waits for me, until when, and the one verb."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from office.access import ANYBODY, requires


@requires(ANYBODY)
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """My tasks."""
    return render(request, "desk/home.html")
