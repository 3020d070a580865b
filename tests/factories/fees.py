"""Facts of hour lists beyond what everybody needs."""

import io
from decimal import Decimal

from PIL import Image

from assignments.models import Session
from feetables.models import FeeItem
from office.workdays import local_date
from tests.factories import fee_table_on

PDF = b"%PDF-1.7\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n"


def by_ticket(session: Session, cap: Decimal = Decimal("20.00")) -> Session:
    """The journey was agreed by public transport, up to ``cap`` euros."""
    items = fee_table_on(local_date(session.starts_at)).items
    item = items.filter(purpose=FeeItem.Purpose.TRAVEL).get()
    session.travel_item, session.travel_terms, session.travel_cap = item, item.terms.to_json(), cap
    session.save(update_fields=["travel_item", "travel_terms", "travel_cap"])
    return session


def photograph(kind: str = "JPEG", *, size: tuple[int, int] = (60, 40), colour: str = "white") -> bytes:
    """A picture that says where it was taken, as telephones write it."""
    picture = Image.new("RGB", size, colour)
    hidden = Image.Exif()
    hidden[0x010E] = "taken at Mannerheimintie"
    written = io.BytesIO()
    picture.save(written, kind, exif=hidden.tobytes())
    return written.getvalue()
