"""Steps of experts and contracts, and who may take them."""

from experts.models import Contract, ContractText, Expert
from office.choices import Role
from office.states import step, table

COORDINATOR = {Role.COORDINATOR}

EXPERT = table(
    step("pause", [Expert.State.ACTIVE, Expert.State.PAUSED], Expert.State.PAUSED, COORDINATOR),
    step("resume", [Expert.State.PAUSED, Expert.State.ENDED], Expert.State.ACTIVE, COORDINATOR),
    step("end", [Expert.State.ACTIVE, Expert.State.PAUSED], Expert.State.ENDED, COORDINATOR),
)

#: Until the county has signed, both can go back to the draft. ``sign``: signed on paper before it was written here.
CONTRACT = table(
    step("send", [Contract.State.DRAFT], Contract.State.SENT, COORDINATOR),
    step("accept", [Contract.State.SENT], Contract.State.ACCEPTED, {Role.EXPERT}),
    step("note_paper", [Contract.State.SENT], Contract.State.ACCEPTED, COORDINATOR),
    step("ask_change", [Contract.State.SENT, Contract.State.ACCEPTED], Contract.State.DRAFT, {Role.EXPERT}),
    step("take_back", [Contract.State.SENT, Contract.State.ACCEPTED], Contract.State.DRAFT, COORDINATOR),
    step("countersign", [Contract.State.ACCEPTED], Contract.State.IN_FORCE, COORDINATOR),
    step("sign", [Contract.State.DRAFT], Contract.State.IN_FORCE, COORDINATOR),
    step("end", [Contract.State.IN_FORCE], Contract.State.ENDED, COORDINATOR),
)

CONTRACT_TEXT = table(
    step("take_into_use", [ContractText.State.DRAFT], ContractText.State.IN_USE, COORDINATOR),
    step("replace", [ContractText.State.IN_USE], ContractText.State.REPLACED, COORDINATOR),
)
