# CPython only: the driver and the virtual modem run on simulated time.
"""A supervisor in breakdowns of a hundred minutes: up again in a stated time, with no more restarts than the documents allow."""

import pytest

from tools.simulation.outages import BACK_S, OUTAGES, Story


@pytest.mark.parametrize("name", OUTAGES)
@pytest.mark.parametrize("model", ["ec600e", "a76xx"])
def test_a_supervisor_is_up_again_soon_after_the_cause_is_gone(model, name):
    story = Story(model, name)
    assert story.violations == []
    assert story.seconds <= BACK_S
    assert story.restarts <= story.most
