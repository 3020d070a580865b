"""Lines of an hour list that are no session: a fee for the month, costs beside a fee."""

from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from assignments.models import Session
from feetables.models import FeeItem


class BesideLine(models.Model):
    """Made when the list is sent, by the first session that earns it; locked with the list (trigger).

    ``once`` says for what it is paid (a month, a session), so that nothing is paid twice. ``price`` keeps the
    explanation (feetables.rules.Price as JSON).
    """

    hour_list = models.ForeignKey("fees.HourList", on_delete=models.PROTECT, related_name="beside")
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="beside")
    item = models.ForeignKey(FeeItem, on_delete=models.PROTECT, related_name="+", verbose_name=_("fee"))
    code = models.CharField(max_length=20)
    amount = models.DecimalField(_("amount, €"), max_digits=9, decimal_places=2)
    price = models.JSONField()
    once = models.CharField(
        max_length=80, unique=True, error_messages={"unique": _("This is paid on another hour list already.")}
    )

    class Meta:
        ordering = ("session__starts_at", "id")
        constraints = [models.CheckConstraint(condition=Q(amount__gte=Decimal(0)), name="beside_not_negative")]

    def __str__(self) -> str:
        return f"{self.hour_list_id}: {self.code}"
