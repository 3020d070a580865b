"""Translations without gettext: Babel reads and writes, Django's own templatize() reads the templates.

``scripts/translations compile``  writes a .mo beside every .po that is newer
``scripts/translations update``   collects the texts of the code and brings locale/*/LC_MESSAGES/django.po up to date
``scripts/translations check``    refuses what is missing, left over, fuzzy, or has other placeholders than the English

Message ids are the English texts. A .po is sorted by message id and has no line numbers, so that two people's changes
seldom meet in a merge.
"""

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = {"fi": "Finnish", "sv": "Swedish"}
SOURCES = (
    "config",
    "office",
    "feetables",
    "experts",
    "training",
    "recruitment",
    "induction",
    "assignments",
    "supervision",
    "fees",
    "calendars",
    "budgets",
    "desk",
    "templates",
)
SKIPPED = {"migrations", "tests"}
SHOWN = 40  # faults of a language in a report

KEYWORDS: dict[str, Any] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}

HEADER = """# {name} translation of Erfa. Message ids are the English texts.
msgid ""
msgstr ""
"Project-Id-Version: erfa\\n"
"Language: {code}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""

LITERAL = r"u?(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
CALL = re.compile(rf"(?<!\w)(_|n?p?gettext)\(({LITERAL}(?:, {LITERAL})*)(?:, ?count)?\)")
PLACEHOLDER = re.compile(r"(?<!%)(?:%%)*(%(?:\(\w+\))?[sdrif]|\{\w*\})")
TAG = re.compile(r"</?\w+")


def po_path(code: str) -> Path:
    """The catalogue of a language."""
    return ROOT / "locale" / code / "LC_MESSAGES" / "django.po"


def extract_template(
    fileobj: IO[bytes],
    keywords: Any,  # noqa: ARG001 - Babel's signature
    comment_tags: Any,  # noqa: ARG001
    options: dict[str, Any],
) -> Iterator[tuple[int, str, tuple[str, ...], list[str]]]:
    """Babel extractor for Django templates: the texts of translate, blocktranslate and _("…")."""
    source = templatize(fileobj.read().decode(options.get("encoding", "utf-8")))
    # templatize() writes gettext calls and leaves XXXX for everything else, line for line.
    for number, line in enumerate(source.splitlines(), 1):
        for function, arguments in CALL.findall(line):
            yield number, function, ast.literal_eval(f"({arguments},)"), []


def texts(root: Path = ROOT) -> Iterator[tuple[str, Any, str | None]]:
    """Every text in the code and the templates: its file, the text (a tuple when it has a plural), its context."""
    for folder in SOURCES:
        for path in sorted((root / folder).rglob("*")):
            name = path.relative_to(root)
            if not path.is_file() or SKIPPED & set(name.parts):
                continue
            method: Any = "python" if path.suffix == ".py" else extract_template if "templates" in name.parts else None
            if method is None:
                continue
            with path.open("rb") as file:
                for _number, message, _comments, context in extract(method, file, KEYWORDS):
                    yield str(name), message, context


def extract_all(root: Path = ROOT) -> Any:
    """A catalogue template of all of them."""
    catalog = Catalog(charset="utf-8", fuzzy=False)
    for name, message, context in texts(root):
        catalog.add(message, None, [(name, 1)], context=context)
    return catalog


def both_ways(root: Path = ROOT) -> list[str]:
    """Texts written with a plural in one place and without in another: the latter would stay English."""
    alone, counted = set(), set()
    for _name, message, context in texts(root):
        if isinstance(message, str):
            alone.add((message, context))
        else:
            counted.add((message[0], context))
    return sorted(text for text, _context in alone & counted)


def read(path: Path, code: str) -> Any:
    """The catalogue in a .po file; an empty one when there is none."""
    if not path.exists():
        return Catalog(locale=code, charset="utf-8", fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=code, charset="utf-8", abort_invalid=True)


def written(catalog: Any, code: str) -> str:
    """The text of a .po file: our fixed header, no dates, no line numbers, long lines not broken."""
    body = BytesIO()
    write_po(body, catalog, width=0, omit_header=True, sort_output=True, include_lineno=False, ignore_obsolete=True)
    return HEADER.format(name=LANGUAGES[code], code=code) + body.getvalue().decode().strip() + "\n"


def update() -> int:
    """Brings every catalogue up to date; says how many texts wait for a translation."""
    template = extract_all()
    for code in LANGUAGES:
        path = po_path(code)
        catalog = read(path, code)
        catalog.update(template, no_fuzzy_matching=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(written(catalog, code), encoding="utf-8")
        waiting = sum(1 for message in catalog if message.id and not is_translated(message))
        print(f"{code}: {len(catalog)} texts, {waiting} to translate")
    return 0


def compile_all(root: Path = ROOT) -> int:
    """Writes a .mo beside every .po that is newer. Fuzzy texts stay English."""
    for path in sorted((root / "locale").glob("*/LC_MESSAGES/*.po")):
        target = path.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns > path.stat().st_mtime_ns:
            continue
        buffer = BytesIO()
        write_mo(buffer, read(path, path.parts[-3]), use_fuzzy=False)
        part = target.with_suffix(".part")
        part.write_bytes(buffer.getvalue())
        part.replace(target)  # a running server never reads half a file
    return 0


def forms(message: Any) -> tuple[list[str], list[str]]:
    """The English and the translated forms of a message, as lists."""
    ids = [message.id] if isinstance(message.id, str) else list(message.id)
    texts = [message.string] if isinstance(message.string, str) else list(message.string or [])
    return ids, texts


def is_translated(message: Any) -> bool:
    """True when every form has a text."""
    ids, texts = forms(message)
    return len(texts) >= len(ids) and all(texts)


def faults_of(message: Any) -> Iterator[str]:
    """What is wrong with one translation."""
    if message.fuzzy:
        yield "is marked fuzzy"
    if not is_translated(message):
        yield "is not translated"
        return
    ids, texts = forms(message)
    for number, text in enumerate(texts):
        wanted = ids[min(number, len(ids) - 1)]
        # The singular may do with or without the number: "one row", "1 row".
        allowed = [wanted] if number else ids
        for pattern, word in ((PLACEHOLDER, "placeholders"), (TAG, "tags")):
            found = Counter(pattern.findall(text))
            if found not in [Counter(pattern.findall(one)) for one in allowed]:
                yield f"has other {word} than the English: {text!r}"
        if (wanted[:1].isspace(), wanted[-1:].isspace()) != (text[:1].isspace(), text[-1:].isspace()):
            yield f"begins or ends with a space where the English does not, or the other way round: {text!r}"


def faults(template: Any, text: str, code: str) -> list[str]:
    """Everything wrong with a .po file's text, measured against the texts of the code."""
    catalog = read_po(BytesIO(text.encode()), locale=code, charset="utf-8", abort_invalid=True)
    found = []
    if catalog.fuzzy:
        found.append("the header is marked fuzzy")
    if not text.startswith(HEADER.format(name=LANGUAGES[code], code=code)):
        found.append("the header is not ours")
    found += [f"{name(message)} is left over (obsolete)" for message in catalog.obsolete.values()]
    here = {key(message): message for message in catalog if message.id}
    if len(re.findall(r"^msgid ", text, re.MULTILINE)) - 1 != len(here):
        found.append("a text stands twice")
    wanted = {key(message): message for message in template if message.id}
    found += [f"{name(message)} is missing" for identity, message in wanted.items() if identity not in here]
    for identity, message in here.items():
        if identity not in wanted:
            found.append(f"{name(message)} is left over: no code has it")
            continue
        found += [f"{name(message)} {fault}" for fault in faults_of(message)]
    return found


