"""Adding a row to a month afterwards, and taking it away again."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from fees import actions
from fees.access import SEND_HOURS
from fees.forms_added import AddedRowForm, orders_of
from fees.models import AddedRow
from fees.views_board import month_from
from fees.views_costs import month_address, written_by
from fees.views_month import address_of, expert_of
from office.access import requires
from office.errors import RuleError
from office.forms import tell
from office.requests import Request


@requires(SEND_HOURS)
@require_http_methods(["GET", "POST"])
def row_add(request: Request, month: str, expert_pk: int | None = None) -> HttpResponse:
    """A time that was done against an agreed order without having been agreed."""
    expert = expert_of(request, expert_pk)
    when = month_from(month)
    now = timezone.now()
    form = AddedRowForm(
        *((request.POST,) if request.method == "POST" else ()), orders=orders_of(expert, when, request.user), at=now
    )
    if request.method == "POST" and form.is_valid():
        found = form.cleaned_data
        try:
            added = actions.add_row(
                form.orders[found["order"]],
                found["what"],
                *found["times"],
                ordered_by=form.people[found["ordered_by"]],
                why=found["why"],
                by=request.user,
                at=now,
                done_km=found.get("km"),
            )
        except RuleError as error:
            tell(form, error)
        else:
            messages.success(request, _("The row was added. The unit looks at it by itself."))
            return redirect(month_address(added.session, request))
    context = {
        "form": form,
        "month": when,
        "expert": expert,
        "own": expert.user_id == request.user.pk,
        "back": address_of(expert, when, request),
    }
    return render(request, "fees/row_add.html", context, status=422 if form.is_bound and form.errors else 200)


@requires(SEND_HOURS)
@require_POST
def row_remove(request: Request, pk: int) -> HttpResponse:
    """Takes an added row away, while the list is not sent."""
    session = written_by(request, pk)
    added = get_object_or_404(AddedRow, session=session)
    back = month_address(session, request).partition("#")[0]
    actions.remove_row(added, by=request.user, at=timezone.now())
    messages.success(request, _("The row was removed."))
    return redirect(back)
