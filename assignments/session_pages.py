"""What the pages of a session share: the session that its reader sees, the way back, the crumbs."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from assignments import texts
from assignments.models import Session
from office.requests import Request


def session_of(request: Request, pk: int) -> Session:
    """The session with what its pages show; 404 when it is not the reader's."""
    rows = Session.objects.visible_to(request.user)
    return get_object_or_404(
        rows.select_related(
            "order__orderer",
            "order__unit",
            "order__companion__expert__user",
            "order__lead__expert__user",
            "unit",
            "expert__user",
        ).prefetch_related("moves"),
        pk=pk,
    )


def back_to(session: Session) -> HttpResponse:
    """To the session's own page."""
    return redirect("assignments:session", session.pk)


def crumbs_of(session: Session, here: str) -> list[dict[str, str]]:
    """The session, then the page itself."""
    url = reverse("assignments:session", args=[session.pk])
    return [{"label": texts.span(session.starts_at, session.ends_at), "url": url}, {"label": here, "url": ""}]
