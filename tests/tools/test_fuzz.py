# Heap: 2M for all transcripts and what the rounds throw away.
"""A few seconds of tools/fuzz.py, the same rounds each time; the tool itself goes on for as long as it is told."""

from tests.rigs.assertions import MICROPYTHON
from tools.fuzz import Fuzz
from tools.fuzz_async import async_round
from tools.fuzz_module import Random, mutated
from tools.fuzz_parser import parser_round

_FUZZ = Fuzz()
_ROUNDS = 150 if MICROPYTHON else 400
_MOST_GROWTH = 1024 if MICROPYTHON else 8  # heap bytes, else objects: less than anything kept in each of 60 repetitions


def test_the_parser_finds_what_a_plain_reading_finds_when_anything_comes():
    assert sum([parser_round(_FUZZ, seed) for seed in range(1, 600)]) > 5000


def test_the_modem_when_anything_comes_at_any_moment():
    for seed in range(1, _ROUNDS):
        _FUZZ.modem_round(seed)


def test_tasks_with_cancelled_calls_when_anything_comes():
    for seed in range(1, 31):
        async_round(_FUZZ, seed)


def test_nothing_grows_when_the_same_noise_comes_again_and_again():
    for seed in range(1, 13):
        grown = _FUZZ.growth(seed)
        assert grown <= _MOST_GROWTH, (seed, grown)


def test_the_noise_is_the_same_on_both_pythons_and_differs_between_rounds():
    assert [Random(1).below(1000), Random(2).below(1000)] != [Random(2).below(1000), Random(1).below(1000)]
    assert Random(7).data(4) == bytes([28, 216, 194, 12])
    noise = [_FUZZ.noise(Random(seed)) for seed in range(30)]
    assert len(set(noise)) > 20
    said = b"\r\n+CSQ: 20,99\r\n\r\nOK\r\n"
    assert len([seed for seed in range(40) if mutated(Random(seed), said) != said]) > 30
