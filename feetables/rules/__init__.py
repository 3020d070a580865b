"""The fee engine: what one piece of work pays by the approved fee table (R4, R17, R22, R24).

Pure: no Django, no clock, no translated text. Amounts are Decimal euros. A line is multiplied first and rounded half up
to a cent once; a total is the sum of its lines. Durations are whole minutes. docs/fee-rules.md says the same in prose.
"""

from feetables.rules.amounts import CENT as CENT
from feetables.rules.amounts import HOUR_DECIMALS as HOUR_DECIMALS
from feetables.rules.amounts import MINUTES_IN_HOUR as MINUTES_IN_HOUR
from feetables.rules.amounts import WHOLE as WHOLE
from feetables.rules.amounts import ZERO as ZERO
from feetables.rules.amounts import FeeError as FeeError
from feetables.rules.amounts import hours as hours
from feetables.rules.amounts import percentage as percentage
from feetables.rules.amounts import raised as raised
from feetables.rules.amounts import round_cents as round_cents
from feetables.rules.amounts import share as share
from feetables.rules.amounts import total as total
from feetables.rules.brackets import bracket_faults as bracket_faults
from feetables.rules.brackets import choose as choose
from feetables.rules.engine import declined as declined
from feetables.rules.engine import event_amount as event_amount
from feetables.rules.engine import nothing as nothing
from feetables.rules.engine import price as price
from feetables.rules.engine import receipt as receipt
from feetables.rules.engine import travel as travel
from feetables.rules.prices import Price as Price
from feetables.rules.terms import SHARE as SHARE
from feetables.rules.terms import UNITS as UNITS
from feetables.rules.terms import Basis as Basis
from feetables.rules.terms import Fact as Fact
from feetables.rules.terms import Terms as Terms
from feetables.rules.terms import Unit as Unit
