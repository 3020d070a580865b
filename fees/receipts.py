"""What may be kept as a receipt, told by its content and never by its name.

A photograph is read and written anew: what was hidden in the file (a place, a program) is gone. A PDF stays as it is
and is only ever downloaded.
"""

import io
import warnings

from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from experts.rules import scan_type
from office.errors import Refused

#: A photograph of a telephone; more is a film or a mistake.
LARGEST = 10 * 1024 * 1024
#: Pixels that are unpacked at most.
MOST_PIXELS = 50_000_000
#: The longer side of what is kept: the small print of a ticket is readable.
SIDE = 2000
#: For one time: a long journey has its trains and buses.
MOST_FILES = 10


def kept_form(content: bytes) -> tuple[str, str, bytes]:
    """The ending, the media type and the bytes to keep. Raises Refused for anything else than a PDF or a picture."""
    if len(content) > LARGEST:
        raise Refused(_("The file is too large. At most 10 MB."))
    found = scan_type(content)
    if found is not None and found[0] == "pdf":
        return "pdf", "application/pdf", content
    return "jpg", "image/jpeg", _written_anew(content)


def _written_anew(content: bytes) -> bytes:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as picture:
                if picture.width * picture.height > MOST_PIXELS:
                    raise Refused(_("The picture is too large. Take it again with a smaller size."))
                picture.load()
                upright = ImageOps.exif_transpose(picture)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError, Warning):
        raise Refused(_("Only a PDF, JPEG or PNG file can be kept. This is something else, or it is broken.")) from None
    upright.thumbnail((SIDE, SIDE))
    paper = Image.new("RGB", upright.size, "white")
    if "A" in upright.getbands() or "transparency" in upright.info:
        upright = upright.convert("RGBA")
        paper.paste(upright, mask=upright.getchannel("A"))
    else:
        paper.paste(upright.convert("RGB"))
    written = io.BytesIO()
    paper.save(written, "JPEG", quality=80, optimize=True)
    return written.getvalue()
