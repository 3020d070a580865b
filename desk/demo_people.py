"""The people, units and words of the demonstration office. All invented; addresses are of example.org."""

from dataclasses import dataclass, field

from office.kinds import TaskType as Kind

# --- service areas (R30) and units -----------------------------------------------------------------------------------

AREAS = (
    ("MIELI", "Mielenterveys- ja päihdepalvelut", "Mental- och missbrukarvården"),
    ("TYO", "Työikäisten palvelut", "Tjänster för personer i arbetsför ålder"),
    ("VAMMAIS", "Vammaispalvelut", "Funktionshinderservice"),
    ("LAPSI", "Lapsi- ja perhepalvelut", "Barn- och familjetjänster"),
    ("LASTENS", "Lastensuojelu", "Barnskyddet"),
    ("MAAHAN", "Maahanmuuttajapalvelut", "Invandrartjänster"),
    ("IKA", "Ikääntyneiden palvelut", "Tjänster för äldre"),
    ("KOLMAS", "Kolmas sektori", "Tredje sektorn"),
)

#: Experience topics (codes of experts.usual_topics) that the units of an area ask for.
AREA_TOPICS = {
    "MIELI": ("depression", "anxiety", "substance", "bipolar", "psychosis", "eating"),
    "TYO": ("depression", "gambling", "adhd", "substance"),
    "VAMMAIS": ("disability", "autism", "adhd"),
    "LAPSI": ("relative", "adhd", "autism", "eating"),
    "LASTENS": ("child-protection", "relative", "substance"),
    "MAAHAN": ("immigration", "anxiety"),
    "IKA": ("ageing", "relative", "depression"),
    "KOLMAS": ("substance", "depression", "gambling", "relative"),
}


@dataclass(frozen=True)
class UnitFacts:
    """A unit with its people: (first name, last name, language). ``languages`` are those of its work."""

    code: str
    area: str
    name_fi: str
    name_sv: str
    cost_centre: str
    place: str
    budget: int
    named: tuple[str, str, str]
    deputy: tuple[str, str, str]
    staff: tuple[tuple[str, str, str], ...]
    languages: tuple[str, ...]
    kinds: tuple[Kind, ...]


