"""The coordinator's own words for messages: what may be said otherwise, what is wrong with a text, versions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.template.defaulttags import IfNode
from django.template.loader import get_template
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from office.access import EDIT_TEXTS, allowed
from office.actions import log
from office.errors import Conflict, Refused
from office.models import MessageText, User
from office.saving import readable, save
from office.templatetags.wording import WordsNode
from office.wording import Fault, Wrong, faults

#: The reader can do without these.
NOT_NEEDED = frozenset({"first_name"})
MOST_SIGNS = 2_000
SUBJECT_SIGNS = 150


@dataclass(frozen=True)
class Piece:
    """Words of a message that may be written otherwise, in one language."""

    key: str  # under which they are kept
    label: str
    default: str
    variables: tuple[str, ...]
    needed: tuple[str, ...]
    sometimes: bool  # the message says it only in some cases

    @property
    def is_subject(self) -> bool:
        return self.key.startswith("subject")

    @property
    def field(self) -> str:
        """Its name in a form."""
        return "text-" + self.key.replace(".", "-")


def pieces(kind: str, language: str) -> list[Piece]:
    """The pieces of a kind of message in the order of the message; labels in the reader's language."""
    found: list[Piece] = []
    nodes = get_template(f"emails/{kind}.txt").template.nodelist  # type: ignore[attr-defined]
    choices = nodes.get_nodes_by_type(IfNode)
    sometimes = {one.name for choice in choices for one in choice.get_nodes_by_type(WordsNode)}
    for node in nodes.get_nodes_by_type(WordsNode):
        for key in node.keys:
            with translation.override(language):
                default, variables = node.default(key), node.variables()
            needed = [name for name in variables if f"{{{{ {name} }}}}" in default and name not in NOT_NEEDED]
            if key.endswith(".one") and node.counter in needed:
                needed.remove(node.counter)
            found.append(
                Piece(key, _label(key, found), default, tuple(variables), tuple(needed), node.name in sometimes)
            )
    return found


def _label(key: str, before: list[Piece]) -> str:
    name, _dot, number = key.partition(".")
    if name.startswith("subject"):
        label = _("Subject") if name == "subject" else _("Subject, another case")
    elif name == "greeting":
        label = _("Greeting")
    else:
        others = {one.key.partition(".")[0] for one in before if not one.is_subject and one.key != "greeting"} | {name}
        label = _("Words %(number)s") % {"number": len(others)}
    if number:
        label += " – " + (_("about one") if number == "one" else _("about several"))
    return label


def fault_words(fault: Fault) -> str:
    """What is wrong, as a sentence."""
    names = ", ".join(f"{{{{ {name} }}}}" for name in fault.names)
    said: dict[Wrong, str | Promise] = {
        Wrong.EMPTY: gettext_lazy("Write a text here, or bring back the text of the program."),
        Wrong.BRACKETS: gettext_lazy(
            "A bracket is wrong. A placeholder is a name between two curly brackets on both sides; "
            "other signs of that sort mean nothing here."
        ),
        Wrong.HTML: gettext_lazy("Write plain text. Signs of HTML such as <b> or &amp; are not used."),
        Wrong.UNKNOWN: gettext_lazy("Not known here: %(names)s. The placeholders that may be used stand below."),
        Wrong.MISSING: gettext_lazy("The reader needs this too: %(names)s."),
        Wrong.LINES: gettext_lazy("The subject is one line."),
    }
    return str(said[fault.wrong]) % {"names": names} if fault.names else str(said[fault.wrong])


def faults_of(piece: Piece, text: str) -> list[str]:
    """Everything that is wrong with the text of a piece, as sentences."""
    found = faults(text, known=piece.variables, needed=piece.needed, one_line=piece.is_subject)
    return [fault_words(one) for one in found]


def as_kept(text: str) -> str:
    """As a text is compared and kept."""
    return "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").strip().split("\n"))


def now_said(kind: str, language: str) -> tuple[int, Mapping[str, str]]:
    """The number of the version in force (0: the program's own text) and its words."""
    last = MessageText.objects.filter(kind=kind, language=language).order_by("-number").first()
    return (last.number, last.words) if last else (0, {})


def save_texts(
    kind: str, language: str, texts: Mapping[str, str], *, seen: int, by: User, at: datetime
) -> MessageText | None:
    """A new version; None when nothing is said otherwise than now (the second click).

    ``seen`` is the number of the version that was looked at. Refused for a text that cannot be used, Conflict when
    somebody else has saved meanwhile.
    """
    if not allowed(by, EDIT_TEXTS):
        raise Refused(_("You may not do this."))
    words: dict[str, str] = {}
    for piece in pieces(kind, language):
        text = as_kept(texts.get(piece.key, piece.default))
        if text == as_kept(piece.default):
            continue
        if wrong := faults_of(piece, text):
            raise Refused(f"{piece.label}: {wrong[0]}")
        words[piece.key] = text
    number, said = now_said(kind, language)
    if said == words:
        return None
    if number != seen:
        raise Conflict(_("Somebody else has changed this text meanwhile. Look at it again."))
    what = {"kind": kind, "language": language}
    made = MessageText(**what, number=number + 1, words=words, written_at=at, written_by=by)
    with readable():
        save(made)
        log("messagetext.save" if words else "messagetext.reset", made, by=by, at=at, message=kind, language=language)
    return made


def reset(kind: str, language: str, *, seen: int, by: User, at: datetime) -> MessageText | None:
    """Back to the program's own text, as a version of its own: what was said before stays in the history."""
    return save_texts(kind, language, {}, seen=seen, by=by, at=at)
