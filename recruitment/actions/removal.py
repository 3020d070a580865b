"""How applications go: on the applicant's wish, and when their time is over (office.rights calls ``remove_rows``)."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from office.errors import Refused
from office.models import OutboxMessage, User
from office.rights import clear
from office.saving import readable
from recruitment.actions.common import coordinator_only, logged
from recruitment.models import Application, Decision, Interview, Interviewer, Look


def remove_rows(ids: Sequence[int]) -> Mapping[str, int]:
    """Removes applications with all that hangs on them, messages too. Gives counts by table, never names."""
    label = Application._meta.label_lower
    return clear(
        Look.objects.filter(application__in=ids),
        Decision.objects.filter(application__in=ids),
        Interviewer.objects.filter(interview__application__in=ids),
        Interview.objects.filter(application__in=ids),
        Application.topics.through._default_manager.filter(application_id__in=ids),
        Application.areas.through._default_manager.filter(application_id__in=ids),
        OutboxMessage.objects.filter(about_type=label, about_id__in=ids),
        Application.objects.filter(pk__in=ids),
    )


def remove(application: Application, *, by: User, at: datetime) -> None:
    """The applicant takes the consent back: all of it goes at once. Refused when it has led to the registry.

    What stays is a row of the log without a name. A second click is harmless.
    """
    coordinator_only(by)
    with readable():
        held = Application.objects.select_for_update(of=("self",)).filter(pk=application.pk).first()
        if held is None:
            return
        if held.expert_id is not None:
            raise Refused(_("This application has led to the registry. The expert's data are removed there."))
        logged("remove", held, by=by, at=at)
        remove_rows([held.pk])