UNITS = (
    UnitFacts(
        "101", "MIELI", "Mielenterveysasema Tuulikello, Porvoo", "Psykiatriska mottagningen Vindklockan, Borgå",
        "43101", "Tuulikellonpolku 4, Porvoo", 16000,
        ("Marjukka", "Honkavaara", "fi"), ("Jari", "Kettula", "fi"),
        (("Sanna", "Mäkirinne", "fi"), ("Emilia", "Storgård", "sv")),
        ("fi", "fi", "sv"), (Kind.INDIVIDUAL, Kind.GROUP, Kind.APPOINTMENT, Kind.PAIR, Kind.LECTURE),
    ),
    UnitFacts(
        "102", "MIELI", "Päihdeklinikka Käännekohta, Porvoo", "Beroendekliniken Vändpunkten, Borgå",
        "43102", "Käännekuja 1, Porvoo", 14000,
        ("Camilla", "Nygrén", "sv"), ("Petteri", "Louhela", "fi"),
        (("Fredrik", "Backlund", "sv"), ("Outi", "Rantasuo", "fi")),
        ("sv", "fi"), (Kind.INDIVIDUAL, Kind.WALK_IN, Kind.GROUP, Kind.DEVELOPMENT),
    ),
    UnitFacts(
        "103", "MIELI", "Päivätoiminta Majakka, Loviisa", "Dagverksamheten Fyren, Lovisa",
        "43103", "Majakkalaituri 2, Loviisa", 9500,
        ("Benita", "Söderlind", "sv"), ("Kaarina", "Yli-Mattila", "fi"), (("Joakim", "Öström", "sv"),),
        ("sv", "fi"), (Kind.GROUP, Kind.INDIVIDUAL, Kind.MEETING),
    ),
    UnitFacts(
        "104", "MIELI", "Psykiatrinen kotikuntoutus, Sipoo", "Psykiatrisk hemrehabilitering, Sibbo",
        "43104", "Kuusirinne 8, Sipoo", 8000,
        ("Tuomas", "Ahokallio", "fi"), ("Ulrika", "Westergård", "sv"), (("Niina", "Pellonperä", "fi"),),
        ("fi", "sv"), (Kind.INDIVIDUAL, Kind.PAIR),
    ),
    UnitFacts(
        "201", "TYO", "Aikuissosiaalityö, itäinen tiimi", "Vuxensocialarbete, östra teamet",
        "43201", "Torikulma 5, Loviisa", 9000,
        ("Hannele", "Vesanto", "fi"), ("Markus", "Lindvall", "sv"), (("Antti", "Koivuranta", "fi"),),
        ("fi", "sv"), (Kind.INDIVIDUAL, Kind.APPOINTMENT, Kind.DEVELOPMENT),
    ),
    UnitFacts(
        "202", "TYO", "Työllistymisen tuki Polku", "Sysselsättningsstödet Stigen",
        "43202", "Polkutie 11, Porvoo", 6500,
        ("Sirkku", "Hietamäki", "fi"), ("Ville", "Tammelin", "fi"), (("Jenna", "Aaltovirta", "fi"),),
        ("fi",), (Kind.GROUP, Kind.LECTURE, Kind.INDIVIDUAL),
    ),
    UnitFacts(
        "301", "VAMMAIS", "Vammaispalvelujen neuvonta", "Rådgivning inom funktionshinderservice",
        "43301", "Ratapolku 3, Porvoo", 7000,
        ("Anna-Lena", "Holmqvist", "sv"), ("Reijo", "Suokas", "fi"), (("Minttu", "Salmiranta", "fi"),),
        ("fi", "sv"), (Kind.APPOINTMENT, Kind.MEETING, Kind.LECTURE),
    ),
    UnitFacts(
        "401", "LAPSI", "Perhekeskus Kielo, Sipoo", "Familjecentret Konvaljen, Sibbo",
        "43401", "Kielotie 6, Sipoo", 8500,
        ("Elina", "Raivio-Holm", "fi"), ("Pia", "Forsblad", "sv"), (("Katriina", "Nevala", "fi"),),
        ("fi", "sv"), (Kind.PAIR, Kind.GROUP, Kind.LECTURE),
    ),
    UnitFacts(
        "501", "LASTENS", "Lastensuojelun avopalvelut", "Barnskyddets öppna tjänster",
        "43501", "Vaahteramäki 2, Porvoo", 9000,
        ("Johanna", "Sarkola", "fi"), ("Erik", "Nordgren", "sv"), (("Susanna", "Kivistö", "fi"),),
        ("fi", "sv"), (Kind.PAIR, Kind.INDIVIDUAL, Kind.DEVELOPMENT),
    ),
    UnitFacts(
        "601", "MAAHAN", "Maahanmuuttajien neuvontapiste", "Rådgivningspunkten för invandrare",
        "43601", "Satamakatu 14, Porvoo", 6000,
        ("Leena", "Haapakoski", "fi"), ("Hassan", "Karimi", "fi"), (("Tove", "Engblom", "sv"),),
        ("ar", "ru", "fi", "so"), (Kind.WALK_IN, Kind.GROUP, Kind.INDIVIDUAL),
    ),
    UnitFacts(
        "701", "IKA", "Ikäneuvola Syyslehti", "Seniorrådgivningen Höstlövet",
        "43701", "Lehtipolku 9, Loviisa", 5000,
        ("Riikka", "Sandelius", "fi"), ("Göran", "Ekholm", "sv"), (("Paula", "Vainikka", "fi"),),
        ("fi", "sv"), (Kind.GROUP, Kind.INDIVIDUAL, Kind.MEETING),
    ),
    UnitFacts(
        "801", "KOLMAS", "Kohtaamispaikka Olohuone", "Mötesplatsen Vardagsrummet",
        "43801", "Kirkkotori 1, Porvoo", 4000,
        ("Mirva", "Laaksovirta", "fi"), ("Daniel", "Sjöholm", "sv"), (("Heidi", "Karppanen", "fi"),),
        ("fi", "sv"), (Kind.WALK_IN, Kind.GROUP),
    ),
)  # fmt: skip

COORDINATOR = ("Helena", "Salokannel", "fi")
FINANCE = ("Merja", "Vuorikoski", "fi")
SUPERVISORS = (("Kristian", "Hagelstam", "sv"), ("Tuulikki", "Ojaranta", "fi"))

# --- experts ---------------------------------------------------------------------------------------------------------

ALL = tuple(Kind)
CLIENTS = (Kind.INDIVIDUAL, Kind.PAIR, Kind.APPOINTMENT, Kind.WALK_IN)
GROUPS = (Kind.GROUP, Kind.WALK_IN, Kind.MEETING)
TEACHES = (Kind.LECTURE, Kind.DEVELOPMENT, Kind.MEETING)


