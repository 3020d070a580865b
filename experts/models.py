"""The registry: experts, topics, contracts, tax cards, and who looked."""

from datetime import date

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from experts.querysets import ContractQuerySet, ExpertQuerySet
from feetables.models import FeeTable
from office.choices import TASK_TYPES, WORK_LANGUAGES, Language
from office.fields import FINNISH, DateRange, Int8Range
from office.models import User
from office.validators import no_identity_code


class Topic(models.Model):
    """An experience topic. Reveals health: shown only as the expert has agreed (GDPR Art. 9)."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name_fi = models.CharField(_("name in Finnish"), max_length=80, db_collation=FINNISH)
    name_sv = models.CharField(_("name in Swedish"), max_length=80, db_collation=FINNISH)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        ordering = ("name_fi",)
        constraints = [models.UniqueConstraint(Lower("name_fi"), name="topic_name_once")]

    def __str__(self) -> str:
        return self.name_fi


class Expert(models.Model):
    """An experience expert in the registry. May have no account (no e-mail)."""

    class State(models.TextChoices):
        ACTIVE = "active", _("Active")
        PAUSED = "paused", _("On a break")
        ENDED = "ended", pgettext_lazy("expert", "Ended")

    user = models.OneToOneField(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="expert", verbose_name=_("account")
    )
    first_name = models.CharField(_("first name"), max_length=80, db_collation=FINNISH)
    last_name = models.CharField(_("last name"), max_length=80, db_collation=FINNISH)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    municipality = models.CharField(_("municipality"), max_length=60, blank=True)
    language = models.CharField(_("contact language"), max_length=2, choices=Language.choices, default=Language.FI)
    work_languages = ArrayField(
        models.CharField(max_length=3, choices=WORK_LANGUAGES), verbose_name=_("working languages"), default=list
    )
    kinds = ArrayField(
        models.CharField(max_length=20, choices=TASK_TYPES), verbose_name=_("kinds of work"), default=list, blank=True
    )
    on_site = models.BooleanField(_("works on site"), default=True)
    remote = models.BooleanField(_("works remotely"), default=True)
    training = models.CharField(_("training"), max_length=200, blank=True, validators=[no_identity_code])
    introduction_fi = models.TextField(_("introduction in Finnish"), blank=True, validators=[no_identity_code])
    introduction_sv = models.TextField(_("introduction in Swedish"), blank=True, validators=[no_identity_code])
    payroll_number = models.CharField(
        _("payroll number"),
        max_length=20,
        null=True,  # unique where known; the empty string could be there only once
        blank=True,
        unique=True,
        validators=[RegexValidator(r"^[0-9A-Za-z-]{1,20}$", _("Digits and letters only."))],
        error_messages={"unique": _("Another expert has this payroll number.")},
    )
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.ACTIVE)
    note = models.TextField(_("note"), blank=True, validators=[no_identity_code])
    topics = models.ManyToManyField(Topic, through="ExpertTopic", related_name="experts", verbose_name=_("topics"))

    objects = ExpertQuerySet.as_manager()

    class Meta:
        ordering = ("last_name", "first_name", "id")
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="expert_email_once",
                condition=~Q(email=""),
                violation_error_message=_("Another expert has this e-mail address."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}"

    @property
    def short_name(self) -> str:
        """First name and initial: what staff see before an order is accepted (R5)."""
        return f"{self.first_name} {self.last_name[:1]}."

    @property
    def sort_name(self) -> str:
        return f"{self.last_name} {self.first_name}"


class ExpertTopic(models.Model):
    """A topic of an expert, and whether the expert agreed that unit staff may see it."""

    expert = models.ForeignKey(Expert, on_delete=models.CASCADE, related_name="expert_topics")
    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="expert_topics", verbose_name=_("topic"))
    published = models.BooleanField(_("may be shown to units"), default=False)

    class Meta:
        ordering = ("expert", "topic")
        constraints = [models.UniqueConstraint(fields=["expert", "topic"], name="topic_once_an_expert")]

    def __str__(self) -> str:
        return f"{self.expert_id}: {self.topic_id}"


class Contract(models.Model):
    """A commission contract (R26): no work is agreed outside its validity (both days included)."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        IN_FORCE = "in_force", _("In force")
        ENDED = "ended", _("Ended early")

    expert = models.ForeignKey(Expert, on_delete=models.PROTECT, related_name="contracts", verbose_name=_("expert"))
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"), null=True, blank=True)
    kinds = ArrayField(models.CharField(max_length=20, choices=TASK_TYPES), verbose_name=_("kinds of work"))
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

    objects = ContractQuerySet.as_manager()

    class Meta:
        ordering = ("expert", "-valid_from")
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=models.F("valid_from")),
                name="contract_ends_after_start",
                violation_error_message=_("The end is before the beginning."),
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(signed_on__isnull=False),
                name="contract_in_force_is_signed",
                violation_error_message=_("A contract in force has a day of signing."),
            ),
            models.CheckConstraint(
                condition=~Q(state="ended", valid_to__isnull=True), name="ended_contract_has_an_end"
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
        return self.state != self.State.DRAFT and inside and kind in self.kinds


class TaxCard(models.Model):
    """Only that it was delivered to the payroll house, for which year and kind (R21)."""

    class Kind(models.TextChoices):
        WAGE = "wage", _("wages")
        NON_WAGE = "non_wage", _("non-wage compensation")

    expert = models.ForeignKey(Expert, on_delete=models.CASCADE, related_name="tax_cards")
    year = models.PositiveSmallIntegerField(_("year"))
    kind = models.CharField(_("for"), max_length=8, choices=Kind.choices, default=Kind.NON_WAGE)
    delivered_on = models.DateField(_("delivered on"), null=True, blank=True)
    noted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("expert", "-year")
        constraints = [models.UniqueConstraint(fields=["expert", "year", "kind"], name="tax_card_once")]

    def __str__(self) -> str:
        return f"{self.expert_id}: {self.year}"


class ReadLog(models.Model):
    """A look at an expert's full record, an export, or a search by topic: who, when, what. Append-only (trigger)."""

    at = models.DateTimeField()
    reader = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    expert = models.ForeignKey(Expert, on_delete=models.CASCADE, null=True, related_name="reads")
    what = models.CharField(max_length=60)

    class Meta:
        ordering = ("-id",)
        indexes = [models.Index(fields=["expert", "-id"], name="reads_of_expert")]

    def __str__(self) -> str:
        return f"{self.what} {self.expert_id}"
