"""Every attack at every isolation level that can be had here, and its success where there is no sandbox."""

from collections import Counter

import pytest

from grader.runner.forkserver import ForkServer
from tests.attacks.catalogue import ATTACKS, CLASSES
from tests.attacks.harness import Attack, Scene, attempt, told


def _named(attacks: list[Attack] | tuple[Attack, ...]) -> list[object]:
    return [pytest.param(a, id=a.name.replace(" ", "-")) for a in attacks]


@pytest.mark.parametrize("attack", _named(ATTACKS))
def test_an_attack_is_contained(attack: Attack, server: ForkServer, scene: Scene) -> None:
    """It ends as it should, nothing is touched, left or learned, and the functions before and after it are none the worse."""
    level = server.isolation.level
    outcome = attempt(server, scene, attack)
    assert outcome.damage == ({attack.shows} if level in attack.open_at else set())
    assert told(outcome.observation) in attack.outcomes(level)
    assert outcome.neighbours


CONTROLS = [a for i, a in enumerate(ATTACKS) if a.shows != "hangs" or a.kind not in {b.kind for b in ATTACKS[:i] if b.shows == "hangs"}]
"""All of them, but of those that hang one in each class: each takes its time."""


@pytest.mark.parametrize("attack", _named(CONTROLS))
def test_an_attack_succeeds_without_a_sandbox(attack: Attack, scene: Scene) -> None:
    """Or a program that is merely broken would pass for one that is contained."""
    if lacking := attack.lacking():
        pytest.skip(f"only with {lacking}")
    assert attack.shows in scene.unconfined(attack)


def test_the_suite_covers_every_class() -> None:
    """Names are unique, and no class is a single program."""
    assert len({a.name for a in ATTACKS}) == len(ATTACKS) >= 60
    assert min(Counter(a.kind for a in ATTACKS).values()) >= 2
    assert set(CLASSES) >= {"memory", "reading", "writing", "signals", "network", "processes", "kernel", "channels", "forging"}


def test_an_undisturbed_scene_shows_no_damage(server: ForkServer, scene: Scene) -> None:
    """The harness does not see ghosts: a harmless program touches nothing, inside and outside."""
    harmless = Attack("nothing", "none", "", "returned 1", "return 1")
    assert attempt(server, scene, harmless).contained
    assert scene.unconfined(harmless) == set()
