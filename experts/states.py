"""Steps of experts and contracts, and who may take them."""

from experts.models import Contract, Expert
from office.choices import Role
from office.states import step, table

COORDINATOR = {Role.COORDINATOR}

EXPERT = table(
    step("pause", [Expert.State.ACTIVE], Expert.State.PAUSED, COORDINATOR),
    step("resume", [Expert.State.PAUSED, Expert.State.ENDED], Expert.State.ACTIVE, COORDINATOR),
    step("end", [Expert.State.ACTIVE, Expert.State.PAUSED], Expert.State.ENDED, COORDINATOR),
)

CONTRACT = table(
    step("sign", [Contract.State.DRAFT], Contract.State.IN_FORCE, COORDINATOR),
    step("end", [Contract.State.IN_FORCE], Contract.State.ENDED, COORDINATOR),
)
