"""Orders, what each kind of work asks besides, and a unit's habits."""

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from assignments.querysets import OrderQuerySet
from assignments.states import OrderState
from experts.models import Expert, Topic
from feetables.models import FULL_DAY, MEAL, PART_DAY, FeeItem
from office.choices import TASK_TYPES, WORK_LANGUAGES, display
from office.models import Unit, User
from office.validators import no_identity_code


class Order(models.Model):
    """What a unit wants: the task and the conditions, agreed before the work (R4). Its times are its sessions."""

    class Allowance(models.TextChoices):
        """What is paid for a journey besides the journey: the tax-free maximum that the fee item follows."""

        MEAL = MEAL, _("meal")
        PART_DAY = PART_DAY, _("part-day allowance")
        FULL_DAY = FULL_DAY, _("full-day allowance")

    class TravelMode(models.TextChoices):
        """How the expert travels, agreed beforehand; empty: no travel is paid."""

        CAR = "car", _("by car, by the kilometre")
        TICKET = "ticket", _("by public transport, with receipts")

    class Asking(models.TextChoices):
        ONE = "one", _("one expert is asked")
        IN_TURN = "in_turn", _("several are asked in turn")
        WHO_CAN = "who_can", _("many are asked who can")

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="orders", verbose_name=_("unit"))
    orderer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="orders", verbose_name=_("orderer"))
    kind = models.CharField(_("kind of work"), max_length=20, choices=TASK_TYPES)
    task = models.CharField(
        _("task in one sentence"),
        max_length=200,
        validators=[no_identity_code],
        help_text=_("Nothing by which a client can be recognised."),
    )
    language = models.CharField(_("language"), max_length=3, choices=WORK_LANGUAGES, default="fi")
    place = models.CharField(_("place"), max_length=200, blank=True, validators=[no_identity_code])
    remote = models.BooleanField(_("remotely"), default=False)
    topic = models.ForeignKey(
        Topic, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("experience topic")
    )
    expert = models.ForeignKey(
        Expert, on_delete=models.PROTECT, null=True, blank=True, related_name="orders", verbose_name=_("expert")
    )
    wish = models.CharField(_("wish to the coordinator"), max_length=300, blank=True, validators=[no_identity_code])
    fee_item = models.ForeignKey(
        FeeItem, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("fee")
    )
    agreed_amount = models.DecimalField(_("agreed amount, €"), max_digits=9, decimal_places=2, null=True, blank=True)
    fee_declined = models.BooleanField(_("the expert works without a fee"), default=False)
    travel_km = models.DecimalField(
        _("agreed travel, km"),
        max_digits=6,
        decimal_places=1,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal("0.1"))],
    )
    travel_mode = models.CharField(_("travels"), max_length=8, choices=TravelMode.choices, blank=True)
    travel_cap = models.DecimalField(
        _("tickets at most, €"),
        max_digits=7,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    allowance = models.CharField(_("allowance"), max_length=8, choices=Allowance.choices, blank=True)
    contact_name = models.CharField(
        _("contact on the day"), max_length=120, blank=True, help_text=_("An employee, never a client.")
    )
    contact_phone = models.CharField(_("telephone of the contact"), max_length=40, blank=True)
    asking = models.CharField(_("how experts are asked"), max_length=8, choices=Asking.choices, default=Asking.ONE)
    answer_days = models.PositiveSmallIntegerField(
        _("working days to answer"), default=3, validators=[MinValueValidator(1), MaxValueValidator(10)]
    )
    companion = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="lead", verbose_name=_("second expert")
    )  # two experts for one group: the second one's order, kept together with this one
    left_to_coordinator = models.BooleanField(default=False)  # the unit has decided: the coordinator looks for a second
    copied_from = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="copies")
    state = models.CharField(_("state"), max_length=12, choices=OrderState.choices, default=OrderState.DRAFT)
    created_at = models.DateTimeField(_("written"))
    submitted_at = models.DateTimeField(null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    source = models.CharField(
        max_length=80, blank=True, db_index=True
    )  # row of an imported file, so that it comes once

    objects = OrderQuerySet.as_manager()

    get_kind_display = display("kind", TASK_TYPES)
    get_state_display = display("state", OrderState.choices)

    class Meta:
        ordering = ("-id",)
        indexes = [models.Index(fields=["state"], name="order_state")]  # few are open, however many there have been
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["draft", "to_confirm", "looking", "cancelled"])
                | Q(expert__isnull=False)
                | Q(state="offered", asking="who_can"),
                name="offered_order_has_an_expert",
            ),
            models.CheckConstraint(
                condition=~Q(state="agreed") | Q(confirmed_at__isnull=False, confirmed_by__isnull=False),
                name="agreed_order_was_confirmed",
            ),
            models.CheckConstraint(
                condition=Q(companion__isnull=True) | ~Q(companion=F("id")),
                name="order_is_not_its_own_second",
                violation_error_message=_("Choose two different experts."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk}: {self.task}"


class OrderPlan(models.Model):
    """What only some kinds of work ask (R8, R9); each kind's form asks its own. Never anything about a client."""

    class Spacing(models.TextChoices):
        WEEKLY = "weekly", _("every week")
        FORTNIGHTLY = "fortnight", _("every second week")
        MONTHLY = "monthly", _("once a month")
        AS_AGREED = "as_agreed", _("as agreed each time")

    order = models.OneToOneField(Order, on_delete=models.CASCADE, related_name="plan")
    # individual and pair work: a process with a beginning and an end
    goal = models.CharField(_("goal in one sentence"), max_length=200, blank=True, validators=[no_identity_code])
    meetings = models.PositiveSmallIntegerField(_("number of meetings"), null=True, blank=True)
    more_reason = models.CharField(
        _("why more than three meetings"), max_length=200, blank=True, validators=[no_identity_code]
    )
    spacing = models.CharField(_("how often"), max_length=10, choices=Spacing.choices, blank=True)
    first_joint = models.BooleanField(_("the first meeting is joint"), default=True)
    contact_way = models.CharField(
        _("how to keep in touch through the employee"), max_length=200, blank=True, validators=[no_identity_code]
    )
    # groups
    first_day = models.DateField(_("first day of the period"), null=True, blank=True)
    last_day = models.DateField(_("last day of the period"), null=True, blank=True)
    co_leader = models.CharField(_("co-leader"), max_length=120, blank=True, validators=[no_identity_code])
    preparation_minutes = models.PositiveSmallIntegerField(_("planning time, minutes"), default=0)
    end_reasons = models.CharField(
        _("agreed reasons to end earlier"), max_length=200, blank=True, validators=[no_identity_code]
    )
    # lectures and training
    theme = models.CharField(_("theme"), max_length=200, blank=True, validators=[no_identity_code])
    audience = models.CharField(_("audience"), max_length=200, blank=True, validators=[no_identity_code])
    audience_size = models.PositiveIntegerField(_("how many listeners"), null=True, blank=True)
    equipment = models.CharField(_("equipment"), max_length=200, blank=True, validators=[no_identity_code])

    class Meta:
        ordering = ("order",)
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day__isnull=True) | Q(first_day__isnull=True) | Q(last_day__gte=F("first_day")),
                name="plan_ends_after_start",
                violation_error_message=_("The end is before the beginning."),
            ),
            models.CheckConstraint(
                condition=Q(meetings__isnull=True) | Q(meetings__gte=1),
                name="plan_has_a_meeting",
                violation_error_message=_("Plan at least one meeting."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_id}: {self.goal or self.theme}"


class UnitHabits(models.Model):
    """What a unit has told once: who may order without the named employee's yes, whom to meet on the day."""

    unit = models.OneToOneField(Unit, on_delete=models.CASCADE, related_name="habits")
    trusts_staff = models.BooleanField(_("staff order without the named employee's confirmation"), default=False)
    contact_name = models.CharField(_("contact on the day"), max_length=120, blank=True)
    contact_phone = models.CharField(_("telephone of the contact"), max_length=40, blank=True)

    class Meta:
        ordering = ("unit",)

    def __str__(self) -> str:
        return self.unit.code
