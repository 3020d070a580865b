"""Papers of a contract: the scan of what was signed on paper, the PDF of the text once both have signed."""

from datetime import date, datetime
from hashlib import sha256

from django.utils.translation import gettext as _

from experts import rules
from experts.actions.contracts import CHANGED, for_the_county
from experts.models import Contract, ContractPaper
from experts.pdf import contract_pdf
from experts.states import CONTRACT
from office.actions import move
from office.errors import Conflict, Refused
from office.models import User
from office.saving import readable
from office.workdays import local_date

#: A scan of some pages; more is a film or a mistake.
LARGEST = 10 * 1024 * 1024


def check_scan(content: bytes) -> tuple[str, str]:
    """The ending and media type of a scan, told by its content. Raises Refused for anything else, and too much."""
    if len(content) > LARGEST:
        raise Refused(_("The file is too large. At most 10 MB."))
    found = rules.scan_type(content)
    if found is None:
        raise Refused(_("Only a PDF, JPEG or PNG file can be kept. This is something else, or it is broken."))
    return found


def note_paper(contract: Contract, *, content: bytes, signed_on: date, seen: str, by: User, at: datetime) -> Contract:
    """The expert signed the sent text on paper on ``signed_on``: the scan is kept, the county signs next."""
    for_the_county(contract, by)
    suffix, media_type = check_scan(content)
    if signed_on > local_date(at):
        raise Refused(_("The day of signing is in the future."))
    with readable():
        contract = Contract.objects.select_for_update(of=("self",)).select_related("expert__user").get(pk=contract.pk)
        if contract.state == Contract.State.SENT and contract.text_hash != seen:
            raise Conflict(CHANGED)
        digest = sha256(content).hexdigest()
        move(
            contract, CONTRACT["note_paper"], by=by, at=at, facts={"hash": seen, "scan": digest},
            accepted_how=Contract.How.PAPER, accepted_at=at, accepted_on=signed_on,
        )  # fmt: skip
        ContractPaper.objects.create(
            contract=contract, kind=ContractPaper.Kind.SCAN, filename=f"contract-{contract.pk}-signed.{suffix}",
            media_type=media_type, content=content, sha256=digest, size=len(content), added_at=at, added_by=by,
        )  # fmt: skip
    return contract


def keep_pdf(contract: Contract, *, at: datetime) -> ContractPaper | None:
    """Stores the PDF of a contract that both have signed, once; None when it has no text here or is not signed yet."""
    if not contract.text_hash or contract.countersigned_at is None:
        return None
    kept = contract.papers.filter(kind=ContractPaper.Kind.PDF).first()
    if kept is not None:
        return kept
    content = contract_pdf(contract)
    values = {
        "filename": pdf_name(contract),
        "media_type": "application/pdf",
        "content": content,
        "sha256": sha256(content).hexdigest(),
        "size": len(content),
        "added_at": at,
    }
    with readable():
        kept, _made = ContractPaper.objects.get_or_create(
            contract=contract, kind=ContractPaper.Kind.PDF, defaults=values
        )
    return kept


def pdf_name(contract: Contract) -> str:
    return f"contract-{contract.pk}.pdf"
