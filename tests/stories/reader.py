"""A person in front of the pages, without JavaScript: reads the text, follows links, fills in forms, presses buttons.

What is not filled in goes as the page had it, so a story breaks when a page loses a field that it needs.
"""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

from django.test import Client

from office.models import User

VOID_TYPES = {"submit", "button", "image", "reset"}


@dataclass
class Button:
    words: str
    name: str
    value: str
    action: str
    form: str


@dataclass
class Form:
    action: str
    method: str
    ident: str
    values: dict[str, list[str]] = field(default_factory=dict)
    choices: dict[str, dict[str, str]] = field(default_factory=dict)  # name → label → value
    ticks: dict[str, str] = field(default_factory=dict)  # checkbox → its value
    buttons: list[Button] = field(default_factory=list)


class Reading(HTMLParser):
    """Forms, links and visible text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[tuple[str, str]] = []
        self.words: list[str] = []
        self._form: Form | None = None
        self._link: tuple[str, int] | None = None
        self._button: tuple[dict[str, str | None], int] | None = None
        self._loose: list[Button] = []
        self._select = ""
        self._option: tuple[dict[str, str | None], int] | None = None
        self._textarea: tuple[str, int] | None = None
        self._radio: dict[str, tuple[str, str, Form]] = {}
        self._label: tuple[str, int] | None = None
        self._hidden = 0
        self.feed(html)
        for button in self._loose:
            for form in self.forms:
                if form.ident == button.form:
                    form.buttons.append(button)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def _since(self, start: int) -> str:
        return " ".join(" ".join(self.words[start:]).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        here = len(self.words)
        if tag in {"script", "style", "head"}:
            self._hidden += 1
        elif tag == "form":
            self._form = Form(found.get("action") or "", (found.get("method") or "get").lower(), found.get("id") or "")
            self.forms.append(self._form)
        elif tag == "a" and found.get("href"):
            self._link = (found["href"] or "", here)
        elif tag == "button":
            self._button = (found, here)
        elif tag == "label":
            self._label = (found.get("for") or "", here)
        elif self._form is not None:
            self._field(tag, found, here)

    def _field(self, tag: str, found: dict[str, str | None], here: int) -> None:
        name, form = found.get("name") or "", self._form
        assert form is not None
        if tag == "input" and name and "disabled" not in found:
            sort, value = found.get("type") or "text", found.get("value")
            if sort in {"checkbox", "radio"}:
                value = value if value is not None else "on"
                if sort == "checkbox":
                    form.ticks[name] = value
                self._radio[found.get("id") or ""] = (name, value, form)
                if "checked" in found:
                    form.values.setdefault(name, []).append(value)
            elif sort not in VOID_TYPES:
                form.values.setdefault(name, []).append(value or "")
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select:
            self._option = (found, here)
        elif tag == "textarea":
            self._textarea = (name, here)

    def handle_endtag(self, tag: str) -> None:
        if tag in {"script", "style", "head"}:
            self._hidden -= 1
        elif tag == "form":
            self._form = None
        elif tag == "select":
            self._select = ""
        elif tag == "a" and self._link:
            href, start = self._link
            self.links.append((self._since(start), href))
            self._link = None
        elif tag == "button" and self._button:
            self._end_button(*self._button)
        elif self._form is not None:
            self._end_field(tag, self._form)

    def _end_button(self, found: dict[str, str | None], start: int) -> None:
        name, value, action, form = (found.get(key) or "" for key in ("name", "value", "formaction", "form"))
        button = Button(self._since(start), name, value, action, form)
        (self._form.buttons if self._form and not form else self._loose).append(button)
        self._button = None

    def _end_field(self, tag: str, form: Form) -> None:
        if tag == "label" and self._label:
            ident, start = self._label
            if ident in self._radio:
                name, code, of_form = self._radio[ident]
                of_form.choices.setdefault(name, {})[self._since(start)] = code
            self._label = None
        elif tag == "option" and self._option:
            found, start = self._option
            words = self._since(start)
            value = found.get("value")
            chosen = words if value is None else value
            form.choices.setdefault(self._select, {})[words] = chosen
            if "selected" in found or self._select not in form.values:
                form.values[self._select] = [chosen]
            self._option = None
        elif tag == "textarea" and self._textarea:
            name, start = self._textarea
            form.values[name] = [self._since(start)]
            self._textarea = None

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.words.append(data)


class Person:
    """Somebody of the cast at the screen. ``sees`` is the text of the page in front of them."""

    def __init__(self, user: User) -> None:
        self.user = user
        self.client = Client(enforce_csrf_checks=True)
        self.client.force_login(user)
        self.address = "/"
        self.status = 200
        self.page = Reading("")

    def open(self, address: str) -> "Person":
        """Goes to an address, also through redirects."""
        self._show(self.client.get(address, follow=True, headers=self._from()), address)
        return self

    def follow(self, words: str) -> "Person":
        """Follows the link whose words begin so."""
        found = [href for text, href in self.page.links if text.startswith(words)]
        assert found, f"no link “{words}” on {self.address}: {[text for text, _ in self.page.links]}"
        return self.open(urljoin(self.address, found[0]))

    def press(self, words: str, /, **answers: Any) -> "Person":
        """Presses the button whose words begin so, after filling in ``answers`` by field name.

        A choice may be given by its words; ``True`` ticks a box, ``None`` leaves it out; a list sends several.
        """
        found = [
            (form, button) for form in self.page.forms for button in form.buttons if button.words.startswith(words)
        ]
        known = [button.words for form in self.page.forms for button in form.buttons]
        assert found, f"no button “{words}” on {self.address} ({self.status}): {known}\n{self.page.text}"
        form, button = found[0]
        values = {name: list(given) for name, given in form.values.items()}
        for name, given in answers.items():
            values[name] = self._answer(form, name, given)
        if button.name:
            values[button.name] = [button.value]
        target = urljoin(self.address, button.action or form.action or self.address)
        ask = self.client.post if form.method == "post" else self.client.get
        self._show(ask(target, values, follow=True, headers=self._from()), target)
        return self

    def _answer(self, form: Form, name: str, given: Any) -> list[str]:
        offered = name in form.values or name in form.choices or name in form.ticks
        assert offered, f"no field “{name}” on {self.address}: {sorted(form.values | form.choices | form.ticks)}"
        if given is None:
            return []
        if given is True:
            return [form.ticks[name]]
        wanted = given if isinstance(given, list) else [given]
        choices = form.choices.get(name, {})
        return [choices.get(str(one), str(one)) for one in wanted]

    def _from(self) -> dict[str, str]:
        return {"referer": f"http://testserver{self.address}"}

    def _show(self, answer: Any, asked: str) -> None:
        self.address = answer.redirect_chain[-1][0] if answer.redirect_chain else asked
        self.status = answer.status_code
        self.content_type = answer.headers.get("Content-Type", "")
        assert answer.status_code < 400 or answer.status_code == 409, f"{asked}: {answer.status_code}"
        if self.content_type.startswith("text/html"):
            self.page = Reading(answer.content.decode())
        self.answer = answer

    @property
    def sees(self) -> str:
        """The text of the page, spaces as single ones."""
        return re.sub(r"\s+", " ", self.page.text)

    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.address).query))
