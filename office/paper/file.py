"""A PDF/A-3a + PDF/UA-1 file from pages and a tree of what stands on them. The same input gives the same bytes."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import md5
from xml.sax.saxutils import escape

from office.paper.typeface import Cut, Face

PRODUCER = "Erfa"

#: What PDF/A wants to be told of the name by which the file says that it is PDF/UA-1.
_EXPLAINED = (
    '<rdf:Description rdf:about="" xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" '
    'xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#" '
    'xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"><pdfaExtension:schemas><rdf:Bag>'
    '<rdf:li rdf:parseType="Resource"><pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/'
    "</pdfaSchema:namespaceURI><pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>"
    "<pdfaSchema:schema>PDF/UA identification</pdfaSchema:schema>"
    '<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource"><pdfaProperty:category>internal'
    "</pdfaProperty:category><pdfaProperty:description>Part of PDF/UA that the file follows</pdfaProperty:description>"
    "<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType></rdf:li>"
    "</rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>"
)
_METADATA = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/" pdfaid:part="3" '
    'pdfaid:conformance="A"/><rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" '
    'pdfuaid:part="1"/><rdf:Description rdf:about="" xmlns:pdf="http://ns.adobe.com/pdf/1.3/" '
    'pdf:Producer="{producer}"/>'
    '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title><rdf:Alt>'
    '<rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title></rdf:Description>'
    '<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:CreateDate="{moment}" '
    'xmp:ModifyDate="{moment}"/>{explained}</rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
)


@dataclass(eq=False, slots=True)
class Node:
    """An element of the tree: a heading, a cell. ``mark`` is its place among the marked words of its page."""

    tag: str
    kids: list["Node"] = field(default_factory=list)
    attributes: str = ""
    page: int | None = None
    mark: int = 0

    def add(self, tag: str, attributes: str = "") -> "Node":
        kid = Node(tag, attributes=attributes)
        self.kids.append(kid)
        return kid


@dataclass(eq=False, slots=True)
class Page:
    """``drawn`` are its instructions; ``marked`` the elements whose words stand on it, in the order of their marks."""

    drawn: list[str] = field(default_factory=list)
    marked: list[Node] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Bookmark:
    """A heading in the list beside the pages. ``y`` from below, in points."""

    level: int
    title: str
    page: int
    y: float


@dataclass(frozen=True, slots=True)
class Whole:
    """A document."""

    title: str
    language: str
    created: datetime
    size: tuple[float, float]
    pages: Sequence[Page]
    tree: Node
    bookmarks: Sequence[Bookmark]
    fonts: Sequence[tuple[Face, Cut]]
    colours: bytes  # the ICC profile
    attachments: Sequence[tuple[str, bytes, str]]


class _Writer:
    """Numbers objects; streams stand by themselves, all others together in one compressed stream."""

    def __init__(self) -> None:
        self.count = 0
        self.plain: list[tuple[int, str]] = []
        self.streams: list[tuple[int, str, bytes]] = []

    def number(self) -> int:
        self.count += 1
        return self.count

    def add(self, content: str, number: int | None = None) -> int:
        number = number or self.number()
        self.plain.append((number, content))
        return number

    def stream(self, content: bytes, extra: str = "", *, padding: bytes | None = b"\n", compress: bool = True) -> int:
        """``padding`` may be added until the compressed stream does not end in a line break of its own."""
        number = self.number()
        if compress:
            while padding is not None and zlib.adler32(content) & 0xFF in b"\r\n":
                content += padding
            packed = zlib.compress(content)
            if packed[-1:] not in b"\r\n":
                content, extra = packed, f"{extra}/Filter/FlateDecode"
        self.streams.append((number, extra, content))
        return number

    def written(self, root: int, info: int) -> bytes:
        """The file, with its index."""
        out = [b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"]
        where: dict[int, tuple[int, int, int]] = {0: (0, 0, 65535)}
        packed = self._packed(where)
        at = len(out[0])
        for number, extra, content in [*self.streams, packed]:
            where[number] = (1, at, 0)
            head = f"{number} 0 obj\n<<{extra}/Length {len(content)}>>\nstream\n".encode()
            out += [head, content, b"\nendstream\nendobj\n"]
            at += len(head) + len(content) + 18
        index = self.number()
        where[index] = (1, at, 0)
        rows = b"".join(
            kind.to_bytes(1, "big") + first.to_bytes(4, "big") + second.to_bytes(2, "big")
            for kind, first, second in (where[number] for number in range(self.count + 1))
        )
        identifier = md5(b"".join(out), usedforsecurity=False).hexdigest()
        content = zlib.compress(rows)
        extra = f"/Type/XRef/Size {self.count + 1}/W[1 4 2]/Root {root} 0 R/Info {info} 0 R"
        extra += f"/ID[<{identifier}><{identifier}>]"
        if content[-1:] in b"\r\n":
            content = rows  # its last byte is the count of the index's own place: zero
        else:
            extra += "/Filter/FlateDecode"
        head = f"{index} 0 obj\n<<{extra}/Length {len(content)}>>\nstream\n".encode()
        out += [head, content, b"\nendstream\nendobj\n", f"startxref\n{at}\n%%EOF\n".encode()]
        return b"".join(out)

    def _packed(self, where: dict[int, tuple[int, int, int]]) -> tuple[int, str, bytes]:
        number, offsets, at = self.number(), [], 0
        for place, (one, text) in enumerate(self.plain):
            offsets.append(f"{one} {at}")
            where[one] = (2, number, place)
            at += len(text) + 1
        first = " ".join(offsets) + "\n"
        content = (first + "\n".join(text for _one, text in self.plain)).encode("latin-1")
        while zlib.adler32(content) & 0xFF in b"\r\n":
            content += b" "
        extra = f"/Type/ObjStm/N {len(self.plain)}/First {len(first)}/Filter/FlateDecode"
        return number, extra, zlib.compress(content)


def written(whole: Whole) -> bytes:
    """The bytes of the file."""
    out = _Writer()
    catalog, pages, info = out.number(), out.number(), out.number()
    moment = whole.created.astimezone(UTC)
    clock = f"(D:{moment:%Y%m%d%H%M%S}+00'00)"
    fonts = "".join(f"/F{n} {_font(out, face, cut)} 0 R" for n, (face, cut) in enumerate(whole.fonts))
    sheets = _pages(out, whole, pages, fonts)
    kids = "".join(f"{number} 0 R " for number in sheets)
    out.add(f"<</Type/Pages/Count {len(sheets)}/Kids[{kids}]>>", pages)
    files = [_attached(out, whole.created, *file) for file in whole.attachments]
    metadata = _METADATA.format(
        producer=PRODUCER, title=escape(whole.title), moment=moment.isoformat(timespec="seconds"), explained=_EXPLAINED
    ).encode()
    described = out.stream(metadata, "/Type/Metadata/Subtype/XML", compress=False)
    profile = out.stream(whole.colours, "/N 3", padding=None)
    name = "(IEC 61966-2-1 Default RGB Colour Space - sRGB)"
    intent = (
        f"<</Type/OutputIntent/S/GTS_PDFA1/OutputConditionIdentifier{name}/Info{name}/DestOutputProfile {profile} 0 R>>"
    )
    out.add(f"<</Title{_text(whole.title)}/Producer({PRODUCER})/CreationDate{clock}/ModDate{clock}>>", info)
    named = "".join(f"{_text(file[0])}{number} 0 R" for file, number in zip(whole.attachments, files, strict=True))
    catalog_of = (
        f"<</Type/Catalog/Pages {pages} 0 R/Lang({whole.language})/MarkInfo<</Marked true>>/Metadata {described} 0 R"
        f"/ViewerPreferences<</DisplayDocTitle true>>/OutputIntents[{intent}]"
        f"/StructTreeRoot {_tree(out, whole, sheets)} 0 R"
    )
    if whole.bookmarks:
        catalog_of += f"/Outlines {_outlines(out, whole.bookmarks, sheets)} 0 R"
    if files:
        catalog_of += f"/AF[{' '.join(f'{n} 0 R' for n in files)}]/Names<</EmbeddedFiles<</Names[{named}]>>>>"
    out.add(f"{catalog_of}>>", catalog)
    return out.written(catalog, info)


def _pages(out: _Writer, whole: Whole, parent: int, fonts: str) -> list[int]:
    width, height = whole.size
    found = []
    for n, page in enumerate(whole.pages):
        drawn = out.stream("\n".join(page.drawn).encode("ascii"))
        found.append(
            out.add(
                f"<</Type/Page/Parent {parent} 0 R/MediaBox[0 0 {width:.3f} {height:.3f}]/Contents {drawn} 0 R"
                f"/Resources<</Font<<{fonts}>>>>/StructParents {n}/Tabs/S>>"
            )
        )
    return found


def _tree(out: _Writer, whole: Whole, pages: Sequence[int]) -> int:
    """The tree of elements, and for each page which element each of its marks belongs to."""
    root = out.number()
    number_of: dict[int, int] = {}

    def write(node: Node, parent: int) -> int:
        number = number_of[id(node)] = out.number()
        inside = "".join(f"{write(kid, number)} 0 R " for kid in node.kids)
        on = ""
        if node.page is not None:
            on, inside = f"/Pg {pages[node.page]} 0 R", f"{node.mark} {inside}"
        out.add(f"<</S/{node.tag}/P {parent} 0 R{on}{node.attributes}/K[{inside}]>>", number)
        return number

    top = write(whole.tree, root)
    nums = "".join(
        f"{n}[{''.join(f'{number_of[id(node)]} 0 R ' for node in page.marked)}]" for n, page in enumerate(whole.pages)
    )
    parents = out.add(f"<</Nums[{nums}]>>")
    out.add(
        f"<</Type/StructTreeRoot/K[{top} 0 R]/ParentTree {parents} 0 R/ParentTreeNextKey {len(whole.pages)}>>", root
    )
    return root


def _outlines(out: _Writer, bookmarks: Sequence[Bookmark], pages: Sequence[int]) -> int:
    """Headings of the first level with those of the second under them."""
    root = out.number()
    tops: list[tuple[Bookmark, list[Bookmark]]] = []
    for mark in bookmarks:
        if mark.level == 1 or not tops:
            tops.append((mark, []))
        else:
            tops[-1][1].append(mark)

    def level(marks: Sequence[tuple[Bookmark, Sequence[Bookmark]]], parent: int) -> tuple[int, int]:
        numbers = [out.number() for _mark in marks]
        for place, (mark, under) in enumerate(marks):
            sides = f"/Prev {numbers[place - 1]} 0 R" if place else ""
            sides += f"/Next {numbers[place + 1]} 0 R" if place + 1 < len(numbers) else ""
            if under:
                first, last = level([(one, ()) for one in under], numbers[place])
                sides += f"/First {first} 0 R/Last {last} 0 R/Count {len(under)}"
            out.add(
                f"<</Title{_text(mark.title)}/Parent {parent} 0 R{sides}"
                f"/Dest[{pages[mark.page]} 0 R/XYZ 0 {mark.y:.2f} 0]>>",
                numbers[place],
            )
        return numbers[0], numbers[-1]

    first, last = level(tops, root)
    out.add(f"<</Type/Outlines/First {first} 0 R/Last {last} 0 R/Count {len(bookmarks)}>>", root)
    return root


def _font(out: _Writer, face: Face, cut: Cut) -> int:
    file = out.number()
    out.streams.append((file, f"/Length1 {cut.length}/Filter/FlateDecode", cut.file))
    unicode = out.stream(cut.unicode)
    up, down = round(face.ascent * 1000), -round(face.descent * 1000)
    descriptor = out.add(
        f"<</Type/FontDescriptor/FontName/{cut.name}/FontFamily(Source Sans 3)/Flags 4/ItalicAngle 0/Ascent {up}"
        f"/Descent {down}/CapHeight 660/StemV 80/FontBBox[-500 {down} 3000 {up}]/FontFile2 {file} 0 R>>"
    )
    drawn = out.add(
        f"<</Type/Font/Subtype/CIDFontType2/BaseFont/{cut.name}/CIDToGIDMap/Identity/FontDescriptor {descriptor} 0 R"
        f"/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/W[{cut.widths}]>>"
    )
    return out.add(
        f"<</Type/Font/Subtype/Type0/BaseFont/{cut.name}/Encoding/Identity-H/DescendantFonts[{drawn} 0 R]"
        f"/ToUnicode {unicode} 0 R>>"
    )


def _attached(out: _Writer, created: datetime, name: str, content: bytes, description: str) -> int:
    clock = f"(D:{created.astimezone(UTC):%Y%m%d%H%M%S}Z)"
    check = md5(content, usedforsecurity=False).hexdigest()
    kind = "text#2fcsv" if name.endswith(".csv") else "application#2foctet-stream"
    extra = f"/Type/EmbeddedFile/Subtype/{kind}/Params<</Size {len(content)}/CheckSum<{check}>"
    file = out.stream(content, f"{extra}/CreationDate{clock}/ModDate{clock}>>", padding=None)
    called = f"/F{_text(name)}/UF{_text(name)}/Desc{_text(description)}"
    return out.add(f"<</Type/Filespec{called}/AFRelationship/Data/EF<</F {file} 0 R/UF {file} 0 R>>>>")


def _text(value: str) -> str:
    """A text of the file: plain where it can be, else UTF-16."""
    if value.isascii() and value.isprintable() and not set(value) & set("()\\"):
        return f"({value})"
    return f"<feff{value.encode('utf-16-be').hex()}>"
