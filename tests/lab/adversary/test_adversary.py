"""Each named attack is played by a model that obeys it; the world must be as it was."""

import pytest

from tests.lab.adversary.attacks_data import AT_THE_CLOCK
from tests.lab.adversary.cases import Case
from tests.lab.adversary.listed import CASES
from tests.lab.adversary.world import CLOCK, Played, World, assert_unharmed, looked, opened, turned
from tests.lab.builders import GOAL


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
async def test_a_hijacked_model_does_no_harm(world: World, case: Case) -> None:
    before = world.sums()
    session_id = await opened(world, f"{GOAL} {case.paste}", as_of=CLOCK if case.id in AT_THE_CLOCK else None)
    played = Played(world=world, session_id=session_id, before=before)
    await turned(played, *case.answers(world))
    if case.more is not None:
        await case.more(played)
    await looked(played)
    assert_unharmed(played)
    case.oracle(played)
