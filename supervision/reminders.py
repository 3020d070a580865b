"""What supervision reminds of: a date that one has signed up for."""

from collections.abc import Iterator

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from experts.models import Expert
from experts.readers import reader_of
from office.models import OutboxMessage
from office.reminders import DAY, Note, Round, reminder, start_of
from supervision.models import Attendance


def _still_comes(message: OutboxMessage) -> bool:
    """Signed up still, the date neither cancelled nor past, and the expert has not left."""
    place = Attendance.objects.filter(meeting=message.about_id, expert__user=message.recipient_id)
    if message.recipient_id is None:
        place = Attendance.objects.filter(pk=message.about_id)
    ahead = place.filter(meeting__cancelled_at__isnull=True, meeting__starts_at__gt=timezone.now())
    return ahead.filter(state=Attendance.State.SIGNED_UP).exclude(expert__state=Expert.State.ENDED).exists()


@reminder(
    "supervision_date",
    _("A date of supervision is near"),
    to=_("Experts who have signed up"),
    when=_("%(days)s days before at %(clock)s"),
    days=(2,),
    still_true=_still_comes,
)
def supervision_date(asked: Round) -> Iterator[Note]:
    """One query."""
    days = Q(pk__in=[])
    for day in {day for number in asked.before for day in asked.coming(number)}:
        days |= Q(meeting__starts_at__gte=start_of(day), meeting__starts_at__lt=start_of(day + DAY))
    places = Attendance.objects.filter(
        days, state=Attendance.State.SIGNED_UP, meeting__cancelled_at__isnull=True, meeting__starts_at__gt=asked.at
    )
    kept = places.exclude(expert__state=Expert.State.ENDED).select_related("meeting__group", "expert__user")
    for place in kept.order_by("meeting__starts_at", "pk"):
        if reader := reader_of(place.expert):
            url = reverse("supervision:group", args=[place.meeting.group_id])
            about = place.meeting if place.expert.user else place  # without an account the place tells whose it is
            yield Note(reader, about, "before", url, {"meeting": place.meeting})
