"""A row added to the month afterwards."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from assignments.models import Order, Session
from experts.models import Expert
from fees.models import AddedRow
from fees.rules import month_before, month_span
from fees.writing import units_to_write
from office.choices import ORDERERS
from office.forms import ClockField, DayField, DecimalField, PlainText, TheirChoiceField, worded
from office.inputs import InputError, span
from office.models import RoleGrant, User
from office.templatetags.erfa import localname


def orders_of(expert: Expert, month: Any, by: User) -> list[Order]:
    """Agreed orders of the expert with a time in the month or the two before it, as far as ``by`` writes the hours."""
    since, until = month_span(month_before(month_before(month)))[0], month_span(month)[1]
    times = Session.objects.filter(
        expert=expert, state__in=["agreed", "closed"], starts_at__gte=since, starts_at__lt=until
    )
    found = Order.objects.filter(pk__in=times.values("order"), expert=expert, state="agreed")
    units = units_to_write(expert, by)
    if units is not None:
        found = found.filter(unit__in=units)
    return list(found.select_related("unit", "orderer", "expert").order_by("unit__code", "id"))


class AddedRowForm(forms.Form):
    """What was done, when, against which order, who ordered it and why it was not agreed before."""

    order = TheirChoiceField(label=_("Which order does it belong to?"), widget=forms.RadioSelect)
    what = forms.ChoiceField(label=_("What was it?"), choices=AddedRow.What.choices, widget=forms.RadioSelect)
    day = DayField(label=_("Day"), help_text=_("For example 2.4.2026."))
    starts = ClockField(label=_("Began"))
    ends = ClockField(end=True, label=_("Ended"))
    km = DecimalField(
        label=_("Travelled, km"),
        help_text=_("Only when the order has travel by car. Preparation has no travel."),
        max_digits=6,
        decimal_places=1,
        min_value=Decimal(0),
        required=False,
    )
    ordered_by = TheirChoiceField(label=_("Who asked for it?"))
    why = PlainText(
        label=_("Why was it not agreed before?"),
        help_text=_("Nothing by which a client can be recognised."),
        max_length=300,
    )

    def __init__(self, data: Any = None, *, orders: list[Order], at: datetime) -> None:
        super().__init__(data)
        self.orders = {str(order.pk): order for order in orders}
        self._choices("order", [(pk, f"{localname(one.unit)}: {one.task}") for pk, one in self.orders.items()])
        if not any(order.travel_km for order in orders):
            del self.fields["km"]
        units = {order.unit_id for order in orders}
        grants = RoleGrant.objects.in_force(at).filter(unit__in=units, role__in=ORDERERS, user__is_active=True)
        self.people: dict[str, User] = {str(order.orderer_id): order.orderer for order in orders}
        for grant in grants.select_related("user").order_by("user__last_name", "user__first_name"):
            self.people.setdefault(str(grant.user_id), grant.user)
        self._choices("ordered_by", [("", "–"), *((pk, str(user)) for pk, user in self.people.items())])

    def _choices(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - it is declared above
        field.choices = choices

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        if all(found.get(name) is not None for name in ("day", "starts", "ends")):
            try:
                found["times"] = span(found["day"], found["starts"], found["ends"])
            except InputError as error:
                self.add_error("day" if error.code == "skipped" else "ends", worded(error))
        return found
