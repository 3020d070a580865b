"""Offers: the question to an expert."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from assignments.models.orders import Order
from assignments.querysets import OfferQuerySet
from assignments.states import OfferState
from experts.models import Expert


class Offer(models.Model):
    """The question to an expert: do you take this order? No reason is asked for a no (R3).

    While it is queued nobody has been asked yet: ``sent_at`` and ``answer_by`` are set when its turn comes.
    """

    class Ended(models.TextChoices):
        """Why the office took it back, told to whoever opens the old link."""

        CHANGED = "changed", _("what was asked has changed")
        CANCELLED = "cancelled", _("the order is cancelled")
        LAPSED = "lapsed", _("nobody was chosen in time")
        NOT_FREE = "not_free", _("the expert could not take it any more when the turn came")

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="offers")
    expert = models.ForeignKey(Expert, on_delete=models.PROTECT, related_name="offers")
    state = models.CharField(_("state"), max_length=10, choices=OfferState.choices, default=OfferState.WAITING)
    sent_at = models.DateTimeField(_("sent"))
    answer_by = models.DateTimeField(_("answer by"))
    answered_at = models.DateTimeField(null=True, blank=True)
    many = models.BooleanField(default=False)  # one of several "who can?" questions
    ended_because = models.CharField(max_length=10, choices=Ended.choices, blank=True)
    turn = models.PositiveSmallIntegerField(_("turn"), default=1)
    # The link in the mail: only its hash is kept; used once.
    token_hash = models.CharField(max_length=64, null=True, blank=True, unique=True)
    token_used_at = models.DateTimeField(null=True, blank=True)

    objects = OfferQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(
                fields=["order"],
                condition=Q(state="waiting", many=False) | Q(state="accepted"),
                name="one_open_offer_an_order",
                violation_error_message=_("The order is offered to somebody already."),
            ),
            models.UniqueConstraint(
                fields=["order", "expert"],
                condition=Q(state__in=["queued", "waiting", "can", "accepted"]),
                name="one_open_offer_an_expert",
                violation_error_message=_("The expert has been asked already."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=["queued", "waiting"], answered_at__isnull=True)
                | (~Q(state__in=["queued", "waiting"]) & Q(answered_at__isnull=False)),
                name="answered_offer_has_its_moment",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_id} → {self.expert_id}"

    @property
    def was_asked(self) -> bool:
        """Whether the question was ever sent: not while it waits for a turn, nor when the turn never came."""
        return self.answer_by > self.sent_at
