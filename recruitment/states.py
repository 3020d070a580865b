"""States of an application, and the table of its steps (R25)."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from office.choices import Role
from office.states import step, table


class ApplicationState(TextChoices):
    RECEIVED = "received", _("Received")
    INTERVIEW_BOOKED = "interview_booked", _("Interview booked")
    INTERVIEWED = "interviewed", _("Interviewed")
    TRAINING = "training", _("In training")
    ACCEPTED = "accepted", pgettext_lazy("application", "Accepted")
    NOT_ACCEPTED = "not_accepted", _("Not accepted")
    WITHDRAWN = "withdrawn", pgettext_lazy("application", "Withdrawn")


State = ApplicationState
#: Somebody still has to do something.
OPEN = (State.RECEIVED, State.INTERVIEW_BOOKED, State.INTERVIEWED, State.TRAINING)
#: Led nowhere: removed after the set time.
NOWHERE = (State.NOT_ACCEPTED, State.WITHDRAWN)

COORDINATOR = {Role.COORDINATOR}

APPLICATION = table(
    step("book", [State.RECEIVED], State.INTERVIEW_BOOKED, COORDINATOR),
    # By itself: the first interviewer's view says that it was held.
    step("hold", [State.INTERVIEW_BOOKED], State.INTERVIEWED, COORDINATOR, system=True),
    step("train", [State.INTERVIEWED], State.TRAINING, COORDINATOR),
    step("accept", [State.INTERVIEWED, State.TRAINING], State.ACCEPTED, COORDINATOR),
    step("decline", [State.RECEIVED, State.INTERVIEWED, State.TRAINING], State.NOT_ACCEPTED, COORDINATOR),
    step("withdraw", OPEN, State.WITHDRAWN, COORDINATOR),
)
