"""Steps of a participant, and who may take them."""

from office.choices import Role
from office.states import step, table
from training.models import Participant

COORDINATOR = {Role.COORDINATOR}
_ENDS = [Participant.State.COMPLETED, Participant.State.INTERRUPTED]

PARTICIPANT = table(
    step("complete", [Participant.State.ENROLLED], Participant.State.COMPLETED, COORDINATOR),
    step("interrupt", [Participant.State.ENROLLED], Participant.State.INTERRUPTED, COORDINATOR),
    step("undo", _ENDS, Participant.State.ENROLLED, COORDINATOR),
)
