"""Words of recruitment: what is missing, what each step means, the history."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from office.history import Words
from office.models import LogEntry
from office.saving import trigger_says

Text = str | Promise

#: What ``recruitment.rules`` finds missing.
MISSING: dict[str, Text] = {
    "two": gettext_lazy("Two persons interview. Without an interview there is no decision."),
    "same": gettext_lazy("The two interviewers are different persons."),
    "professional": gettext_lazy("One of the two interviewers is a health or social care professional."),
    "views": gettext_lazy("Both interviewers give their view before the decision. One is still to come."),
}

FIELDS: dict[str, Text] = {
    "first_name": gettext_lazy("first name"),
    "last_name": gettext_lazy("last name"),
    "email": gettext_lazy("e-mail"),
    "phone": gettext_lazy("telephone"),
    "language": gettext_lazy("contact language"),
    "municipality": gettext_lazy("municipality"),
    "areas": gettext_lazy("could work in"),
    "topics": gettext_lazy("topics"),
    "own_words": gettext_lazy("experience in own words"),
    "training": gettext_lazy("training"),
    "background": gettext_lazy("earlier experience"),
    "wishes": gettext_lazy("wishes"),
    "heard_from": gettext_lazy("heard of it"),
}


def _changed(entry: LogEntry) -> str:
    names = ", ".join(str(FIELDS.get(name, name)) for name in entry.facts.get("fields", []))
    return _("changed: %(fields)s") % {"fields": names}


def _received(entry: LogEntry) -> str:
    if entry.facts.get("source") == "web":
        return _("application came by the web form")
    return _("application written down")


WORDS: Words = {
    "application.receive": _received,
    "application.change": _changed,
    "application.book": gettext_lazy("interview booked"),
    "application.rebook": gettext_lazy("interview changed"),
    "application.hold": gettext_lazy("interview held"),
    "application.view": gettext_lazy("own view given"),
    "application.train": gettext_lazy("to the training"),
    "application.accept": gettext_lazy("accepted"),
    "application.decline": gettext_lazy("not accepted"),
    "application.remove": gettext_lazy("application removed"),
    "application.withdraw": gettext_lazy("application withdrawn"),
}

#: What was looked at, by the word in Look.
LOOKS: dict[str, Text] = {
    "page": gettext_lazy("the whole application"),
    "edit": pgettext_lazy("looked at", "the form for changes"),
    "interview": gettext_lazy("the page of the interview"),
}

trigger_says("decision_has_both_views", MISSING["views"])
trigger_says("given_view_is_never_changed", gettext_lazy("Your view is given and is not changed any more."))
