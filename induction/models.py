"""Induction (R27): the guide, the rows of the checklists, what an expert has been shown, whether a unit is ready."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from experts.models import Expert
from induction.querysets import GuideQuerySet, InductionQuerySet, RowQuerySet
from induction.states import GuideState, InductionState
from office.choices import Language
from office.fields import FINNISH
from office.models import Unit, User
from office.validators import no_identity_code

LONGEST = 20_000

#: A tick has its moment and its person, or neither.
TICKED = Q(ticked_at__isnull=True, ticked_by__isnull=True) | Q(ticked_at__isnull=False, ticked_by__isnull=False)


class GuideVersion(models.Model):
    """A version of the common guide (no unit) or of a unit's own text. Published: never changed; another follows."""

    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="guides", verbose_name=_("unit")
    )
    number = models.PositiveSmallIntegerField(_("version"))
    text_fi = models.TextField(_("text in Finnish"), blank=True, max_length=LONGEST, validators=[no_identity_code])
    text_sv = models.TextField(_("text in Swedish"), blank=True, max_length=LONGEST, validators=[no_identity_code])
    state = models.CharField(_("state"), max_length=9, choices=GuideState.choices, default=GuideState.DRAFT)
    saves = models.PositiveIntegerField(default=0)  # tells two who write at once apart
    changed_at = models.DateTimeField(_("changed"))
    changed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("changed by"))
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    published_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("published by")
    )

    objects = GuideQuerySet.as_manager()

    class Meta:
        ordering = ("unit_id", "-number")
        constraints = [
            models.UniqueConstraint(fields=["unit", "number"], name="guide_number_once", nulls_distinct=False),
            models.UniqueConstraint(
                fields=["unit"],
                name="one_draft_a_guide",
                condition=Q(state=GuideState.DRAFT),
                nulls_distinct=False,
                violation_error_message=_("There is a draft already. Look at the page again."),
            ),
            models.CheckConstraint(
                condition=Q(state=GuideState.DRAFT, published_at__isnull=True, published_by__isnull=True)
                | Q(state=GuideState.PUBLISHED, published_at__isnull=False, published_by__isnull=False),
                name="published_guide_has_its_publisher",
            ),
            models.CheckConstraint(
                condition=~Q(text_fi="", text_sv=""),
                name="guide_has_text",
                violation_error_message=_("Write the text in Finnish or in Swedish."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit_id or 'common'} {self.number}"


class GuideRead(models.Model):
    """An expert has told that they have read a version. Kept as it is."""

    expert = models.ForeignKey(Expert, on_delete=models.CASCADE, related_name="guide_reads")
    version = models.ForeignKey(GuideVersion, on_delete=models.PROTECT, related_name="reads")
    read_at = models.DateTimeField(_("read"))
    language = models.CharField(_("language"), max_length=2, choices=Language.choices)

    class Meta:
        ordering = ("-read_at", "-id")
        constraints = [models.UniqueConstraint(fields=["expert", "version"], name="guide_read_once")]

    def __str__(self) -> str:
        return f"{self.expert_id}: {self.version_id}"


class ChecklistRow(models.Model):
    """A row of the template: common (no unit) or a unit's own; for an expert's checklist or the unit's readiness."""

    class Sort(models.TextChoices):
        INDUCTION = "induction", _("What an expert is shown")
        READINESS = "readiness", _("Is the unit ready")

    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="checklist_rows", verbose_name=_("unit")
    )
    sort = models.CharField(_("list"), max_length=9, choices=Sort.choices)
    name_fi = models.CharField(_("in Finnish"), max_length=160, db_collation=FINNISH, validators=[no_identity_code])
    name_sv = models.CharField(_("in Swedish"), max_length=160, db_collation=FINNISH, validators=[no_identity_code])
    place = models.PositiveSmallIntegerField(_("place in the list"), default=0)
    is_active = models.BooleanField(_("in use"), default=True)

    objects = RowQuerySet.as_manager()

    class Meta:
        ordering = (models.F("unit").asc(nulls_first=True), "place", "id")  # the common rows come first
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "sort", "name_fi"],
                name="checklist_row_once",
                nulls_distinct=False,
                violation_error_message=_("This row is in the list already."),
            ),
        ]

    def __str__(self) -> str:
        return self.name_fi


class Induction(models.Model):
    """The checklist of an expert in a unit: what the expert has been shown there."""

    expert = models.ForeignKey(Expert, on_delete=models.CASCADE, related_name="inductions", verbose_name=_("expert"))
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="inductions", verbose_name=_("unit"))
    state = models.CharField(_("state"), max_length=4, choices=InductionState.choices, default=InductionState.OPEN)
    started_at = models.DateTimeField(_("begun"))
    started_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("begun by"))
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    done_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("marked done by")
    )

    objects = InductionQuerySet.as_manager()

    class Meta:
        ordering = ("unit", "id")
        constraints = [
            models.UniqueConstraint(fields=["expert", "unit"], name="one_induction_for_expert_and_unit"),
            models.CheckConstraint(
                condition=Q(state=InductionState.OPEN, done_at__isnull=True, done_by__isnull=True)
                | Q(state=InductionState.DONE, done_at__isnull=False, done_by__isnull=False),
                name="done_induction_has_its_moment",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.expert_id}: {self.unit_id}"


class InductionItem(models.Model):
    """A row of an expert's checklist, in the words of the template when it was taken, with its tick."""

    induction = models.ForeignKey(Induction, on_delete=models.CASCADE, related_name="items")
    row = models.ForeignKey(ChecklistRow, on_delete=models.PROTECT, related_name="items")
    name_fi = models.CharField(max_length=160, db_collation=FINNISH)
    name_sv = models.CharField(max_length=160, db_collation=FINNISH)
    place = models.PositiveSmallIntegerField(default=0)
    ticked_at = models.DateTimeField(null=True, blank=True)
    ticked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ("place", "id")
        constraints = [
            models.UniqueConstraint(fields=["induction", "row"], name="induction_row_once"),
            models.CheckConstraint(condition=TICKED, name="induction_tick_has_its_person"),
        ]

    def __str__(self) -> str:
        return self.name_fi


class ReadinessTick(models.Model):
    """Whether a row of the readiness list is in order in a unit, in the words of the row when it was ticked."""

    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="readiness")
    row = models.ForeignKey(ChecklistRow, on_delete=models.PROTECT, related_name="ticks")
    name_fi = models.CharField(max_length=160, db_collation=FINNISH)
    name_sv = models.CharField(max_length=160, db_collation=FINNISH)
    ticked_at = models.DateTimeField(null=True, blank=True)
    ticked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ("unit", "row")
        constraints = [
            models.UniqueConstraint(fields=["unit", "row"], name="readiness_row_once"),
            models.CheckConstraint(condition=TICKED, name="readiness_tick_has_its_person"),
        ]

    def __str__(self) -> str:
        return self.name_fi
