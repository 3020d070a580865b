"""Words of supervision's history."""

from django.utils.translation import gettext_lazy

from office.history import Words

WORDS: Words = {
    "group.add": gettext_lazy("group added"),
    "group.change": gettext_lazy("group changed"),
    "group.dates": gettext_lazy("dates added"),
    "meeting.cancel": gettext_lazy("date cancelled"),
    "meeting.sign_up": gettext_lazy("signed up"),
    "meeting.sign_off": gettext_lazy("signed off"),
    "meeting.attendance": gettext_lazy("attendance marked"),
}
