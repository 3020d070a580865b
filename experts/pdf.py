"""The contract on paper: PDF/A-3a + PDF/UA-1 in the contract's language, from the frozen text. Same bytes always."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from experts import rules
from experts.models import Contract
from office import formats
from office.pdf import render


@dataclass(frozen=True, slots=True)
class Signature:
    """One side: who, and how and when it was signed; ``how`` is empty while there is a line to sign on."""

    side: str
    who: str
    how: str


def contract_pdf(contract: Contract) -> bytes:
    """The contract with its signatures as they are now. For what was sent; raises ValueError without a text.

    Select ``expert`` and ``countersigned_by`` with it.
    """
    if not contract.text_hash or contract.sent_at is None:
        message = "A contract without a text has no paper."
        raise ValueError(message)
    language = contract.language
    moments = [contract.sent_at, contract.accepted_at, contract.countersigned_at]
    with translation.override(language):
        pieces = rules.blocks(contract.text)
        title = next((piece.text for piece in pieces if piece.kind == "title"), _("Commission contract"))
        context = {
            "county": settings.COUNTY_NAME[language],
            "number": contract.pk,
            "version": str(contract.text_version),
            "title": title,
            "pieces": [piece for piece in pieces if piece.kind != "title"],
            "signatures": signatures(contract, language),
        }
        return render(
            render_to_string("pdf/contract.html", context),
            title=f"{title}, {contract.expert}",
            language=language,
            created=max(moment for moment in moments if moment is not None),
            foot=_("Hash of the text (SHA-256): %(hash)s") % {"hash": contract.text_hash},
            page_word=_("Page"),
        )


def signatures(contract: Contract, language: str) -> list[Signature]:
    """Both sides, in the language that is active."""
    return [
        Signature(_("Experience expert"), str(contract.expert), _expert(contract, language)),
        Signature(
            settings.COUNTY_NAME[language],
            str(contract.countersigned_by or ""),
            _county(contract.countersigned_at, language),
        ),
    ]


def _expert(contract: Contract, language: str) -> str:
    if contract.accepted_how == Contract.How.PROGRAM and contract.accepted_at:
        return _("Accepted in Erfa, signed in with a personal account, %(moment)s") % {
            "moment": formats.moment(contract.accepted_at, language)
        }
    if contract.accepted_how == Contract.How.PAPER and contract.accepted_on:
        return _("Signed on paper %(day)s; the county keeps the scan") % {
            "day": formats.day(contract.accepted_on, language)
        }
    return ""


def _county(moment: datetime | None, language: str) -> str:
    return (
        _("Signed in Erfa, signed in with a personal account, %(moment)s")
        % {"moment": formats.moment(moment, language)}
        if moment
        else ""
    )