@dataclass(frozen=True)
class ExpertFacts:
    """``languages`` are those of the work, the first is the contact language when it is fi, sv or en."""

    first: str
    last: str
    languages: tuple[str, ...]
    topics: tuple[str, ...]
    municipality: str
    kinds: tuple[Kind, ...] = ALL
    contact: str = ""
    has_account: bool = True
    hidden: tuple[str, ...] = field(default=())  # topics that units may not see

    @property
    def language(self) -> str:
        return self.contact or next(code for code in self.languages if code in {"fi", "sv", "en"})


EXPERTS = (
    ExpertFacts("Tero", "Lehtimaa", ("fi", "en"), ("substance", "depression"), "Porvoo"),
    ExpertFacts("Ann-Sofi", "Grönvik", ("sv", "fi"), ("depression", "anxiety", "eating"), "Porvoo", hidden=("eating",)),
    ExpertFacts("Riikka", "Sandelius", ("fi", "sv"), ("relative", "anxiety"), "Loviisa", (*CLIENTS, Kind.GROUP)),
    ExpertFacts("Pekka", "Aavikkola", ("fi",), ("substance", "gambling"), "Sipoo"),
    ExpertFacts("Mirjami", "Kaukovaara", ("fi", "sv"), ("bipolar",), "Porvoo"),
    ExpertFacts("Jonas", "Lindroth", ("sv", "en"), ("substance",), "Loviisa"),
    ExpertFacts("Sari", "Hiltuvaara", ("fi",), ("psychosis", "depression"), "Porvoo", (*CLIENTS, *GROUPS)),
    ExpertFacts("Markku", "Salojärvi", ("fi",), ("depression", "ageing"), "Askola"),
    ExpertFacts("Gunilla", "Björkman", ("sv", "fi"), ("relative", "ageing"), "Loviisa"),
    ExpertFacts("Kimmo", "Ruohola", ("fi", "en"), ("adhd", "substance"), "Porvoo"),
    ExpertFacts("Nadia", "Haddad", ("ar", "fi", "en"), ("immigration",), "Porvoo", (*CLIENTS, *GROUPS)),
    ExpertFacts("Ilja", "Morozov", ("ru", "fi"), ("immigration", "anxiety"), "Porvoo", (*CLIENTS, *GROUPS)),
    ExpertFacts("Hodan", "Warsame", ("so", "fi", "en"), ("immigration",), "Sipoo", (*CLIENTS, *GROUPS), contact="fi"),
    ExpertFacts("Eeva-Liisa", "Pihlainen", ("fi",), ("ageing", "relative"), "Loviisa", has_account=False),
    ExpertFacts("Mikael", "Ståhlberg", ("sv", "fi"), ("disability",), "Porvoo"),
    ExpertFacts("Tiina", "Koivusalo", ("fi",), ("disability", "autism"), "Porvoo", (Kind.APPOINTMENT, *TEACHES)),
    ExpertFacts("Jaana", "Viitasaari", ("fi", "fsl"), ("disability",), "Sipoo", (Kind.APPOINTMENT, *TEACHES)),
    ExpertFacts("Robin", "Åkerlund", ("sv", "en"), ("adhd", "autism"), "Sipoo"),
    ExpertFacts("Henna", "Takkula", ("fi",), ("child-protection", "depression"), "Porvoo"),
    ExpertFacts("Jussi", "Mäntylahti", ("fi",), ("child-protection",), "Lapinjärvi", (*CLIENTS, Kind.DEVELOPMENT)),
    ExpertFacts("Carina", "Sundvall", ("sv", "fi"), ("child-protection", "relative"), "Loviisa"),
    ExpertFacts("Oona", "Rekola", ("fi", "en"), ("eating", "anxiety"), "Porvoo", hidden=("anxiety",)),
    ExpertFacts("Sebastian", "Lönnberg", ("sv",), ("bipolar", "depression"), "Loviisa"),
    ExpertFacts("Aino", "Karhumäki", ("fi",), ("relative",), "Sipoo", (Kind.PAIR, Kind.GROUP, Kind.LECTURE)),
    ExpertFacts("Raimo", "Heinäaho", ("fi",), ("gambling", "substance"), "Porvoo", has_account=False),
    ExpertFacts("Linda", "Wickström", ("sv", "fi"), ("anxiety", "adhd"), "Porvoo"),
    ExpertFacts("Petra", "Niemenmaa", ("fi",), ("depression",), "Myrskylä"),
    ExpertFacts("Olavi", "Suvisaari", ("fi",), ("ageing",), "Pukkila", (Kind.GROUP, Kind.INDIVIDUAL, Kind.MEETING)),
    ExpertFacts("Iina", "Vuolukka", ("fi", "se"), ("depression", "child-protection"), "Porvoo"),
    ExpertFacts("Kaj", "Renfors", ("sv", "fi"), ("substance", "relative"), "Sipoo"),
    ExpertFacts("Maija", "Tervakoski", ("fi",), ("psychosis",), "Loviisa", (*CLIENTS, Kind.GROUP)),
    ExpertFacts("Olena", "Kovalenko", ("uk", "ru", "fi"), ("immigration",), "Porvoo", (*CLIENTS, *GROUPS)),
    ExpertFacts("Joni", "Ylitörmä", ("fi",), ("adhd", "gambling"), "Porvoo"),
    ExpertFacts("Stina", "Hollmén", ("sv",), ("ageing", "depression"), "Loviisa", (Kind.GROUP, Kind.INDIVIDUAL)),
    ExpertFacts("Veli-Matti", "Kankare", ("fi",), ("substance",), "Askola", has_account=False),
    ExpertFacts("Saga", "Enqvist", ("sv", "fi", "en"), ("eating",), "Porvoo"),
)

