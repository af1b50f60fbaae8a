# CPython only: the virtual modem needs asyncio's sockets and clocks.
"""Mutated commands, a little of them (`python -m tests.rigs.command_fuzz` has more): no traceback, no hang, memory flat."""

import gc
import sys

from tests.rigs.command_fuzz import Fuzz
from tools.vmodem.models import MODELS

STEPS = 300


def test_modules_when_commands_are_mutated():
    for model in MODELS:
        Fuzz(model, seed=1).run(STEPS)


def test_commands_with_nasty_values_in_every_place():
    for model in ("bg96", "a76xx", "sim7100"):
        Fuzz(model, seed=0).sweep()


def test_memory_when_commands_are_mutated():
    for model in ("bg96", "sim7100"):
        fuzz = Fuzz(model, seed=2)
        blocks = []
        for _ in range(6):
            fuzz.run(STEPS)
            gc.collect()
            blocks.append(sys.getallocatedblocks())
        assert max(blocks[3:]) - blocks[2] < 2000, blocks
