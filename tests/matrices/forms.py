"""The forms of a page, as a browser would send them, and which of their fields name rows of the office."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any


@dataclass
class FormOnPage:
    """One ``<form>``: where it goes, what it would send untouched, and what each field offers."""

    action: str
    method: str
    sends: dict[str, list[str]] = field(default_factory=dict)
    offers: dict[str, set[str]] = field(default_factory=dict)

    def add(self, name: str, value: str, *, chosen: bool) -> None:
        self.offers.setdefault(name, set()).add(value)
        if chosen:
            self.sends.setdefault(name, []).append(value)

    @property
    def choices(self) -> dict[str, set[str]]:
        """Fields that offer whole numbers only, as those that name rows do."""
        found = {name: {value for value in values if value} for name, values in self.offers.items()}
        return {name: values for name, values in found.items() if values and all(one.isdigit() for one in values)}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[FormOnPage] = []
        self.form: FormOnPage | None = None
        self.select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.form = FormOnPage(said.get("action", ""), said.get("method", "get").lower())
            self.found.append(self.form)
        elif self.form is not None:
            self._field(self.form, tag, said)

    def _field(self, form: FormOnPage, tag: str, said: dict[str, str]) -> None:
        name = said.get("name", "")
        if tag == "select":
            self.select = name
        elif tag == "option" and self.select:
            form.add(self.select, said.get("value", ""), chosen="selected" in said)
        elif tag == "input" and name:
            kind = said.get("type", "text")
            if kind in {"radio", "checkbox"}:
                form.add(name, said.get("value", "on"), chosen="checked" in said)
            elif kind == "hidden":
                form.add(name, said.get("value", ""), chosen=True)
            elif kind not in {"submit", "button", "file", "image"}:
                form.sends.setdefault(name, []).append(said.get("value", ""))
        elif tag == "textarea" and name:
            form.sends.setdefault(name, []).append("")
        elif tag == "button" and name and name not in form.sends:
            form.add(name, said.get("value", ""), chosen=True)

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self.select = ""
        elif tag == "form":
            self.form = None


def forms_of(html: str) -> list[FormOnPage]:
    """All forms of the page, but the language switch and the log-out, which stand on every page."""
    reader = _Reader()
    reader.feed(html)
    return [form for form in reader.found if form.action not in {"/language/", "/accounts/logout/"}]


def filled(form: FormOnPage, **instead: Any) -> dict[str, Any]:
    """What the browser would send, with other values in some fields."""
    return {name: values if len(values) > 1 else values[0] for name, values in form.sends.items()} | instead