INTRODUCTIONS = (
    (
        "Oma toipumiseni alkoi, kun joku kuunteli kiireettä. Sitä haluan tarjota muille.",
        "Min egen återhämtning började när någon lyssnade utan brådska. Det vill jag ge andra.",
    ),
    (
        "Olen tottunut puhumaan ryhmille ja pidän siitä, että kaikki saavat äänensä kuuluviin.",
        "Jag är van att tala för grupper och tycker om när allas röst hörs.",
    ),
    (
        "Tunnen palvelut asiakkaan paikalta. Kerron mielelläni, mikä auttoi ja mikä ei.",
        "Jag känner vården från klientens plats. Jag berättar gärna vad som hjälpte och vad som inte gjorde det.",
    ),
    (
        "Arki on minulle tärkeää: kävely, ruoka, uni. Niistä rakensin oman toipumiseni.",
        "Vardagen är viktig för mig: promenader, mat, sömn. Av dem byggde jag min återhämtning.",
    ),
    (
        "Huumori kantaa vaikeissakin asioissa. Kohtaan ihmisen ihmisenä.",
        "Humor bär också i svåra saker. Jag möter människan som människa.",
    ),
    (
        "Olen mukana kehittämässä palveluja, jotta seuraavan olisi helpompi hakea apua.",
        "Jag är med och utvecklar tjänsterna, så att nästa person lättare söker hjälp.",
    ),
)

TRAINING = (
    "Kokemusasiantuntijakoulutus 2022", "Kokemusasiantuntijakoulutus 2023", "Erfarenhetsexpertutbildning 2023",
    "Kokemusasiantuntijakoulutus 2024", "Vertaisohjaajakoulutus 2021, kokemusasiantuntijakoulutus 2024",
)  # fmt: skip

# --- what is ordered -------------------------------------------------------------------------------------------------

