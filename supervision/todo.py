"""What waits for a work supervisor: to mark who came."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from office.choices import Role
from office.formats import moment
from office.models import User
from office.templatetags.erfa import localname
from office.todo import Todo, source
from supervision.models import Attendance, SupervisionMeeting


@source
def unmarked(user: User, at: datetime) -> Iterable[Todo]:
    """Dates of own groups that have begun with places nobody has marked yet (one query)."""
    if not user.has_role(Role.SUPERVISOR):
        return []
    open_places = Attendance.objects.filter(meeting=OuterRef("pk"), state=Attendance.State.SIGNED_UP)
    waiting = SupervisionMeeting.objects.filter(
        Exists(open_places), group__supervisor=user, starts_at__lte=at, cancelled_at__isnull=True
    ).select_related("group")
    language = translation.get_language() or "fi"
    return [
        Todo(
            sentence=_("Mark who came: %(group)s, %(when)s")
            % {"group": localname(meeting.group), "when": moment(meeting.starts_at, language)},
            url=reverse("supervision:meeting", args=[meeting.pk]),
            verb=_("Mark"),
        )
        for meeting in waiting[:20]
    ]
