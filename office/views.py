"""Language, health and the public pages."""

from secrets import compare_digest

from django.conf import settings
from django.db import Error
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from office import health, metrics
from office.access import public
from office.choices import Language
from office.models import User


@public
@require_GET
def healthz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - a view
    """The process answers."""
    return HttpResponse("ok", content_type="text/plain")


@public
@require_GET
def readyz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - a view
    """Database, broker, clock and messages; 503 when one of them is not well."""
    found = health.look(at=timezone.now())
    told = {"ready": found.is_well, "parts": found.parts, "seconds": found.seconds}
    return JsonResponse(told, status=200 if found.is_well else 503)


@public
@require_GET
def metrics_page(request: HttpRequest) -> HttpResponse:
    """Numbers for Prometheus, with the token METRICS_TOKEN; without one there is no such page."""
    if not settings.METRICS_TOKEN:
        raise Http404
    given = request.headers.get("Authorization", "")
    if not compare_digest(given.encode(), f"Bearer {settings.METRICS_TOKEN}".encode()):
        return HttpResponse("token", status=401, headers={"WWW-Authenticate": "Bearer"}, content_type="text/plain")
    try:
        told = metrics.text(at=timezone.now())
    except Error:
        return HttpResponse("database", status=503, content_type="text/plain")
    return HttpResponse(told, content_type="text/plain; version=0.0.4; charset=utf-8")


@public
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Keeps the chosen language on the person (signed in) and in a cookie (before sign-in)."""
    language = request.POST.get("language", "")
    back = request.POST.get("next") or request.headers.get("referer") or "/"
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = "/"
    response = HttpResponseRedirect(back)
    if language in Language.values:
        if request.user.is_authenticated:
            User.objects.filter(pk=request.user.pk).update(language=language)
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, language, max_age=60 * 60 * 24 * 365, samesite="Lax", httponly=True
        )
    return response


@public
@require_GET
def privacy(request: HttpRequest) -> HttpResponse:
    """The privacy notice."""
    return render(request, "public/privacy.html")


@public
@require_GET
def accessibility(request: HttpRequest) -> HttpResponse:
    """The accessibility statement."""
    return render(request, "public/accessibility.html")
