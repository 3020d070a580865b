"""Pages of tax cards and papers seen."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from experts import actions
from experts.access import (
    NOTE_TAX_CARD,
)
from experts.forms_papers import TaxCardForm
from experts.models import Expert
from office.access import requires
from office.errors import RuleError
from office.forms import tell
from office.requests import Request
from office.workdays import local_date


@requires(NOTE_TAX_CARD)
@require_http_methods(["GET", "POST"])
def tax_card(request: Request, pk: int) -> HttpResponse:
    """Notes that the tax card of a year was delivered: the coordinator, or the expert themself."""
    shown = get_object_or_404(Expert.objects.visible_to(request.user), pk=pk)
    at = timezone.now()
    form = TaxCardForm(request.POST or None, today=local_date(at))
    back = "experts:me" if shown.user_id == request.user.pk else "experts:expert"
    where = () if back == "experts:me" else (pk,)
    if request.method == "POST" and form.is_valid():
        try:
            actions.note_tax_card(shown, **form.cleaned_data, by=request.user, at=at)
        except RuleError as error:
            tell(form, error)
        else:
            messages.success(request, _("Noted: the tax card of %(year)s.") % {"year": form.cleaned_data["year"]})
            return redirect(back, *where)
    context = {"form": form, "expert": shown, "own": back == "experts:me"}
    return render(request, "experts/tax_card.html", context)
