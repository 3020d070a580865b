"""Items of a draft: how it is counted is chosen first, then the form asks what that needs. Base amounts."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from feetables import actions
from feetables.access import CHANGE_TABLES, SEE_TABLES
from feetables.dated import amounts_on
from feetables.examples import Example, examples
from feetables.forms import AmountForm
from feetables.forms_items import ItemForm
from feetables.models import DatedAmount, FeeItem, FeeTable
from feetables.rules import Basis, FeeError
from feetables.texts import item_words
from office.access import requires
from office.choices import Role
from office.errors import RuleError
from office.forms import tell
from office.requests import Request
from office.workdays import local_date

#: (way of counting, its name, an example).
SHAPES = (
    (Basis.PER_HOUR, gettext_lazy("By the hour"), gettext_lazy("by the minute or in steps, also with a minimum")),
    (Basis.PER_MEETING, gettext_lazy("By the meeting"), gettext_lazy("one amount, whatever the length")),
    (Basis.PER_EVENT, gettext_lazy("By the event"), gettext_lazy("one amount, or a range agreed on the order")),
    (Basis.BY_DURATION, gettext_lazy("By duration"), gettext_lazy("half day and day, up to 2 h, 2–4 h, longer")),
    (
        Basis.PER_MONTH,
        gettext_lazy("By the month"),
        gettext_lazy("once for each month with work, also costs"),
    ),
    (Basis.PER_KM, gettext_lazy("By the kilometre"), gettext_lazy("the county's own rate of travel")),
)


@requires(CHANGE_TABLES)
@require_http_methods(["GET", "POST"])
def item_new(request: Request, pk: int) -> HttpResponse:
    """Adds an item to a draft."""
    draft = get_object_or_404(FeeTable, pk=pk, state=FeeTable.State.DRAFT)
    return _item_form(request, FeeItem(table=draft))


@requires(CHANGE_TABLES)
@require_http_methods(["GET", "POST"])
def item_edit(request: Request, pk: int) -> HttpResponse:
    """Changes an item of a draft."""
    drafts = FeeItem.objects.filter(table__state=FeeTable.State.DRAFT).select_related("table")
    return _item_form(request, get_object_or_404(drafts, pk=pk))


def _item_form(request: Request, item: FeeItem) -> HttpResponse:
    told = request.POST if request.method == "POST" else request.GET
    basis = told.get("basis", item.basis)
    context: dict[str, Any] = {"table": item.table, "item": item}
    if basis not in {one.value for one in Basis}:
        return render(request, "feetables/item_shape.html", context | {"shapes": SHAPES})
    share = bool(told.get("share")) if "basis" in told else item.percent is not None
    form = ItemForm(request.POST or None, instance=item, basis=basis, share=share)
    shown: list[Example] = []
    if request.method == "POST" and form.is_valid():
        try:
            if "count" in request.POST:
                shown = examples(actions.counted(form.instance).terms)
            else:
                actions.save_item(form.instance, by=request.user, at=timezone.now())
                messages.success(request, _("Saved: %(words)s.") % {"words": item_words(form.instance)})
                return redirect("feetables:table", item.table_id)
        except RuleError as error:
            tell(form, error)
        except FeeError:
            tell(form, actions.uncountable(form.instance))
    elif request.method == "GET" and item.pk and item.basis == basis:
        shown = examples(item.terms)
    context |= {"form": form, "basis": basis, "share": share, "examples": shown}
    context["shape"] = next(name for key, name, _example in SHAPES if key == basis)
    return render(request, "feetables/item_form.html", context)


@requires(CHANGE_TABLES)
@require_POST
def item_remove(request: Request, pk: int) -> HttpResponse:
    """Takes an item from a draft."""
    item = get_object_or_404(FeeItem.objects.select_related("table"), pk=pk)
    actions.remove_item(item, by=request.user, at=timezone.now())
    messages.success(request, _("The item is removed."))
    return redirect("feetables:table", item.table_id)


@requires(SEE_TABLES)
@require_http_methods(["GET", "POST"])
def amounts(request: Request) -> HttpResponse:
    """Base amounts and tax-free maxima by day; the coordinator adds one or puts one right."""
    may_change = request.user.has_role(Role.COORDINATOR)
    form = AmountForm(request.POST or None) if may_change else None
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            actions.save_amount(form.instance, by=request.user, at=timezone.now())
        except RuleError as error:
            tell(form, error)
        else:
            messages.success(request, _("The amount is saved."))
            return redirect("feetables:amounts")
    now = {row.pk for row in amounts_on(local_date(timezone.now())).values()}
    rows = list(DatedAmount.objects.order_by("code", "-valid_from"))
    for row in rows:
        row.now = row.pk in now  # type: ignore[attr-defined]
    return render(request, "feetables/amounts.html", {"rows": rows, "form": form})
