"""The county's fee tables: versions with a validity and a decision (R17)."""

from datetime import date
from decimal import Decimal

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from feetables.querysets import FeeItemQuerySet, FeeTableQuerySet
from feetables.rules import Basis, Terms
from office.choices import TASK_TYPES
from office.fields import DateRange
from office.models import User

BASES = [
    (Basis.PER_HOUR.value, _("per hour")),
    (Basis.PER_MEETING.value, _("per meeting")),
    (Basis.PER_EVENT.value, _("per event, agreed on the order")),
    (Basis.BY_DURATION.value, _("by duration")),
    (Basis.PER_KM.value, _("per kilometre")),
    (Basis.PER_MONTH.value, _("per month")),
]


#: An account of the bookkeeping: figures and letters, parts of it apart by a dot, a hyphen, a slash or a space.
ACCOUNT = r"^[0-9A-Za-z]+([ ./-][0-9A-Za-z]+)*$"
account = RegexValidator(ACCOUNT, _("An account is figures and letters, for example 4470."))


#: Codes of dated amounts that items are compared with or are a share of; others may be added.
KM, MEAL, PART_DAY, FULL_DAY, PRICE_BASE = "km", "meal", "part-day", "full-day", "price-base"


class DatedAmount(models.Model):
    """A base amount or a tax-free maximum (euros) from a day on, until the next row of the same code."""

    class Code(models.TextChoices):
        KM = KM, _("tax-free maximum: kilometre")
        MEAL = MEAL, _("tax-free maximum: meal")
        PART_DAY = PART_DAY, _("tax-free maximum: part day")
        FULL_DAY = FULL_DAY, _("tax-free maximum: full day")
        PRICE_BASE = PRICE_BASE, _("price base amount")
        OWN = "own", _("the county's own base amount")

    code = models.CharField(_("amount of"), max_length=20, choices=Code.choices)
    valid_from = models.DateField(_("valid from"))
    amount = models.DecimalField(_("amount, €"), max_digits=9, decimal_places=2)
    source = models.CharField(_("decided by"), max_length=120, blank=True)

    class Meta:
        ordering = ("code", "-valid_from")
        constraints = [
            models.UniqueConstraint(
                fields=["code", "valid_from"],
                name="dated_amount_once",
                violation_error_message=_("There is an amount from this day on already."),
            ),
            models.CheckConstraint(condition=Q(amount__gt=Decimal(0)), name="dated_amount_is_more_than_nothing"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.valid_from}: {self.amount}"


class FeeTable(models.Model):
    """One version of the table. Approved ones never overlap in time; an approved table is never changed."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        APPROVED = "approved", _("Approved")

    name = models.CharField(_("name in Finnish"), max_length=120)
    name_sv = models.CharField(_("name in Swedish"), max_length=120, default="")  # empty in tables from before it
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"), null=True, blank=True)
    decided_by = models.CharField(_("deciding body"), max_length=120, blank=True)
    decided_on = models.DateField(_("decided on"), null=True, blank=True)
    section = models.CharField(_("section (§)"), max_length=40, blank=True)
    diary_number = models.CharField(_("diary number"), max_length=60, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT)
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = FeeTableQuerySet.as_manager()

    class Meta:
        ordering = ("-valid_from", "-id")
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=models.F("valid_from")),
                name="fee_table_ends_after_start",
                violation_error_message=_("The end is before the beginning."),
            ),
            models.CheckConstraint(
                condition=(
                    Q(state="draft", approved_at__isnull=True)
                    | (Q(state="approved", approved_at__isnull=False, decided_on__isnull=False) & ~Q(decided_by=""))
                ),
                name="approved_table_has_its_decision",
                violation_error_message=_("An approved table names the deciding body and the day."),
            ),
            ExclusionConstraint(
                name="approved_fee_tables_do_not_overlap",
                expressions=[(DateRange("valid_from", "valid_to"), RangeOperators.OVERLAPS)],
                condition=Q(state="approved"),
                violation_error_message=_("Another approved fee table holds on some of these days."),
            ),
        ]

    def __str__(self) -> str:
        return self.name_in(translation.get_language())

    @property
    def name_fi(self) -> str:
        return self.name

    def name_in(self, language: str | None) -> str:
        """The name in the language; in Finnish when there is no Swedish one."""
        return (self.name_sv if (language or "").startswith("sv") else "") or self.name

    def holds_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


class FeeItem(models.Model):
    """One row of a table: for which kinds of work, how it is counted, what it pays (euros)."""

    class Purpose(models.TextChoices):
        SESSION = "session", _("a session's own fee")
        PREPARATION = "preparation", _("preparation agreed apart")
        TRAVEL = "travel", _("travel")
        BESIDE = "beside", _("paid beside a session's fee")

    class Company(models.TextChoices):
        ALONE = "alone", _("one expert alone")
        TWO = "two", _("two experts together")

    class Way(models.TextChoices):
        ON_SITE = "on_site", _("on site")
        REMOTE = "remote", _("remotely")

    table = models.ForeignKey(FeeTable, on_delete=models.CASCADE, related_name="items", verbose_name=_("fee table"))
    code = models.CharField(_("code"), max_length=20)
    name_fi = models.CharField(_("name in Finnish"), max_length=120)
    name_sv = models.CharField(_("name in Swedish"), max_length=120)
    purpose = models.CharField(_("for"), max_length=12, choices=Purpose.choices, default=Purpose.SESSION)
    kinds = ArrayField(
        models.CharField(max_length=20, choices=TASK_TYPES), verbose_name=_("kinds of work"), default=list, blank=True
    )
    basis = models.CharField(_("counted"), max_length=12, choices=BASES)
    amount = models.DecimalField(_("amount, €"), max_digits=9, decimal_places=2)
    amount_max = models.DecimalField(_("at most, €"), max_digits=9, decimal_places=2, null=True, blank=True)
    minimum_minutes = models.PositiveIntegerField(_("at least, minutes"), default=0)
    step_minutes = models.PositiveIntegerField(_("counted in steps of, minutes"), default=0)
    over_minutes = models.PositiveIntegerField(_("when longer than, minutes"), null=True, blank=True)
    up_to_minutes = models.PositiveIntegerField(_("and at most, minutes"), null=True, blank=True)
    income_type = models.CharField(_("income type"), max_length=3)
    # The account of the bookkeeping that the line is entered to; the cost centre is the unit's.
    posting = models.CharField(_("posting"), max_length=20, blank=True, validators=[account])
    # The code of a training, no foreign key: trainings stand above the fee tables (docs/architecture.md 1).
    training = models.SlugField(_("only with the training"), max_length=40, blank=True, db_index=False)
    company = models.CharField(_("only when"), max_length=5, choices=Company.choices, blank=True)
    way = models.CharField(_("only when done"), max_length=7, choices=Way.choices, blank=True)
    # A share of a base amount: ``amount`` is worked out, for the table's first day here, for the day of the work later.
    percent = models.DecimalField(_("per cent"), max_digits=6, decimal_places=3, null=True, blank=True)
    base = models.CharField(_("of"), max_length=20, choices=DatedAmount.Code.choices, blank=True)
    base_amount = models.DecimalField(max_digits=9, decimal_places=2, null=True, blank=True)
    whole = models.BooleanField(_("in whole euros"), default=False)
    limit = models.CharField(_("tax-free maximum"), max_length=20, choices=DatedAmount.Code.choices, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)

    objects = FeeItemQuerySet.as_manager()

    class Meta:
        ordering = ("table", "id")
        constraints = [
            models.UniqueConstraint(fields=["table", "code"], name="fee_code_once_in_table"),
            models.CheckConstraint(condition=Q(amount__gte=Decimal(0)), name="fee_amount_not_negative"),
            models.CheckConstraint(
                condition=Q(amount_max__isnull=True) | Q(amount_max__gte=models.F("amount")),
                name="fee_range_in_order",
                violation_error_message=_("The highest amount is below the lowest."),
            ),
            models.CheckConstraint(condition=Q(income_type__regex=r"^\d{3}$"), name="income_type_three_digits"),
            models.CheckConstraint(condition=Q(posting="") | Q(posting__regex=ACCOUNT), name="posting_is_an_account"),
            models.CheckConstraint(
                condition=Q(training="") | Q(purpose="session"),
                name="training_only_for_a_session",
                violation_error_message=_("Only a session's own fee can depend on a training."),
            ),
            models.CheckConstraint(
                condition=Q(percent__isnull=True, base="", base_amount__isnull=True, whole=False)
                | (Q(percent__gt=0, base_amount__isnull=False) & ~Q(base="")),
                name="share_names_its_base",
                violation_error_message=_("A share names its base amount."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name_fi}"

    @property
    def terms(self) -> Terms:
        """What the pure engine needs; also what an agreed session keeps as its frozen price."""
        return Terms(
            code=self.code,
            basis=Basis(self.basis),
            amount=self.amount,
            amount_max=self.amount_max,
            minimum_minutes=self.minimum_minutes,
            step_minutes=self.step_minutes,
            over_minutes=self.over_minutes,
            up_to_minutes=self.up_to_minutes,
            income_type=self.income_type,
            percent=None if self.percent is None else self.percent.normalize(),
            base=self.base,
            base_amount=self.base_amount,
            whole=self.whole,
        )
