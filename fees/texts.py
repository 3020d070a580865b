"""Words of fees and payment, made at the edge."""

from decimal import Decimal

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from fees.models import PaymentRun
from office import formats
from office.history import Words
from office.models import LogEntry


def income_word(code: str) -> str:
    """The income type in words (R22); a code that is not known stands alone."""
    return {
        "210": _("meeting fee"),
        "214": _("lecture fee"),
        "303": _("meal allowance"),
        "311": _("kilometre allowance"),
        "331": _("daily allowance"),
        "353": _("taxable reimbursement of costs"),
        "336": _("non-wage compensation"),
    }.get(code, "")


def run_words(run: PaymentRun) -> Words:
    """The history of a run as sentences. One query for names, when somebody looked at an unusual sum."""
    language = get_language() or "fi"
    names: dict[int, str] = {}

    def unusual(entry: LogEntry, words: str) -> str:
        if not names:
            names.update(run.lines.order_by().values_list("expert_id", "expert_name").distinct())
        return words % {
            "name": names.get(entry.facts["expert"], "–"),
            "sum": formats.money(Decimal(entry.facts["amount"]), language),
            "highest": formats.money(Decimal(entry.facts["highest"]), language),
        }

    def lines(entry: LogEntry) -> str:
        return ", ".join(str(position) for position in entry.facts["lines"])

    return {
        "paymentrun.make": _("Made"),
        "paymentrun.look": lambda entry: unusual(
            entry, _("Looked at the unusual sum of %(name)s: %(sum)s, the highest before %(highest)s")
        ),
        "paymentrun.no_look": lambda entry: unusual(
            entry, _("Nobody looked at the unusual sum of %(name)s: %(sum)s, the highest before %(highest)s")
        ),
        "paymentrun.send": _("Sent to payroll"),
        "paymentrun.reject": lambda entry: (
            _("Rejected by the payroll house: lines %(lines)s") % {"lines": lines(entry)}
        ),
        "paymentrun.resend": lambda entry: (
            ngettext(
                "%(count)s line sent again in payroll file %(part)s",
                "%(count)s lines sent again in payroll file %(part)s",
                entry.facts["lines"],
            )
            % {"count": entry.facts["lines"], "part": entry.facts["part"]}
        ),
        "paymentrun.pay": _("Marked as paid"),
        "paymentrun.stop_files": _("The making of files was broken off"),
        "paymentrun.go_on_files": _("The making of files goes on"),
    }


def request_words() -> Words:
    """The history of a correction that was asked for."""
    return {
        "correctionrequest.ask": _("Asked for a correction"),
        "correctionrequest.accept": _("Accepted the correction"),
        "correctionrequest.decline": _("Declined the correction"),
        "correctionrequest.reopen": _("Took the accepted correction back: it waits for an answer again"),
        "correctionrequest.withdraw": _("Took the request back"),
    }
