"""What a person sees of an expert: everything, or what the expert has agreed to show (R5)."""

from typing import TYPE_CHECKING

from experts.shown import Shown, Stage, shown_facts
from office.choices import Role

if TYPE_CHECKING:
    from experts.models import Expert
    from office.models import User


def facts_for(reader: "User", expert: "Expert", stage: Stage) -> Shown:
    """The coordinator and the expert themself see all; others the consented facts of the stage."""
    if not reader.has_role(Role.COORDINATOR) and expert.user_id != reader.pk:
        return shown_facts(expert, stage)
    return Shown(
        name=str(expert),
        introduction={"fi": expert.introduction_fi, "sv": expert.introduction_sv},
        municipality=expert.municipality,
        training=expert.training,
        phone=expert.phone,
        email=expert.email,
    )


def name_for(reader: "User", expert: "Expert", stage: Stage) -> str:
    """The name as the reader may see it."""
    return facts_for(reader, expert, stage).name


def person_for(reader: "User", person: "User | None", expert: "Expert | None", stage: Stage) -> str:
    """The name of somebody who did something: where it is the expert, as the reader may see it."""
    if person is None:
        return ""
    if expert is not None and expert.user_id == person.pk:
        return name_for(reader, expert, stage)
    return str(person)
