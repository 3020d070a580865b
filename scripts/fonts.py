"""Makes the screen fonts (woff2, Latin letters only) from the full TTF files in static/fonts.

The TTF files are for PDF: a font split by script draws wrong letters there. The woff2 files are a modified version, and
the OFL reserves the name "Source" for the original, so their own name is "Erfa Sans".
Run: .venv/bin/python scripts/fonts.py (fontTools and brotli come with WeasyPrint.)
"""

from pathlib import Path

from fontTools.subset import Options, Subsetter, parse_unicodes
from fontTools.ttLib import TTFont

FONTS = Path(__file__).resolve().parent.parent / "static" / "fonts"
LETTERS = (
    "0000-024F,0259,02BB-02BC,02C6-02C7,02C9,02D8-02DD,0300-0304,0306-030C,1E00-1EFF,2000-206F,2070-209F,20A0-20BF,"
    "2113,2116,2122,2150-215F,2190-2193,2212,2215,2248,2260,2264-2265,25A0-25FF,2713,2717"
)
# Figures are of equal width as they are; pnum gives proportional ones.
FEATURES = [
    "kern",
    "liga",
    "calt",
    "ccmp",
    "locl",
    "mark",
    "mkmk",
    "pnum",
    "onum",
    "frac",
    "sups",
    "subs",
    "case",
    "zero",
]


def rename(font: TTFont) -> None:
    """Takes the reserved name out of every name but the copyright and the trademark."""
    for record in font["name"].names:
        if record.nameID not in (0, 7):
            text = record.toUnicode().replace("Source Sans 3", "Erfa Sans").replace("SourceSans3", "ErfaSans")
            font["name"].setName(text, record.nameID, record.platformID, record.platEncID, record.langID)


def make(weight: str) -> Path:
    """Writes the woff2 of one weight beside its TTF; the same bytes every time."""
    font = TTFont(FONTS / f"SourceSans3-{weight}.ttf", recalcTimestamp=False)
    subsetter = Subsetter(Options(layout_features=FEATURES, flavor="woff2", notdef_outline=True))
    subsetter.populate(unicodes=parse_unicodes(LETTERS))
    subsetter.subset(font)
    rename(font)
    font.flavor = "woff2"
    target = FONTS / f"SourceSans3-{weight}.woff2"
    font.save(target)
    return target


if __name__ == "__main__":
    for name in ("Regular", "SemiBold", "Bold"):
        path = make(name)
        print(f"{path.name} {path.stat().st_size // 1024} KB")
