"""An agreed order as a PDF: its confirmation, and the dates of a period to hang up."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from assignments.access import SEE_SESSIONS
from assignments.models import Order
from assignments.pdf import confirmation, dates
from assignments.plans import ASKED
from assignments.states import OrderState
from office.access import requires
from office.requests import Request


def _agreed(request: Request, pk: int, **more: Any) -> Order:
    """For the unit's people, the coordinator and the expert of the order; else, and before it is agreed, 404."""
    rows = Order.objects.visible_to(request.user).filter(state=OrderState.AGREED, **more)
    full = rows.select_related(
        "unit", "orderer", "plan", "expert__user", "companion__expert__user", "lead__expert__user"
    )
    return get_object_or_404(full, pk=pk)


def _file(content: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer


@requires(SEE_SESSIONS)
@require_GET
def order_confirmation(request: Request, pk: int) -> HttpResponse:
    """What is agreed, as the reader may see it."""
    found = _agreed(request, pk)
    return _file(confirmation(found, request.user), _("order-confirmation-%(number)s.pdf") % {"number": found.pk})


@requires(SEE_SESSIONS)
@require_GET
def order_dates(request: Request, pk: int) -> HttpResponse:
    """The dates of a group or a reception; other kinds of work have none (404)."""
    found = _agreed(request, pk, kind__in=[kind for kind, asked in ASKED.items() if "first_day" in asked])
    return _file(dates(found), _("dates-%(number)s.pdf") % {"number": found.pk})
