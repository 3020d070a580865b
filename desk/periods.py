"""How long each record class is kept: the county's decision, else the default (office.rights)."""

from datetime import datetime

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from desk.access import KEEP_PERIODS
from office.access import allowed
from office.actions import log
from office.errors import Refused
from office.models import RetentionPeriod, User
from office.rights import RecordClass, classes
from office.saving import readable

#: Nothing is kept longer than this by a setting.
LONGEST = 600


def months_of() -> dict[str, int]:
    """Months by record class, for the classes that have a period. One query."""
    decided = dict(RetentionPeriod.objects.values_list("record_class", "months"))
    return {found.code: decided.get(found.code, found.months) for found in classes() if found.months is not None}


def in_words(months: int | None) -> str:
    """``10 years``, ``18 months``; a class without a period stays until an erasure."""
    if months is None:
        return gettext("until an erasure")
    if months == 0:
        return gettext("goes the next day")
    years, rest = divmod(months, 12)
    if rest:
        return ngettext("%(count)s month", "%(count)s months", months) % {"count": months}
    return ngettext("%(count)s year", "%(count)s years", years) % {"count": years}


def too_short(found: RecordClass) -> str:
    """Why fewer months than ``least`` are refused."""
    if found.in_work:
        said = gettext("At least %(months)s months: somebody may still work on these.")
    else:
        said = gettext("The law demands at least %(months)s months.")
    return said % {"months": found.least}


def set_months(found: RecordClass, months: int, *, by: User, at: datetime) -> None:
    """Sets how long a class is kept from now on. Refused when it is too short; twice is harmless."""
    if not allowed(by, KEEP_PERIODS):
        raise Refused(_("You may not do this."))
    if found.months is None:
        raise Refused(_("These records have no period: they go with an erasure."))
    if months < found.least:
        raise Refused(too_short(found))
    if months > LONGEST:
        raise Refused(_("At most %(months)s months.") % {"months": LONGEST})
    with readable():
        before = months_of()[found.code]
        if before == months:
            return
        row, _made = RetentionPeriod.objects.update_or_create(record_class=found.code, defaults={"months": months})
        log("retentionperiod.set", row, by=by, at=at, record_class=found.code, before=before, months=months)
