"""The topics and areas an office begins with. The coordinator keeps the lists afterwards."""

from experts.models import Area, Topic, TopicGroup

#: (Finnish, Swedish, topics as (code, Finnish, Swedish)); the groups in the office's order.
USUAL_GROUPS = (
    (
        "Mielenterveys",
        "Psykisk hälsa",
        (
            ("anxiety", "Ahdistus", "Ångest"),
            ("bipolar", "Kaksisuuntainen mielialahäiriö", "Bipolär sjukdom"),
            ("depression", "Masennus", "Depression"),
            ("psychosis", "Psykoosi", "Psykos"),
            ("eating", "Syömishäiriö", "Ätstörning"),
        ),
    ),
    (
        "Riippuvuudet",
        "Beroenden",
        (("gambling", "Peliriippuvuus", "Spelberoende"), ("substance", "Päihderiippuvuus", "Missbruk och beroende")),
    ),
    (
        "Neuropsykiatria",
        "Neuropsykiatri",
        (("adhd", "ADHD", "adhd"), ("autism", "Autismin kirjo", "Autismspektrum")),
    ),
    (
        "Perhe ja läheiset",
        "Familj och närstående",
        (("child-protection", "Lastensuojelu", "Barnskydd"), ("relative", "Läheisen sairaus", "Närståendes sjukdom")),
    ),
    (
        "Elämäntilanne ja toimintakyky",
        "Livssituation och funktionsförmåga",
        (
            ("ageing", "Ikääntyminen", "Åldrande"),
            ("immigration", "Maahanmuutto", "Invandring"),
            ("disability", "Vammaisuus", "Funktionsnedsättning"),
        ),
    ),
)
USUAL_TOPICS = tuple(topic for _fi, _sv, topics in USUAL_GROUPS for topic in topics)

#: The municipalities of the reference county, (Finnish, Swedish).
USUAL_AREAS = (
    ("Askola", "Askola"),
    ("Lapinjärvi", "Lappträsk"),
    ("Loviisa", "Lovisa"),
    ("Myrskylä", "Mörskom"),
    ("Porvoo", "Borgå"),
    ("Pukkila", "Pukkila"),
    ("Sipoo", "Sibbo"),
)


def load_usual() -> None:
    """Writes the lists that are still empty; a list that somebody has begun is left as it is."""
    if not Topic.objects.exists():
        for place, (name_fi, name_sv, topics) in enumerate(USUAL_GROUPS, 1):
            group, _made = TopicGroup.objects.get_or_create(
                name_fi=name_fi, defaults={"name_sv": name_sv, "place": 10 * place}
            )
            Topic.objects.bulk_create(Topic(code=code, name_fi=fi, name_sv=sv, group=group) for code, fi, sv in topics)
    if not Area.objects.exists():
        Area.objects.bulk_create(Area(name_fi=fi, name_sv=sv) for fi, sv in USUAL_AREAS)
