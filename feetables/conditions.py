"""The trainings that an item can ask for. The app that keeps them stands above and registers itself here."""

from collections.abc import Callable

#: Gives the names of the trainings by their codes, in the language of the page (one query).
Source = Callable[[], dict[str, str]]
_SOURCES: list[Source] = []


def source(function: Source) -> Source:
    """Registers who knows the trainings."""
    _SOURCES.append(function)
    return function


def trainings() -> dict[str, str]:
    """Code → name of every training that an item can ask for."""
    return {code: name for tell in _SOURCES for code, name in tell().items()}
