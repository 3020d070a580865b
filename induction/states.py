"""States of guides and of an expert's checklist, and who may take which step."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from office.choices import NAMED, Role
from office.states import step, table


class GuideState(TextChoices):
    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")


class InductionState(TextChoices):
    OPEN = "open", pgettext_lazy("induction", "Open")
    DONE = "done", pgettext_lazy("induction", "Done")


#: The common guide is the coordinator's, a unit's own text its named employee's.
GUIDE = table(
    step("publish_common", [GuideState.DRAFT], GuideState.PUBLISHED, {Role.COORDINATOR}),
    step("publish", [GuideState.DRAFT], GuideState.PUBLISHED, NAMED),
)

INDUCTION = table(
    step("finish", [InductionState.OPEN], InductionState.DONE, NAMED),
    step("reopen", [InductionState.DONE], InductionState.OPEN, NAMED),
)
