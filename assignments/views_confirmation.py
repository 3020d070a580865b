"""The confirmation of an agreed order as a PDF."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from assignments.access import SEE_SESSIONS
from assignments.models import Order
from assignments.pdf import confirmation
from assignments.states import OrderState
from office.access import requires
from office.requests import Request


@requires(SEE_SESSIONS)
@require_GET
def order_confirmation(request: Request, pk: int) -> HttpResponse:
    """For the unit's people, the coordinator and the expert of the order; else, and before it is agreed, 404."""
    rows = Order.objects.visible_to(request.user).filter(state=OrderState.AGREED)
    found = get_object_or_404(
        rows.select_related(
            "unit", "orderer", "plan", "expert__user", "companion__expert__user", "lead__expert__user"
        ),
        pk=pk,
    )  # fmt: skip
    answer = HttpResponse(confirmation(found, request.user), content_type="application/pdf")
    name = _("order-confirmation-%(number)s.pdf") % {"number": found.pk}
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer
