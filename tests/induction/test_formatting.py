"""What a guide's plain text can say."""

import pytest

from induction.formatting import Block, blocks
from induction.usual_texts import GUIDE_FI, GUIDE_SV, ROWS


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", []),
        ("\n\n  \n", []),
        ("One\ntwo\n\nthree", [("paragraph", ("One", "two")), ("paragraph", ("three",))]),
        ("# Head\nText", [("heading", ("Head",)), ("paragraph", ("Text",))]),
        ("## A\n# B\n#", [("heading", ("A",)), ("heading", ("B",))]),
        ("- a\r\n• b\r\n* c\r\nd", [("list", ("a", "b", "c")), ("paragraph", ("d",))]),
        ("-no list\n9.1. is no list", [("paragraph", ("-no list", "9.1. is no list"))]),
        ("<b>x</b>", [("paragraph", ("<b>x</b>",))]),
    ],
)
def test_lines_become_headings_lists_and_paragraphs(text: str, told: list[tuple[str, tuple[str, ...]]]) -> None:
    assert list(blocks(text)) == [Block(kind, lines) for kind, lines in told]


def test_the_usual_texts_say_the_same_in_both_languages() -> None:
    fi, sv = list(blocks(GUIDE_FI)), list(blocks(GUIDE_SV))
    assert [(b.kind, len(b.lines)) for b in fi] == [(b.kind, len(b.lines)) for b in sv]
    assert sum(b.kind == "heading" for b in fi) == 8
    for fact in ("15.00", "112"):
        assert fact in GUIDE_FI
        assert fact in GUIDE_SV
    names = [name for rows in ROWS.values() for row in rows for name in row]
    assert len(set(names)) == len(names)
    assert max(map(len, names)) <= 160
