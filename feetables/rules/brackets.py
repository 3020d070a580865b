"""Which of several items prices a piece of work by its length."""

from collections.abc import Iterable, Sequence

from feetables.rules.amounts import FeeError
from feetables.rules.terms import Basis, Terms


def choose(items: Iterable[Terms], minutes: int) -> Terms:
    """The one item, among those of one kind of work, that prices `minutes`.

    Raises FeeError "no_item" when none fits and "ambiguous" when several do.
    """
    fitting = [item for item in items if item.fits(minutes)]
    if not fitting:
        raise FeeError("no_item", minutes=minutes)
    if len(fitting) > 1:
        raise FeeError("ambiguous", codes=", ".join(item.code for item in fitting))
    return fitting[0]


def bracket_faults(items: Sequence[Terms]) -> tuple[str, ...]:
    """What is wrong with the duration brackets of one kind of work, to be told before a table is approved.

    Codes: "starts_late" (short work has no item), "gap", "overlap", "ends_early" (long work has no item).
    """
    brackets = sorted(
        ((item.over_minutes or 0, item.up_to_minutes) for item in items if item.basis is Basis.BY_DURATION),
        key=lambda bracket: bracket[0],
    )
    faults: list[str] = []
    covered: int | None = 0
    for position, (over, up_to) in enumerate(brackets):
        if covered is None or over < covered:
            faults.append("overlap")
        elif over > covered:
            faults.append("gap" if position else "starts_late")
        if covered is not None:
            covered = None if up_to is None else max(covered, up_to)
    if brackets and covered is not None:
        faults.append("ends_early")
    return tuple(dict.fromkeys(faults))
