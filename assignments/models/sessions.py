"""Sessions, and proposals to move them."""

from datetime import timedelta
from decimal import Decimal

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from assignments.models.orders import Order
from assignments.querysets import SessionQuerySet
from assignments.states import TOOK_PLACE, MoveState, Outcome, SessionState
from experts.models import Expert
from feetables.models import FeeItem
from feetables.rules import Terms
from office.choices import TASK_TYPES, display
from office.fields import Int8Range, TsTzRange
from office.models import Unit, User
from office.validators import no_identity_code

#: A session that seems longer was typed wrong. What touches a time has begun at most so long before it.
LONGEST = timedelta(hours=24)


#: What lists and calendars count by, beside the time.
TOLD = ["state", "outcome", "order"]


class Session(models.Model):
    """One agreed time. Its deadline and price are frozen when it is agreed (R13); its outcome is the one truth.

    Times are UTC, half-open. ``fee`` and ``travel_fee`` are what it would pay now: as agreed while it is agreed, by the
    outcome once that is marked. ``price``/``travel_price`` keep the explanation (feetables.rules.Price as JSON).
    """

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="sessions")
    # unit and expert are looked up by the indexes with the time
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="sessions", db_index=False)
    expert = models.ForeignKey(
        Expert, on_delete=models.PROTECT, null=True, blank=True, related_name="sessions", db_index=False
    )
    kind = models.CharField(_("kind of work"), max_length=20, choices=TASK_TYPES)
    starts_at = models.DateTimeField(_("begins"))
    ends_at = models.DateTimeField(_("ends"))
    place = models.CharField(_("place"), max_length=200, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=SessionState.choices, default=SessionState.PLANNED)
    # Frozen when agreed
    agreed_at = models.DateTimeField(null=True, blank=True)
    free_until = models.DateTimeField(_("free to cancel until"), null=True, blank=True)
    fee_item = models.ForeignKey(FeeItem, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    terms = models.JSONField(null=True, blank=True)
    agreed_amount = models.DecimalField(max_digits=9, decimal_places=2, null=True, blank=True)
    fee_declined = models.BooleanField(default=False)
    travel_item = models.ForeignKey(FeeItem, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    travel_terms = models.JSONField(null=True, blank=True)
    travel_km = models.DecimalField(_("agreed travel, km"), max_digits=6, decimal_places=1, null=True, blank=True)
    travel_cap = models.DecimalField(_("tickets at most, €"), max_digits=7, decimal_places=2, null=True, blank=True)
    # No index: an item of an approved table is never removed.
    allowance_item = models.ForeignKey(
        FeeItem, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    allowance_terms = models.JSONField(null=True, blank=True)
    agreed_fee = models.DecimalField(_("agreed fee, €"), max_digits=9, decimal_places=2, null=True, blank=True)
    # What happened
    outcome = models.CharField(_("outcome"), max_length=20, choices=Outcome.choices, blank=True)
    rule = models.CharField(max_length=10, blank=True)  # "R11"
    done_starts_at = models.DateTimeField(null=True, blank=True)
    done_ends_at = models.DateTimeField(null=True, blank=True)
    change_reason = models.CharField(
        _("why the times changed"), max_length=300, blank=True, validators=[no_identity_code]
    )
    time_used_for = models.CharField(
        _("what the time was used for"), max_length=300, blank=True, validators=[no_identity_code]
    )
    received_at = models.DateTimeField(_("cancellation received"), null=True, blank=True)
    told_by = models.CharField(
        _("who told it"), max_length=120, blank=True, validators=[no_identity_code]
    )  # by telephone: an employee or the expert, never a client (R14)
    recorded_at = models.DateTimeField(_("recorded"), null=True, blank=True)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    done_km = models.DecimalField(_("travelled, km"), max_digits=6, decimal_places=1, null=True, blank=True)
    receipts = models.DecimalField(_("receipts, €"), max_digits=9, decimal_places=2, null=True, blank=True)
    # What it pays, and why
    fee = models.DecimalField(_("fee, €"), max_digits=9, decimal_places=2, default=Decimal("0.00"))
    price = models.JSONField(null=True, blank=True)
    travel_fee = models.DecimalField(_("travel, €"), max_digits=9, decimal_places=2, default=Decimal("0.00"))
    travel_price = models.JSONField(null=True, blank=True)
    # The coordinator's word against the rule, with its reason (waived, or another sum)
    override_fee = models.DecimalField(_("fee decided, €"), max_digits=9, decimal_places=2, null=True, blank=True)
    override_reason = models.CharField(_("why decided so"), max_length=300, blank=True, validators=[no_identity_code])
    override_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    # The session that the first time was, however often it has been moved since: one entry in calendars (T12).
    began_as = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    moved_from = models.OneToOneField("self", on_delete=models.PROTECT, null=True, blank=True, related_name="moved_to")

    #: Moves that wait, when an action has read them (actions.waiting.read_moves).
    waiting_moves: "list[Move] | None" = None

    objects = SessionQuerySet.as_manager()

    get_kind_display = display("kind", TASK_TYPES)
    get_state_display = display("state", SessionState.choices)
    get_outcome_display = display("outcome", Outcome.choices)

    class Meta:
        ordering = ("starts_at", "id")
        indexes = [
            # with the state beside the time: what a day, month or list holds is counted from the index alone
            models.Index(fields=["expert", "starts_at"], include=[*TOLD, "unit"], name="session_expert_state"),
            models.Index(
                fields=["unit", "starts_at"], include=[*TOLD, "expert", "ends_at"], name="session_unit_state"
            ),  # who begins in the unit is told by it too
            models.Index(
                fields=["starts_at", "ends_at"], include=[*TOLD, "expert"], name="session_state"
            ),  # who is busy at a time is told by it too
            models.Index(fields=["unit", "starts_at"], name="session_open", condition=Q(state="agreed")),  # not marked
            models.Index(
                fields=["expert", "agreed_at"], name="session_agreed", condition=Q(state__in=["agreed", "closed"])
            ),  # the fair order counts what was agreed lately
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="session_ends_after_start",
                violation_error_message=_("The end is before the beginning."),
            ),
            models.CheckConstraint(
                condition=Q(ends_at__lte=F("starts_at") + LONGEST),
                name="session_lasts_a_day_at_most",
                violation_error_message=_("A session cannot last longer than 24 hours."),
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["agreed", "closed"])
                | Q(
                    expert__isnull=False,
                    agreed_at__isnull=False,
                    free_until__isnull=False,
                    terms__isnull=False,
                    agreed_fee__isnull=False,
                ),
                name="agreed_session_is_frozen",
            ),
            models.CheckConstraint(
                condition=(Q(state="closed", recorded_at__isnull=False) & ~Q(outcome=""))
                | (~Q(state="closed") & Q(outcome="", recorded_at__isnull=True)),
                name="closed_session_has_its_outcome",
            ),
            models.CheckConstraint(
                condition=~Q(outcome__in=["cancelled_in_time", "cancelled_late"]) | Q(received_at__isnull=False),
                name="cancellation_has_its_moment",
            ),
            models.CheckConstraint(
                condition=Q(done_starts_at__isnull=True, done_ends_at__isnull=True)
                | Q(done_ends_at__gt=F("done_starts_at")),
                name="done_times_in_order",
            ),
            models.CheckConstraint(condition=Q(fee__gte=0, travel_fee__gte=0), name="session_fee_not_negative"),
            models.CheckConstraint(
                condition=Q(override_fee__isnull=True, override_reason="", override_by__isnull=True)
                | (Q(override_fee__gte=0, override_by__isnull=False) & ~Q(override_reason="")),
                name="decided_fee_has_its_reason",
                violation_error_message=_("Write why the fee is decided so."),
            ),
            ExclusionConstraint(
                name="expert_never_in_two_sessions",
                expressions=[
                    (Int8Range("expert_id"), RangeOperators.EQUAL),
                    (TsTzRange("starts_at", "ends_at"), RangeOperators.OVERLAPS),
                ],
                condition=Q(state="agreed") | Q(state="closed", outcome__in=[str(o) for o in TOOK_PLACE]),
                violation_error_message=_("The expert has another session at that time."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk}: {self.starts_at:%Y-%m-%d %H:%M}"

    @property
    def price_terms(self) -> tuple[Terms, ...]:
        """The frozen price: one item, or all duration brackets of the kind of work."""
        return tuple(Terms.from_json(stored) for stored in self.terms or ())

    @property
    def frozen_travel_terms(self) -> Terms | None:
        """The frozen price of a kilometre, when travel was agreed."""
        return Terms.from_json(self.travel_terms) if self.travel_terms else None

    @property
    def frozen_allowance(self) -> Terms | None:
        """The frozen price of the meal or daily allowance, when one was agreed."""
        return Terms.from_json(self.allowance_terms) if self.allowance_terms else None


class Move(models.Model):
    """A proposal to hold a session at another time (R16). The moment that counts is ``proposed_at``."""

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="moves")
    starts_at = models.DateTimeField(_("begins"))
    ends_at = models.DateTimeField(_("ends"))
    by_expert = models.BooleanField(default=False)
    cancel_if_declined = models.BooleanField(
        _("if the new time does not suit, the old one is cancelled"), default=False
    )
    reason = models.CharField(_("reason"), max_length=300, blank=True, validators=[no_identity_code])
    state = models.CharField(_("state"), max_length=10, choices=MoveState.choices, default=MoveState.WAITING)
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="move_ends_after_start"),
            models.UniqueConstraint(
                fields=["session"],
                condition=Q(state__in=["waiting", "suits"]),
                name="one_open_move_a_session",
                violation_error_message=_("A new time has been proposed already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.session_id} → {self.starts_at:%Y-%m-%d %H:%M}"
