"""What a transition is. Each app lists its own in ``states.py``."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Transition:
    """A named step of an aggregate: from which states, to which, by which roles (``system``: also without a person)."""

    name: str
    sources: frozenset[str]
    target: str
    roles: frozenset[str]
    system: bool = False


def table(*steps: Transition) -> Mapping[str, Transition]:
    """Transitions by name."""
    return {step.name: step for step in steps}


def step(name: str, sources: Iterable[str], target: str, roles: Iterable[str], *, system: bool = False) -> Transition:
    """Shorthand for the tables."""
    return Transition(name, frozenset(map(str, sources)), str(target), frozenset(map(str, roles)), system)
