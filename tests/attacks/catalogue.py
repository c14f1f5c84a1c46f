"""All attacks."""

from tests.attacks.harness import Attack
from tests.attacks.programs import escaping, exhausting, forging, looking, touching

ATTACKS: tuple[Attack, ...] = (
    *looking.ATTACKS, *touching.ATTACKS, *escaping.ATTACKS, *exhausting.ATTACKS, *forging.ATTACKS,
)
CLASSES = tuple(dict.fromkeys(a.kind for a in ATTACKS))
