"""Which items of a table are for an expert and for the work: fees with a condition beside those without one. Pure.

Conditions: a training, one expert or two together, on site or remotely.
"""

from collections.abc import Collection, Iterable
from typing import Protocol, TypeVar

from feetables.rules import FeeError


class Conditional(Protocol):
    """What `for_expert` reads: an item of a table. `training` is the code of a training, empty without a condition."""

    @property
    def code(self) -> str: ...
    @property
    def training(self) -> str: ...


class WorkConditional(Conditional, Protocol):
    """What `for_work` reads besides: `company` is "alone" or "two", `way` "on_site" or "remote"; empty: whatever."""

    @property
    def company(self) -> str: ...
    @property
    def way(self) -> str: ...


Item = TypeVar("Item", bound=Conditional)
WorkItem = TypeVar("WorkItem", bound=WorkConditional)


def for_work(items: Iterable[WorkItem], *, two: bool, remote: bool) -> list[WorkItem]:
    """The items, among those of one kind of work, for two experts together or one, done remotely or on site.

    The most particular ones win over those that ask less, apart for each training. Raises FeeError "ambiguous" when two
    different conditions fit equally well (one item for two experts, another for remote work).
    """
    company, way = "two" if two else "alone", "remote" if remote else "on_site"
    fitting: dict[str, list[WorkItem]] = {}
    for item in items:
        if item.company in ("", company) and item.way in ("", way):
            fitting.setdefault(item.training, []).append(item)
    found: list[WorkItem] = []
    for own in fitting.values():
        most = max(bool(item.company) + bool(item.way) for item in own)
        best = [item for item in own if bool(item.company) + bool(item.way) == most]
        if len({(item.company, item.way) for item in best}) > 1:
            raise FeeError("ambiguous", codes=", ".join(item.code for item in best))
        found += best
    return found


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
