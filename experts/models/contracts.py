"""Commission contracts (R26): the versions of their text, the contracts, the papers that belong to them."""

from datetime import date

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from experts.models.registry import Expert
from experts.querysets import ContractQuerySet
from feetables.models import FeeTable
from office.choices import TASK_TYPES, Language
from office.fields import DateRange, Int8Range
from office.models import User
from office.validators import no_identity_code


class ContractText(models.Model):
    """A version of the contract's text in one language, with placeholders. Once in use it never changes (trigger)."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        IN_USE = "in_use", pgettext_lazy("contract text", "In use")
        REPLACED = "replaced", _("Replaced")

    language = models.CharField(_("language"), max_length=2, choices=Language.choices)
    number = models.PositiveSmallIntegerField(_("version"))
    body = models.TextField(_("text"), validators=[no_identity_code])
    notice_days = models.PositiveSmallIntegerField(_("days of notice"), default=14, validators=[MaxValueValidator(365)])
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.DRAFT)
    made_from = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    used_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("language", "-number")
        constraints = [
            models.UniqueConstraint(fields=["language", "number"], name="contract_text_version_once"),
            models.UniqueConstraint(
                fields=["language"],
                condition=Q(state="draft"),
                name="one_draft_of_a_contract_text",
                violation_error_message=_("There is a draft in this language already."),
            ),
            models.UniqueConstraint(fields=["language"], condition=Q(state="in_use"), name="one_contract_text_in_use"),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(used_by__isnull=False, used_at__isnull=False),
                name="contract_text_in_use_names_who",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.language} {self.number}"


class Contract(models.Model):
    """A commission contract (R26): no work is agreed outside its validity (both days included).

    What was sent to the expert (``text``, its hash and the facts it was filled from) changes no more (trigger). One
    that was signed on paper before the office came to Erfa has no text here.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SENT = "sent", pgettext_lazy("contract", "Sent to the expert")
        ACCEPTED = "accepted", pgettext_lazy("contract", "Accepted by the expert")
        IN_FORCE = "in_force", _("In force")
        ENDED = "ended", _("Ended early")

    class How(models.TextChoices):
        PROGRAM = "program", _("in Erfa, signed in")
        PAPER = "paper", _("on paper")

    class EndReason(models.TextChoices):
        """Who wanted it. Nothing about health: there is no code for it."""

        EXPERT = "expert", _("the expert gave notice")
        OFFICE = "office", _("the county gave notice")
        TOGETHER = "together", _("agreed together")
        OTHER = "other", _("another reason")

    #: States in which the contract covers its days.
    HOLDING = (State.IN_FORCE, State.ENDED)

    expert = models.ForeignKey(Expert, on_delete=models.PROTECT, related_name="contracts", verbose_name=_("expert"))
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"), null=True, blank=True)
    kinds = ArrayField(models.CharField(max_length=20, choices=TASK_TYPES), verbose_name=_("kinds of work"))
    # The table that the contract names. Work is priced by the table in force on its day (decision 0013).
    fee_table = models.ForeignKey(
        FeeTable,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="contracts",
        verbose_name=_("fee table"),
    )
    signed_on = models.DateField(_("signed on"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT)
    # What the text is filled from, besides the record.
    language = models.CharField(_("language"), max_length=2, choices=Language.choices, default="fi", db_default="fi")
    training = models.TextField(
        _("training"), max_length=300, blank=True, default="", db_default="", validators=[no_identity_code]
    )
    experience = models.TextField(
        _("earlier experience"), max_length=300, blank=True, default="", db_default="", validators=[no_identity_code]
    )
    wishes = models.TextField(
        _("wishes"), max_length=300, blank=True, default="", db_default="", validators=[no_identity_code]
    )
    tasks = models.TextField(
        _("tasks"), max_length=300, blank=True, default="", db_default="", validators=[no_identity_code]
    )
    name_topics = models.BooleanField(_("name the topics in the contract"), default=False, db_default=False)
    renewed_from = models.OneToOneField(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="renewal"
    )
    # Frozen when sent
    text_version = models.ForeignKey(
        ContractText, on_delete=models.PROTECT, null=True, blank=True, related_name="contracts"
    )
    text = models.TextField(blank=True, default="", db_default="")
    text_hash = models.CharField(max_length=64, blank=True, default="", db_default="")
    sent_at = models.DateTimeField(null=True, blank=True)
    sent_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    # The expert's yes: signed in (the person and the hash of what was seen), or on paper (the day; the scan is kept)
    accepted_how = models.CharField(max_length=7, choices=How.choices, blank=True, default="", db_default="")
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    accepted_hash = models.CharField(max_length=64, blank=True, default="", db_default="")
    accepted_on = models.DateField(null=True, blank=True)
    # The county's
    countersigned_at = models.DateTimeField(null=True, blank=True)
    countersigned_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    # How it ended early
    end_reason = models.CharField(max_length=8, choices=EndReason.choices, blank=True, default="", db_default="")
    notice_on = models.DateField(_("notice given on"), null=True, blank=True)

    objects = ContractQuerySet.as_manager()

    class Meta:
        ordering = ("expert", "-valid_from")
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="contract_ends_after_start",
                violation_error_message=_("The end is before the beginning."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "sent", "accepted"]) | Q(signed_on__isnull=False),
                name="contract_in_force_is_signed",
                violation_error_message=_("A contract in force has a day of signing."),
            ),
            models.CheckConstraint(
                condition=~Q(state="ended", valid_to__isnull=True), name="ended_contract_has_an_end"
            ),
            models.CheckConstraint(
                condition=~Q(state="draft") | Q(text_hash="", text="", accepted_how="", accepted_at__isnull=True),
                name="draft_contract_has_no_text_yet",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["sent", "accepted"])
                | (Q(sent_at__isnull=False, text_version__isnull=False) & ~Q(text_hash="")),
                name="sent_contract_has_its_text",
            ),
            models.CheckConstraint(
                condition=~Q(state="accepted") | Q(accepted_how__in=["program", "paper"]),
                name="accepted_contract_says_how",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["in_force", "ended"])
                | Q(text_hash="")
                | Q(
                    accepted_how__in=["program", "paper"],
                    countersigned_by__isnull=False,
                    countersigned_at__isnull=False,
                ),
                name="contract_in_force_is_signed_by_both",
            ),
            models.CheckConstraint(
                condition=Q(accepted_how="", accepted_at__isnull=True)
                | Q(accepted_how="paper", accepted_at__isnull=False, accepted_on__isnull=False)
                | (
                    Q(accepted_how="program", accepted_at__isnull=False, accepted_by__isnull=False)
                    & Q(accepted_hash=F("text_hash"))
                ),
                name="accepted_text_is_the_one_sent",
                violation_error_message=_("The text is another than the one that was sent. Open the page again."),
            ),
            models.CheckConstraint(
                condition=Q(countersigned_by__isnull=True)
                | Q(accepted_by__isnull=True)
                | ~Q(countersigned_by=F("accepted_by")),
                name="nobody_signs_a_contract_twice",
                violation_error_message=_("Your own contract is signed for the county by somebody else."),
            ),
            ExclusionConstraint(
                name="contracts_do_not_overlap",
                expressions=[
                    (Int8Range("expert_id"), RangeOperators.EQUAL),
                    (DateRange("valid_from", "valid_to"), RangeOperators.OVERLAPS),
                ],
                condition=Q(state__in=["in_force", "ended"]),
                violation_error_message=_("The expert has another contract on some of these days."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.expert_id}: {self.valid_from}–{self.valid_to or ''}"

    def covers(self, day: date, kind: str) -> bool:
        """Whether work of this kind may be agreed for the day."""
        inside = self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)
        return self.state in self.HOLDING and inside and kind in self.kinds


class ContractPaper(models.Model):
    """A file of a contract with its bytes and hash: the PDF of the signed text, the scan of what was signed on paper.

    Never changed; removed only before the contract is in force, or after it has run out (trigger).
    """

    class Kind(models.TextChoices):
        PDF = "pdf", _("the contract")
        SCAN = "scan", _("the paper that was signed")

    contract = models.ForeignKey(Contract, on_delete=models.CASCADE, related_name="papers")
    kind = models.CharField(max_length=4, choices=Kind.choices)
    filename = models.CharField(max_length=80)
    media_type = models.CharField(max_length=40)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ("contract", "kind")
        constraints = [models.UniqueConstraint(fields=["contract", "kind"], name="one_paper_of_a_kind")]

    def __str__(self) -> str:
        return self.filename
