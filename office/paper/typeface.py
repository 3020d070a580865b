"""Our two fonts: which glyphs draw a word and how wide it is, and the part of a font that a file needs.

HarfBuzz shapes (kerning, ligatures, composed letters) and cuts the font; it comes with Pango, which WeasyPrint needs
anyway. Each word is shaped once in a process. Widths are thousandths of the font's size.
"""

import ctypes
import zlib
from collections.abc import Iterable
from ctypes import POINTER, Structure, c_char_p, c_int, c_int32, c_uint, c_uint32, c_void_p
from ctypes.util import find_library
from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

FONTS = Path(__file__).resolve().parents[2] / "static" / "fonts"
REGULAR, BOLD = 0, 1
FILES = ("SourceSans3-Regular", "SourceSans3-Bold")

#: In the font of every document, so that most documents share one cut of it.
ALWAYS = "".join(map(chr, range(0x20, 0x7F))) + "\N{NO-BREAK SPACE}ÄÅÖäåöÉéÜüŠšŽž§½·×€–—’“”…"

_KEPT = {b"glyf", b"head", b"hhea", b"hmtx", b"loca", b"maxp"}
_RETAIN_GIDS, _NO_HINTING = 2, 1
_DROPPED_TABLES = 3  # HB_SUBSET_SETS_DROP_TABLE_TAG
_BUFFER_LTR = 4


class Unfit(Exception):
    """Something that the typesetter does not draw; WeasyPrint does."""


class _Glyph(Structure):
    _fields_ = (("gid", c_uint32), ("_mask", c_uint32), ("cluster", c_uint32), ("_a", c_uint32), ("_b", c_uint32))


class _Place(Structure):
    _fields_ = (("x", c_int32), ("_y", c_int32), ("dx", c_int32), ("dy", c_int32), ("_a", c_uint32))


class Word(NamedTuple):
    """Glyphs as a piece of a PDF text array, their width, and (glyph, its letters) of each."""

    glyphs: str
    width: int
    letters: frozenset[tuple[int, str]]


class Cut(NamedTuple):
    """The part of a font that a document needs. ``file`` is compressed, ``widths`` and ``unicode`` are PDF."""

    name: str
    file: bytes
    length: int
    widths: str
    unicode: bytes


@cache
def _libraries() -> tuple[ctypes.CDLL, ctypes.CDLL]:
    found = []
    for name in ("harfbuzz", "harfbuzz-subset"):
        try:
            found.append(ctypes.CDLL(f"lib{name}.so.0"))
        except OSError:
            where = find_library(name)
            if where is None:
                raise Unfit(name) from None
            found.append(ctypes.CDLL(where))
    shaping, cutting = found
    for name, result, arguments in (
        ("hb_blob_create_from_file", c_void_p, [c_char_p]),
        ("hb_face_create", c_void_p, [c_void_p, c_uint]),
        ("hb_face_get_upem", c_uint, [c_void_p]),
        ("hb_face_reference_blob", c_void_p, [c_void_p]),
        ("hb_face_get_table_tags", c_uint, [c_void_p, c_uint, POINTER(c_uint), POINTER(c_uint32)]),
        ("hb_blob_get_data", c_void_p, [c_void_p, POINTER(c_uint)]),
        ("hb_blob_destroy", None, [c_void_p]),
        ("hb_face_destroy", None, [c_void_p]),
        ("hb_font_create", c_void_p, [c_void_p]),
        ("hb_font_get_glyph_h_advance", c_int32, [c_void_p, c_uint32]),
        ("hb_buffer_create", c_void_p, []),
        ("hb_buffer_clear_contents", None, [c_void_p]),
        ("hb_buffer_set_direction", None, [c_void_p, c_int]),
        ("hb_buffer_set_language", None, [c_void_p, c_void_p]),
        ("hb_language_from_string", c_void_p, [c_char_p, c_int]),
        ("hb_buffer_guess_segment_properties", None, [c_void_p]),
        ("hb_buffer_add_utf8", None, [c_void_p, c_char_p, c_int, c_uint, c_int]),
        ("hb_shape", None, [c_void_p, c_void_p, c_void_p, c_uint]),
        ("hb_buffer_get_glyph_infos", POINTER(_Glyph), [c_void_p, POINTER(c_uint)]),
        ("hb_buffer_get_glyph_positions", POINTER(_Place), [c_void_p, POINTER(c_uint)]),
        ("hb_set_add", None, [c_void_p, c_uint32]),
    ):
        function = getattr(shaping, name)
        function.restype, function.argtypes = result, arguments
    for name, result, arguments in (
        ("hb_subset_input_create_or_fail", c_void_p, []),
        ("hb_subset_input_glyph_set", c_void_p, [c_void_p]),
        ("hb_subset_input_set", c_void_p, [c_void_p, c_int]),
        ("hb_subset_input_set_flags", None, [c_void_p, c_uint]),
        ("hb_subset_or_fail", c_void_p, [c_void_p, c_void_p]),
        ("hb_subset_input_destroy", None, [c_void_p]),
    ):
        function = getattr(cutting, name)
        function.restype, function.argtypes = result, arguments
    return shaping, cutting