#: Tasks in one sentence, in the language of the order (Finnish for others), by kind of work.
TASKS: dict[Kind, tuple[tuple[str, str], ...]] = {
    Kind.INDIVIDUAL: (
        ("Tukea arjen rytmin löytämiseen", "Stöd för att hitta en rytm i vardagen"),
        ("Keskusteluja toipumisesta ja toivosta", "Samtal om återhämtning och hopp"),
        ("Rohkaisua palveluun hakeutumiseen", "Uppmuntran att söka sig till vården"),
        ("Tukea raittiuden ensimmäisiin kuukausiin", "Stöd under nykterhetens första månader"),
        ("Omien vahvuuksien etsimistä yhdessä", "Att tillsammans hitta de egna styrkorna"),
    ),
    Kind.PAIR: (
        ("Tapaamisia yhdessä omatyöntekijän kanssa", "Träffar tillsammans med egenarbetaren"),
        ("Kotikäynti yhdessä perhetyöntekijän kanssa", "Hembesök tillsammans med familjearbetaren"),
        ("Suunnitelman teko asiakkaan ja työntekijän kanssa", "Att göra upp en plan med klienten och den anställda"),
    ),
    Kind.GROUP: (
        ("Toivo-ryhmän ohjaus", "Ledning av gruppen Hopp"),
        ("Vertaisryhmä läheisille", "Kamratstödsgrupp för närstående"),
        ("Keskusteluryhmä: mikä auttaa arjessa", "Samtalsgrupp: vad hjälper i vardagen"),
        ("Kävelyryhmä ja keskustelu", "Promenadgrupp med samtal"),
    ),
    Kind.LECTURE: (
        ("Luento henkilöstölle: miltä hoitoon tulo tuntui", "Föreläsning för personalen: att komma till vården"),
        ("Puheenvuoro omaisten illassa", "Anförande på anhörigkvällen"),
        ("Koulutus uusille työntekijöille kohtaamisesta", "Utbildning för nya anställda om bemötande"),
    ),
    Kind.DEVELOPMENT: (
        ("Asiakaskirjeiden selkeyttäminen työpajassa", "Att göra klientbreven tydligare i en workshop"),
        ("Palvelupolun arviointi työryhmän kanssa", "Utvärdering av servicestigen med arbetsgruppen"),
        ("Uuden vastaanottotilan suunnittelu", "Planering av det nya mottagningsrummet"),
    ),
    Kind.APPOINTMENT: (
        ("Kokemusasiantuntijan vastaanotto ajanvarauksella", "Erfarenhetsexpertens mottagning med tidsbokning"),
        ("Vastaanotto ensikäynnillä oleville", "Mottagning för dem som är på första besök"),
    ),
    Kind.WALK_IN: (
        ("Avoin vastaanotto aulassa", "Öppen mottagning i aulan"),
        ("Avoimet ovet: tule juttelemaan", "Öppet hus: kom och prata"),
    ),
    Kind.MEETING: (
        ("Asiakasraadin kokous", "Klientrådets möte"),
        ("Yhteiskehittämisen kokous", "Möte för medskapande"),
    ),
}  # fmt: skip

#: How long a session of the kind lasts (minutes), and how many belong to an order.
LENGTHS = {
    Kind.INDIVIDUAL: (60, 60, 90),
    Kind.PAIR: (60, 90),
    Kind.GROUP: (90, 120),
    Kind.LECTURE: (60, 90),
    Kind.DEVELOPMENT: (120, 180, 270),
    Kind.APPOINTMENT: (120, 180),
    Kind.WALK_IN: (90, 120, 180),
    Kind.MEETING: (90, 120),
}
TIMES = {
    Kind.INDIVIDUAL: (1, 2, 3), Kind.PAIR: (1, 2), Kind.GROUP: (3, 4), Kind.LECTURE: (1,), Kind.DEVELOPMENT: (1,),
    Kind.APPOINTMENT: (2, 3), Kind.WALK_IN: (2, 3), Kind.MEETING: (1,),
}  # fmt: skip

CHANGES = (
    ("Keskustelu jatkui sovittua pidempään", "Samtalet fortsatte längre än avtalat"),
    ("Aloitettiin myöhemmin, koska tila oli varattu", "Vi började senare, eftersom rummet var upptaget"),
)
USED_FOR = (
    ("Valmisteltiin seuraavaa ryhmää työntekijän kanssa", "Vi förberedde nästa grupp med den anställda"),
    ("Tutustuttiin yksikön esitteisiin ja annettiin palautetta", "Vi gick igenom enhetens broschyrer och gav respons"),
)
WISHES = (
    ("Mieluiten joku, joka on ohjannut ryhmiä", "Gärna någon som har lett grupper"),
    ("Toivomme ruotsinkielistä iltapäiviksi", "Vi önskar någon svenskspråkig för eftermiddagarna"),
)
RETURNS = (
    ("Tarkista kellonajat", "Kontrollera klockslagen"),
    ("Meidän kalenterissamme tapaaminen loppui klo 11.30", "I vår kalender slutade träffen kl. 11.30"),
)

# --- supervision -----------------------------------------------------------------------------------------------------

#: (Finnish, Swedish, supervisor's place in SUPERVISORS, language, place)
SUPERVISION = (
    ("Työnohjausryhmä, Porvoo", "Handledningsgruppen, Borgå", 1, "fi", "Kirjaston ryhmähuone, Porvoo"),
    ("Svenska handledningsgruppen", "Svenska handledningsgruppen", 0, "sv", "Fyrens mötesrum, Lovisa"),
    ("Etätyönohjaus", "Handledning på distans", 1, "fi", "Etänä / på distans"),
)
