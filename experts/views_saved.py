"""Saved views of the registry."""

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from experts import actions
from experts.access import SEE_REGISTRY
from experts.forms_lists import RegistryFilter, SaveViewForm
from experts.models import SavedView
from experts.saved import SAVED_PAGE, kept_query
from office.access import requires
from office.errors import RuleError
from office.requests import Request


@requires(SEE_REGISTRY)
@require_POST
def view_save(request: Request) -> HttpResponse:
    """Gives the filters a name; comes back to the list as it was."""
    query = kept_query(QueryDict(request.POST.get("query", "")), RegistryFilter())
    form = SaveViewForm(request.POST)
    if not query:
        messages.error(request, _("Choose some filters first."))
    elif not form.is_valid():
        messages.error(request, str(form.errors["name"][0]))
    else:
        try:
            actions.save_view(SAVED_PAGE, form.cleaned_data["name"], query, by=request.user)
        except RuleError as error:
            messages.error(request, str(error.message))
        else:
            messages.success(request, _("The view is saved."))
    return redirect(f"{reverse('experts:registry')}?{query}")


@requires(SEE_REGISTRY)
@require_POST
def view_remove(request: Request, pk: int) -> HttpResponse:
    """Forgets one of one's own views."""
    actions.remove_view(get_object_or_404(SavedView.objects.visible_to(request.user), pk=pk))
    messages.success(request, _("The view is removed."))
    return redirect("experts:registry")
