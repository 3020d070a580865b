"""Which items of a table are for an expert: fees that ask for a training, side by side with those that do not. Pure."""

from collections.abc import Collection, Iterable
from typing import Protocol, TypeVar

from feetables.rules import FeeError


class Conditional(Protocol):
    """What `for_expert` reads: an item of a table. `training` is the code of a training, empty without a condition."""

    @property
    def code(self) -> str: ...
    @property
    def training(self) -> str: ...


Item = TypeVar("Item", bound=Conditional)


def for_expert(items: Iterable[Item], trained: Collection[str]) -> list[Item]:
    """The items, among those of one kind of work, for an expert who has completed the trainings on the day of work.

    Items that ask for a training are for those who have it; the items that ask for none are for the others. Raises
    FeeError "ambiguous" when the expert has two trainings that items ask for. Empty: no fee for this expert.
    """
    everything = list(items)
    asked = sorted({item.training for item in everything if item.training and item.training in trained})
    if len(asked) > 1:
        raise FeeError("ambiguous", codes=", ".join(item.code for item in everything if item.training in asked))
    return [item for item in everything if item.training == (asked[0] if asked else "")]