def key(message: Any) -> tuple[str | None, str]:
    """What makes a message one and the same: its context and its (singular) English."""
    return message.context, forms(message)[0][0]


def name(message: Any) -> str:
    """A message in a line of the report."""
    return repr(forms(message)[0][0]) + (f" [{message.context}]" if message.context else "")


def check() -> int:
    """Prints every fault of every catalogue; 1 when there is one."""
    template = extract_all()
    mixed = both_ways()
    for text in mixed:
        print(f"{text!r} is written with a plural in one place and without in another")
    wrong = len(mixed)
    for code, language in LANGUAGES.items():
        path = po_path(code)
        text = path.read_text(encoding="utf-8") if path.exists() else HEADER.format(name=language, code=code)
        found = faults(template, text, code)
        for fault in found[:SHOWN]:
            print(f"{path.relative_to(ROOT)}: {fault}")
        if len(found) > SHOWN:
            print(f"{path.relative_to(ROOT)}: and {len(found) - SHOWN} more")
        wrong += len(found)
    print(f"Translations: {len(template)} texts, {wrong} faults")
    return 1 if wrong else 0


COMMANDS = {"compile": compile_all, "update": update, "check": check}

if __name__ == "__main__":
    if sys.argv[1:] not in ([word] for word in COMMANDS):
        sys.exit(__doc__)
    sys.exit(COMMANDS[sys.argv[1]]())
