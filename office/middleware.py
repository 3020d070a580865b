"""Security headers, the person's own language, and refusals as answers."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme

from office import typed
from office.errors import RuleError

Answer = Callable[[HttpRequest], HttpResponse]

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; manifest-src 'self'"
)


class SecurityHeaders:
    """A strict content policy everywhere; pages with people's data are not kept by shared caches (P13)."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", CSP)
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        if not request.path.startswith(f"/{settings.STATIC_URL.strip('/')}/"):
            response.headers.setdefault("Cache-Control", "no-store, private")
        return response


class OwnLanguage:
    """The signed-in person's own language; before sign-in the chosen one, else the browser's."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            language = request.user.language
        else:
            language = translation.get_language_from_request(request)
        with translation.override(language):
            request.LANGUAGE_CODE = language  # as Django's own middleware does
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", language)
            if hasattr(response, "render") and not getattr(response, "is_rendered", True):
                response.render()
            return response


class LoginRequired(LoginRequiredMiddleware):
    """As Django's; what was typed when the session ended is kept for the same person (office.typed, D1)."""

    def process_view(self, request: HttpRequest, view_func: Any, *args: Any) -> HttpResponseBase | None:
        answer = super().process_view(request, view_func, *args)
        part = answer is not None and "HX-Request" in request.headers and "HX-Boosted" not in request.headers
        return HttpResponse(status=401) if part else answer  # a part of a page cannot be the log-in page

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> HttpResponseRedirect:
        typed.keep(request)
        return super().handle_no_permission(request, view_func)


class RuleAnswers:
    """A refusal that a view did not word itself: told on the page the person came from, nothing changed."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, RuleError):
            return None
        messages.error(request, str(error.message))
        back = request.headers.get("referer", "")
        safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
        return HttpResponseRedirect(back if safe and request.method == "POST" else "/")
