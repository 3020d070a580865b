"""The registry narrowed to who has completed the introduction training, on a course or elsewhere."""

from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from experts.filters import look
from training.models import ExternalTraining, Participant, Training


def _introduced(today: date) -> Any:
    sort = Training.Sort.INTRODUCTION
    on_course = Participant.objects.filter(
        expert=OuterRef("pk"),
        course__training__sort=sort,
        state=Participant.State.COMPLETED,
        ended_on__lte=today,
    )
    elsewhere = ExternalTraining.objects.filter(expert=OuterRef("pk"), training__sort=sort, completed_on__lte=today)
    return Q(Exists(on_course)) | Q(Exists(elsewhere))


look("trained", _("Introduction training completed"))(_introduced)
look("untrained", _("No introduction training"))(lambda today: ~_introduced(today))
