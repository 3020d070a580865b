"""The example fee table of the demonstration office."""

from dataclasses import dataclass
from decimal import Decimal

from office.kinds import TaskType as Kind

#: Accounts of the example's bookkeeping, by income type: compensation, wages, costs.
POSTINGS = {"336": "4472", "214": "4021", "210": "4021", "311": "4475", "303": "4475", "331": "4475"}


@dataclass(frozen=True)
class ItemFacts:
    code: str
    name_fi: str
    name_sv: str
    basis: str
    amount: str
    income_type: str = "336"
    kinds: tuple[Kind, ...] = ()
    purpose: str = "session"
    amount_max: str = ""
    minimum: int = 0
    step: int = 0
    over: int | None = None
    up_to: int | None = None
    limit: str = ""

    def fields(self, percent: Decimal = Decimal(0)) -> dict[str, object]:
        """As a FeeItem; ``percent`` raises the amounts, kilometres apart."""
        from feetables.rules import raised  # noqa: PLC0415 - data above, one use

        rise = Decimal(0) if self.purpose == "travel" else percent
        return {
            "code": self.code,
            "name_fi": self.name_fi,
            "name_sv": self.name_sv,
            "purpose": self.purpose,
            "kinds": [str(kind) for kind in self.kinds],
            "basis": self.basis,
            "amount": raised(Decimal(self.amount), rise),
            "amount_max": raised(Decimal(self.amount_max), rise) if self.amount_max else None,
            "minimum_minutes": self.minimum,
            "step_minutes": self.step,
            "over_minutes": self.over,
            "up_to_minutes": self.up_to,
            "income_type": self.income_type,
            "limit": self.limit,
            "posting": POSTINGS[self.income_type],
        }


FEE_ITEMS = (
    ItemFacts("YKS", "Yksilötapaaminen", "Individuell träff", "per_meeting", "50", kinds=(Kind.INDIVIDUAL,)),
    ItemFacts("PARI", "Työparitapaaminen", "Träff i pararbete", "per_meeting", "50", kinds=(Kind.PAIR,)),
    ItemFacts(
        "VO", "Vastaanotto", "Mottagning", "per_hour", "26.26",
        kinds=(Kind.APPOINTMENT, Kind.WALK_IN), minimum=120, step=15,
    ),
    ItemFacts("RYH", "Ryhmänohjaus", "Grupphandledning", "per_hour", "25", kinds=(Kind.GROUP,), step=15),
    ItemFacts(
        "VALM", "Valmistelu, erikseen sovittu", "Förberedelse enligt avtal", "per_hour", "25",
        kinds=(Kind.GROUP,), purpose="preparation", step=15,
    ),
    ItemFacts(
        "LUE", "Luento tai koulutus", "Föreläsning eller utbildning", "per_event", "100", "214",
        (Kind.LECTURE,), amount_max="600",
    ),
    ItemFacts(
        "KEH1", "Kehittämistyö enintään 2 h", "Utvecklingsarbete högst 2 h", "by_duration", "55",
        kinds=(Kind.DEVELOPMENT,), over=0, up_to=120,
    ),
    ItemFacts(
        "KEH2", "Kehittämistyö 2–4 h", "Utvecklingsarbete 2–4 h", "by_duration", "110",
        kinds=(Kind.DEVELOPMENT,), over=120, up_to=240,
    ),
    ItemFacts(
        "KEH3", "Kehittämistyö yli 4 h", "Utvecklingsarbete över 4 h", "by_duration", "220",
        kinds=(Kind.DEVELOPMENT,), over=240,
    ),
    ItemFacts("KOK", "Kokouspalkkio", "Mötesarvode", "per_meeting", "50", "210", (Kind.MEETING,)),
    ItemFacts("KM", "Kilometrikorvaus", "Kilometerersättning", "per_km", "0.55", "311", purpose="travel"),
    ItemFacts(
        "ATE", "Ateriakorvaus", "Måltidsersättning", "per_meeting", "13.50", "303", purpose="travel", limit="meal",
    ),
    ItemFacts(
        "OPR", "Osapäiväraha", "Partiellt dagtraktamente", "per_meeting", "25", "331",
        purpose="travel", limit="part-day",
    ),
    ItemFacts(
        "KPR", "Kokopäiväraha", "Heldagtraktamente", "per_meeting", "54", "331", purpose="travel", limit="full-day",
    ),
)  # fmt: skip