class Face:
    """One of our fonts."""

    ascent, descent = 1.024, 0.4  # of the size: "hhea" of both fonts

    def __init__(self, name: str) -> None:
        self.name = name
        self._hb, self._cutter = _libraries()
        self._face = self._hb.hb_face_create(self._hb.hb_blob_create_from_file(str(FONTS / f"{name}.ttf").encode()), 0)
        self._font = self._hb.hb_font_create(self._face)
        self._buffer = self._hb.hb_buffer_create()
        self._language = self._hb.hb_language_from_string(b"fi", -1)  # never the machine's own
        self._words: dict[str, Word] = {}
        if self._hb.hb_face_get_upem(self._face) != 1000:
            raise Unfit(name)
        self._always = self.word(ALWAYS, as_letters=True).letters
        self.space = f"<{next(gid for gid, letter in self._always if letter == ' '):04x}>"
        self.space_width = self.word(" ").width

    def word(self, text: str, *, as_letters: bool = False) -> Word:
        """A word (or, ``as_letters``, each letter by itself). Raises Unfit for letters that the font does not have."""
        known = self._words.get(text)
        if known is None:
            if as_letters:
                letters = [self._shaped(letter) for letter in text]
                known = Word("", 0, frozenset().union(*(word.letters for word in letters)))
            else:
                known = self._shaped(text)
            if len(self._words) > 50_000:  # a process that lives long does not keep every word for ever
                self._words.clear()
            self._words[text] = known
        return known

    def _shaped(self, text: str) -> Word:
        hb, buffer, written = self._hb, self._buffer, text.encode()
        hb.hb_buffer_clear_contents(buffer)
        hb.hb_buffer_set_direction(buffer, _BUFFER_LTR)
        hb.hb_buffer_set_language(buffer, self._language)
        hb.hb_buffer_add_utf8(buffer, written, len(written), 0, len(written))
        hb.hb_buffer_guess_segment_properties(buffer)
        hb.hb_shape(self._font, buffer, None, 0)
        count = c_uint()
        glyphs = hb.hb_buffer_get_glyph_infos(buffer, ctypes.byref(count))[: count.value]
        places = hb.hb_buffer_get_glyph_positions(buffer, ctypes.byref(count))[: count.value]
        pieces, width, letters = ["<"], 0, []
        ends = [*(glyph.cluster for glyph in glyphs[1:]), len(written)]
        for glyph, place, end in zip(glyphs, places, ends, strict=True):
            if not glyph.gid or place.dx or place.dy or end <= glyph.cluster:  # no such letter, or a mark set apart
                raise Unfit(text)
            letters.append((glyph.gid, written[glyph.cluster : end].decode()))
            pieces.append(f"{glyph.gid:04x}")
            width += place.x
            if kern := hb.hb_font_get_glyph_h_advance(self._font, glyph.gid) - place.x:
                pieces.append(f">{kern}<")
        return Word("".join([*pieces, ">"]).replace("<>", ""), width, frozenset(letters))

    def cut(self, letters: Iterable[tuple[int, str]]) -> Cut:
        """The part of the font that draws these; the same letters give the same bytes."""
        return _cut(self, self._always.union(letters))

    def _file(self, glyphs: Iterable[int]) -> bytes:
        hb, cutter = self._hb, self._cutter
        wanted = cutter.hb_subset_input_create_or_fail()
        cutter.hb_subset_input_set_flags(wanted, _RETAIN_GIDS | _NO_HINTING)
        for gid in glyphs:
            hb.hb_set_add(cutter.hb_subset_input_glyph_set(wanted), gid)
        count, tags = c_uint(64), (c_uint32 * 64)()
        hb.hb_face_get_table_tags(self._face, 0, ctypes.byref(count), tags)
        for tag in tags[: count.value]:
            if tag.to_bytes(4, "big") not in _KEPT:
                hb.hb_set_add(cutter.hb_subset_input_set(wanted, _DROPPED_TABLES), tag)
        face = cutter.hb_subset_or_fail(self._face, wanted)
        blob = hb.hb_face_reference_blob(face)
        length = c_uint()
        content = ctypes.string_at(hb.hb_blob_get_data(blob, ctypes.byref(length)), length.value)
        hb.hb_blob_destroy(blob)
        hb.hb_face_destroy(face)
        cutter.hb_subset_input_destroy(wanted)
        return content

    def advance(self, gid: int) -> int:
        """The width of a glyph."""
        return int(self._hb.hb_font_get_glyph_h_advance(self._font, gid))


@lru_cache(maxsize=64)
def _cut(face: Face, letters: frozenset[tuple[int, str]]) -> Cut:
    text = dict(sorted(letters, reverse=True))  # of two letters that one glyph draws the lower
    glyphs = sorted(text)
    content = face._file(glyphs)
    while zlib.adler32(content) & 0xFF in b"\r\n":  # no stream ends in a line break of its own: see office.pdf
        content += b"\0"
    tag = "".join(chr(65 + byte % 26) for byte in sha256(repr(sorted(letters)).encode()).digest()[:6])
    widths = "".join(f"{gid}[{face.advance(gid)}]" for gid in glyphs)
    chars = [f"<{gid:04x}> <{text[gid].encode('utf-16-be').hex()}>" for gid in glyphs]
    blocks = [chars[n : n + 100] for n in range(0, len(chars), 100)]
    mapped = "".join(f"{len(some)} beginbfchar\n" + "\n".join(some) + "\nendbfchar\n" for some in blocks)
    unicode = (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
        f"1 begincodespacerange\n<0000> <ffff>\nendcodespacerange\n{mapped}"
        "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend"
    )
    return Cut(f"{tag}+{face.name}", zlib.compress(content, 9), len(content), widths, unicode.encode())


@cache
def faces() -> tuple[Face, ...]:
    """Regular and bold."""
    return tuple(Face(name) for name in FILES)
