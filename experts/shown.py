"""What of an expert unit staff may see, by the expert's own consent (R5, GDPR Art. 7). Pure.

One truth for every page, mail and file that unit staff meet: the consent is asked each time, so withdrawing it
takes effect at once. Topics have their own consent (``ExpertTopic.published``). The coordinator and the expert
themself see everything and do not come here.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Stage(StrEnum):
    """BEFORE: the expert is looked for or asked. AFTER: the expert has accepted, and the order is of the unit."""

    BEFORE = "before"
    AFTER = "after"


#: In the order of the form.
FIELDS = ("introduction", "municipality", "training", "last_name", "phone", "email")
#: Never a surname and no contact data before the expert has accepted (R5), whatever was ticked.
MAY_BE_BEFORE = frozenset({"introduction", "municipality", "training"})


class Shows(Protocol):
    """What is read of the expert. (Properties: a model's fields are neither plain attributes nor settable here.)"""

    first_name: str
    last_name: str
    email: str
    phone: str
    municipality: str
    training: str
    introduction_fi: str
    introduction_sv: str
    shown_before: list[str]
    shown_after: list[str]


@dataclass(frozen=True)
class Shown:
    """The facts for unit staff; what is not consented to is empty."""

    name: str
    introduction: Mapping[str, str]
    municipality: str
    training: str
    phone: str
    email: str


def consented(expert: Shows, stage: Stage) -> frozenset[str]:
    """The fields that the expert shows at the stage."""
    before = MAY_BE_BEFORE & frozenset(expert.shown_before)
    return before if stage == Stage.BEFORE else before | frozenset(expert.shown_after)


def short_name(first_name: str, last_name: str) -> str:
    """First name and initial: what staff see before an order is accepted."""
    return f"{first_name} {last_name[:1]}."


def shown_name(expert: Shows, stage: Stage) -> str:
    """First name and initial, or the whole name when it may be shown."""
    whole = "last_name" in consented(expert, stage)
    return f"{expert.first_name} {expert.last_name}" if whole else short_name(expert.first_name, expert.last_name)


def shown_facts(expert: Shows, stage: Stage) -> Shown:
    """Everything that unit staff may see of the expert besides topics and facts of work (languages, kinds, areas)."""
    may = consented(expert, stage)
    spoken = {"fi": expert.introduction_fi, "sv": expert.introduction_sv}
    return Shown(
        name=shown_name(expert, stage),
        introduction=spoken if "introduction" in may else {"fi": "", "sv": ""},
        municipality=expert.municipality if "municipality" in may else "",
        training=expert.training if "training" in may else "",
        phone=expert.phone if "phone" in may else "",
        email=expert.email if "email" in may else "",
    )


def spoken(introduction: Mapping[str, str], language: str) -> tuple[str, str]:
    """The introduction in the reader's language when there is one, else in the other; and which language it is."""
    first = "sv" if language == "sv" else "fi"
    chosen = first if introduction[first] else "sv" if first == "fi" else "fi"
    return introduction[chosen], chosen


def split(choices: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """``{"introduction": "before", "phone": "after", "email": ""}`` → the two lists as they are stored.

    What is shown before is shown after too. Raises ValueError for a field that may not be shown so early.
    """
    before = [name for name in FIELDS if choices.get(name) == Stage.BEFORE]
    if set(before) - MAY_BE_BEFORE:
        raise ValueError(sorted(set(before) - MAY_BE_BEFORE))
    return before, [name for name in FIELDS if choices.get(name)]


def stage_of(name: str, before: Collection[str], after: Collection[str]) -> str:
    """What the form shows as chosen for a field."""
    return Stage.BEFORE if name in before else Stage.AFTER if name in after else ""
