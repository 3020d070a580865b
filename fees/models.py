"""Hour lists, payment runs with their frozen lines, documents, corrections."""

from datetime import date
from decimal import Decimal

from django.db import models
from django.db.models import Case, F, Q, When
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from assignments.models import Session
from experts.models import Expert
from fees.models_beside import BesideLine as BesideLine
from fees.models_rows import AddedRow as AddedRow
from fees.models_rows import CorrectionRequest as CorrectionRequest
from fees.models_rows import Receipt as Receipt
from fees.models_rows import RowDraft as RowDraft
from fees.querysets import HourListQuerySet, RejectionQuerySet, RunLineQuerySet, RunQuerySet
from fees.states import ListState, RejectionState, RunState
from feetables.models import FeeTable
from office.choices import Language
from office.models import Unit, User
from office.validators import no_identity_code
from office.workdays import local_date


class HourList(models.Model):
    """An expert's work for one unit in one month (R18). Its rows are the sessions it took when it was sent."""

    expert = models.ForeignKey(Expert, on_delete=models.PROTECT, related_name="hour_lists", verbose_name=_("expert"))
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="hour_lists", verbose_name=_("unit"))
    month = models.DateField(_("month"))  # its first day
    state = models.CharField(_("state"), max_length=10, choices=ListState.choices, default=ListState.OPEN)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    sent_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True)
    approved_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    return_reason = models.CharField(_("reason"), max_length=300, blank=True, validators=[no_identity_code])
    run = models.ForeignKey("PaymentRun", on_delete=models.PROTECT, null=True, blank=True, related_name="hour_lists")

    objects = HourListQuerySet.as_manager()

    class Meta:
        ordering = ("-month", "expert__last_name", "expert__first_name", "id")
        indexes = [models.Index(fields=["month", "state"], name="hour_list_month_state")]
        constraints = [
            models.UniqueConstraint(
                fields=["expert", "unit", "month"],
                name="one_list_for_expert_unit_month",
                violation_error_message=_("There is a list for this expert, unit and month already."),
            ),
            models.CheckConstraint(condition=Q(month__day=1), name="month_is_its_first_day"),
            models.CheckConstraint(
                condition=Q(state="open") | Q(sent_at__isnull=False), name="sent_list_has_its_moment"
            ),
            models.CheckConstraint(
                condition=(
                    Q(
                        state__in=["approved", "in_payment", "paid"],
                        approved_at__isnull=False,
                        approved_by__isnull=False,
                    )
                    | Q(state__in=["open", "at_unit", "returned"], approved_at__isnull=True, approved_by__isnull=True)
                ),
                name="approved_list_has_its_approver",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | Q(sent_by__isnull=True) | ~Q(approved_by=models.F("sent_by")),
                name="nobody_approves_what_they_sent",
                violation_error_message=_("Who has sent the list does not approve it. Somebody else of the unit does."),
            ),
            models.CheckConstraint(
                condition=(
                    Q(state__in=["in_payment", "paid"], run__isnull=False)
                    | (~Q(state__in=["in_payment", "paid"]) & Q(run__isnull=True))
                ),
                name="list_in_payment_names_its_run",
            ),
            models.CheckConstraint(
                condition=~Q(state="returned") | ~Q(return_reason=""), name="returned_list_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.expert_id} {self.unit_id} {self.month:%Y-%m}"

    def came_late(self, due: date) -> bool:
        """Sent after the day that lists of its month were due (R19)."""
        return self.sent_at is not None and local_date(self.sent_at) > due


class HourRow(models.Model):
    """A session on a list. What happened and what it pays stand on the session; here stands what the check said."""

    hour_list = models.ForeignKey(HourList, on_delete=models.PROTECT, related_name="rows")
    session = models.OneToOneField(Session, on_delete=models.PROTECT, related_name="hour_row")
    return_reason = models.CharField(_("reason"), max_length=300, blank=True, validators=[no_identity_code])
    told = models.JSONField(null=True, blank=True)  # as it was when the list was sent: what the unit changed shows

    class Meta:
        ordering = ("session__starts_at", "id")

    def __str__(self) -> str:
        return f"{self.hour_list_id}: {self.session_id}"


class PaymentRun(models.Model):
    """One payment: numbered without gaps, its lines frozen (R23). Only its state may change, by a trigger's leave."""

    number = models.PositiveIntegerField(_("number"), unique=True)
    month = models.DateField(  # the worked month that was closed, its first day; late lists ride on the next run
        _("month"), unique=True, error_messages={"unique": _("This month has been closed.")}
    )
    pay_date = models.DateField(_("pay day"))
    state = models.CharField(_("state"), max_length=6, choices=RunState.choices, default=RunState.MADE)
    made_at = models.DateTimeField(_("made"))
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    sent_at = models.DateTimeField(_("sent to payroll"), null=True, blank=True)
    sent_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    paid_at = models.DateTimeField(_("paid"), null=True, blank=True)
    paid_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    lists = models.PositiveIntegerField(_("lists"))
    rows = models.PositiveIntegerField(_("rows"))
    experts = models.PositiveIntegerField(_("experts"))
    fees = models.DecimalField(_("fees, €"), max_digits=12, decimal_places=2)
    travel = models.DecimalField(_("travel, €"), max_digits=12, decimal_places=2)
    total = models.DecimalField(_("total, €"), max_digits=12, decimal_places=2)
    by_expert = models.JSONField(default=dict)  # each expert's sum in euros, by id: what is unusual later is told by it
    lines_hash = models.CharField(_("hash of the lines"), max_length=64)

    objects = RunQuerySet.as_manager()

    class Meta:
        ordering = ("-number",)
        constraints = [
            models.CheckConstraint(condition=Q(total=models.F("fees") + models.F("travel")), name="run_total_adds_up"),
            models.CheckConstraint(
                condition=Q(state__in=["made", "sent"], paid_at__isnull=True) | Q(state="paid", paid_at__isnull=False),
                name="paid_run_has_its_moment",
            ),
            # Runs that were paid before this state was there have no moment of sending.
            models.CheckConstraint(
                condition=(
                    Q(state="made", sent_at__isnull=True, sent_by__isnull=True)
                    | Q(state="sent", sent_at__isnull=False, sent_by__isnull=False)
                    | Q(state="paid")
                ),
                name="sent_run_has_its_moment",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}"


class RunLine(models.Model):
    """One frozen line of a run: everything that documents print, as it was. Never updated or deleted (trigger).

    Whose line it is holds one trigger for all lines of a statement (``line_is_of_its_work``), in place of four foreign
    keys that would be looked at line by line: list, session, expert and unit belong together, and to the line that is
    corrected. A list, session or corrected line stays as long as its lines do (triggers).
    """

    class Kind(models.TextChoices):
        FEE = "fee", _("Fee")
        TRAVEL = "travel", _("Travel")
        CORRECTION = "correction", _("Correction")
        CARRIED = "carried", _("Rejected earlier")

    # Found by the unique run and position; an index more costs at each close.
    run = models.ForeignKey(PaymentRun, on_delete=models.PROTECT, related_name="lines", db_index=False)
    position = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    hour_list = models.ForeignKey(
        HourList, on_delete=models.PROTECT, null=True, related_name="lines", db_constraint=False
    )
    session = models.ForeignKey(  # found by session_paid_once
        Session, on_delete=models.PROTECT, null=True, related_name="lines", db_index=False, db_constraint=False
    )
    corrects = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="corrections", db_index=False, db_constraint=False
    )
    expert = models.ForeignKey(Expert, on_delete=models.PROTECT, related_name="run_lines", db_constraint=False)
    expert_name = models.CharField(max_length=170)
    expert_language = models.CharField(max_length=2, choices=Language.choices)
    payroll_number = models.CharField(max_length=20, blank=True)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="run_lines", db_constraint=False)
    unit_code = models.CharField(max_length=20)
    unit_name_fi = models.CharField(max_length=160)
    unit_name_sv = models.CharField(max_length=160)
    cost_centre = models.CharField(max_length=20)
    orderer_name = models.CharField(max_length=170)
    approver_name = models.CharField(max_length=170, blank=True)
    work_kind = models.CharField(max_length=20, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    done_starts_at = models.DateTimeField(null=True)
    done_ends_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=20, blank=True)
    rule = models.CharField(max_length=10, blank=True)
    free_until = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)
    fee_code = models.CharField(max_length=20)
    fee_name_fi = models.CharField(max_length=120)
    fee_name_sv = models.CharField(max_length=120)
    fee_table = models.CharField(max_length=300)  # name and decision of the table, as it was
    fee_table_sv = models.CharField(max_length=300, blank=True, default="")
    units = models.DecimalField(max_digits=16, decimal_places=8)  # a third of an hour has no end: see feetables.rules
    unit_name = models.CharField(max_length=10)
    unit_price = models.DecimalField(max_digits=9, decimal_places=2)
    amount = models.DecimalField(max_digits=9, decimal_places=2)
    income_type = models.CharField(max_length=3)
    posting = models.CharField(max_length=20, blank=True, default="")  # account of the bookkeeping
    price = models.JSONField(default=dict)
    reason = models.CharField(max_length=300, blank=True)

    objects = RunLineQuerySet.as_manager()

    class Meta:
        ordering = ("run", "position")
        indexes = [models.Index(fields=["corrects"], condition=Q(corrects__isnull=False), name="line_corrects")]
        constraints = [
            models.UniqueConstraint(fields=["run", "position"], name="line_position_once"),
            # Of corrections a session may have many: they are told apart by their own keys. One index for all lines.
            models.UniqueConstraint(
                "session",
                "kind",
                Case(When(kind__in=["fee", "travel"], then=0), default=F("id"), output_field=models.BigIntegerField()),
                name="session_paid_once",
            ),
            models.UniqueConstraint(fields=["corrects"], condition=Q(kind="carried"), name="line_carried_once"),
            models.UniqueConstraint(
                fields=["hour_list", "fee_code", "starts_at"],
                condition=Q(kind="fee", session__isnull=True),
                name="beside_line_paid_once",
            ),
            models.CheckConstraint(
                condition=(
                    Q(kind__in=["correction", "carried"], corrects__isnull=False)
                    | (Q(kind__in=["fee", "travel"]) & Q(corrects__isnull=True, session__isnull=False, amount__gte=0))
                    # A line beside the sessions of a list: by the month, or costs beside a fee.
                    | Q(kind="fee", corrects__isnull=True, session__isnull=True, hour_list__isnull=False, amount__gte=0)
                ),
                name="correction_names_its_line",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run_id}/{self.position}"


class Correction(models.Model):
    """A plus or minus to a frozen line, for the next run (R23). Payee and unit are those of the line (M17)."""

    corrects = models.ForeignKey(RunLine, on_delete=models.PROTECT, related_name="pending_corrections")
    amount = models.DecimalField(_("plus or minus, €"), max_digits=9, decimal_places=2)
    reason = models.CharField(_("reason"), max_length=300, validators=[no_identity_code])
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    # A difference that a table approved after its start makes: once for each line.
    table = models.ForeignKey(FeeTable, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    line = models.OneToOneField(RunLine, on_delete=models.PROTECT, null=True, blank=True, related_name="made_from")

    class Meta:
        ordering = ("id",)
        constraints = [
            models.CheckConstraint(condition=~Q(amount=Decimal(0)), name="correction_is_not_zero"),
            models.CheckConstraint(condition=~Q(reason=""), name="correction_says_why"),
            models.UniqueConstraint(
                fields=["corrects", "table"],
                condition=Q(table__isnull=False),
                name="difference_once",
                violation_error_message=_("The difference of this line has been made already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.corrects_id}: {self.amount}"


class Rejection(models.Model):
    """A line that the payroll house did not take. The line itself never changes; what became of it stands here.

    Waiting, it may be sent again in a supplementary file of the run (``part``), or it rides on the next run as a line
    that names it (``carried_by``). Never both, and never changed afterwards (trigger).
    """

    line = models.ForeignKey(RunLine, on_delete=models.PROTECT, related_name="rejections", verbose_name=_("line"))
    state = models.CharField(_("state"), max_length=10, choices=RejectionState.choices, default=RejectionState.WAITING)
    reason = models.CharField(_("reason"), max_length=300, validators=[no_identity_code])
    rejected_at = models.DateTimeField(_("rejected"))
    rejected_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    settled_at = models.DateTimeField(_("put right"), null=True, blank=True)
    settled_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    part = models.PositiveSmallIntegerField(_("file"), null=True, blank=True)
    payroll_number = models.CharField(max_length=20, blank=True)  # as it was known when the line was sent again
    carried_by = models.OneToOneField(RunLine, on_delete=models.PROTECT, null=True, blank=True, related_name="carries")

    objects = RejectionQuerySet.as_manager()

    class Meta:
        ordering = ("id",)
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="rejection_says_why"),
            models.UniqueConstraint(
                fields=["line"],
                condition=~Q(state="resent"),
                name="line_rejected_once",
                violation_error_message=_("The line is noted as rejected already."),
            ),
            models.CheckConstraint(
                condition=(
                    Q(state="waiting", settled_at__isnull=True, part__isnull=True, carried_by__isnull=True)
                    | Q(state="resent", settled_at__isnull=False, part__gte=2, carried_by__isnull=True)
                    | Q(state="carried", settled_at__isnull=False, part__isnull=True, carried_by__isnull=False)
                ),
                name="settled_rejection_says_how",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line_id}: {self.reason}"


class RunDocument(models.Model):
    """A document of a run, made once and kept with its bytes and hash. Never changed or deleted (trigger)."""

    class Kind(models.TextChoices):
        STATEMENT = "statement", _("Fee statement")
        UNIT_REPORT = "unit_report", _("Unit report")
        SUMMARY = "summary", _("Summary of the run")
        CSV = "csv", _("Payroll file (CSV)")
        XLSX = "xlsx", _("Payroll file (XLSX)")

    run = models.ForeignKey(PaymentRun, on_delete=models.PROTECT, related_name="documents")
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    expert = models.ForeignKey(Expert, on_delete=models.PROTECT, null=True, blank=True, related_name="documents")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="documents")
    part = models.PositiveSmallIntegerField(_("part"), default=1)  # a supplementary payroll file: 2, 3, …
    # What the county keeps for itself is there in both; empty for a statement, which is in its reader's language.
    language = models.CharField(max_length=2, choices=Language.choices, blank=True, default="")
    filename = models.CharField(_("file"), max_length=120)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField(_("size"))

    class Meta:
        ordering = ("run", "kind", "filename")
        constraints = [
            models.UniqueConstraint(fields=["run", "filename"], name="document_once"),
            models.UniqueConstraint(
                fields=["run", "kind", "expert", "unit", "part", "language"],
                name="one_document_of_a_kind",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return self.filename

    @property
    def label(self) -> str:
        """What it is, and in which language where it is there in several."""
        kind = str(self.get_kind_display())
        if not self.language:
            return kind
        language = str(self.get_language_display())
        # a language has a small letter inside a sentence in Finnish and Swedish
        return f"{kind}, {language if get_language() == 'en' else language.lower()}"
