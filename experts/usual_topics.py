"""The topics an office begins with, (code, Finnish, Swedish). The coordinator keeps the list afterwards."""

USUAL_TOPICS = (
    ("adhd", "ADHD", "adhd"),
    ("anxiety", "Ahdistus", "Ångest"),
    ("autism", "Autismin kirjo", "Autismspektrum"),
    ("ageing", "Ikääntyminen", "Åldrande"),
    ("bipolar", "Kaksisuuntainen mielialahäiriö", "Bipolär sjukdom"),
    ("relative", "Läheisen sairaus", "Närståendes sjukdom"),
    ("child-protection", "Lastensuojelu", "Barnskydd"),
    ("immigration", "Maahanmuutto", "Invandring"),
    ("depression", "Masennus", "Depression"),
    ("gambling", "Peliriippuvuus", "Spelberoende"),
    ("psychosis", "Psykoosi", "Psykos"),
    ("substance", "Päihderiippuvuus", "Missbruk och beroende"),
    ("eating", "Syömishäiriö", "Ätstörning"),
    ("disability", "Vammaisuus", "Funktionsnedsättning"),
)
