"""Random programs over virtual modems with random faults: `python3 tools/soak.py [--seconds N] [--model NAME] [--seed S]`.

A round takes a seed: which model, which faults and pacing, which Python, sync or asyncio, and what the program does
(tests/scenes/soak.py) follow from it. `--seed S --rounds 1` plays round S again. What must hold, whatever fails: no exception but
the driver's own, data exact or a named error, every call within its time-out, the modem usable at the end. Exit status 1 with the
round's number and its faults when something else happened. Faults that no driver can notice (changed bytes, bytes lost in direct
push) are left out.
"""

import argparse
import concurrent.futures
import pathlib
import random
import subprocess
import sys
import time

if __name__ == "__main__":
    sys.path[0] = str(pathlib.Path(__file__).resolve().parent)
    import _setup

    _setup.enter()

from modem import models
from tests.rigs.scene_runner import data_server, pythons, run_scene, vmodem

MODELS = tuple(model.name for model in models.MODELS)
AT_ONCE = 4  # rounds are mostly waiting


def plan(seed, model=None):
    """Return (model, Python, flavour, options of the virtual modem) of round `seed`."""
    rnd = random.Random(seed)
    model = model or rnd.choice(MODELS)
    faults = {
        "fragment:max=%d,gap_ms=0" % rnd.choice((1, 7, 60)): 0.5,
        "same-prefix:every=%d" % rnd.randrange(2, 8): 0.4,
        "storm:ms=%d,n=3" % rnd.choice((20, 200)): 0.3,
        "late:p=0.02,ms=%d" % rnd.choice((300, 1500, 4000)): 0.4,
        "delay:p=0.05,ms=%d" % rnd.choice((50, 700)): 0.3,
        "busy:p=0.02": 0.2,
        "send-fail:p=0.05": 0.3,
        "stall:every=%d,ms=%d" % (rnd.randrange(3000, 30000), rnd.choice((300, 2000))): 0.2,
        "close:after=%d" % rnd.randrange(1000, 40000): 0.3,
        "context-loss:after=%d" % rnd.randrange(1000, 40000): 0.3,
        "reboot:after=%d,down_ms=%d" % (rnd.randrange(1000, 40000), rnd.choice((200, 1500))): 0.3,
        "reboot:at=%d,down_ms=500" % rnd.randrange(1, 8): 0.1,
    }
    options = [word for fault, share in faults.items() if rnd.random() < share for word in ("--fault", fault)]
    if rnd.random() < 0.4:
        options += ["--baud", rnd.choice(("115200", "921600")), "--latency-ms", str(rnd.choice((0, 5)))]
    return model, rnd.choice(pythons()), rnd.choice(("sync", "async")), [*options, "--seed", str(seed)]


def play(seed, seconds, model=None, options=None, slack_s=6):
    """Play a round; return (the plan as text, result or None, what went wrong as a list).

    `options`: for the virtual modem, instead of the planned ones. `slack_s`: how much longer than its time-out a call may take.
    """
    model, python, flavour, planned = plan(seed, model)
    options = planned if options is None else options
    text = "round %d: %s, %s, %s, %s" % (seed, model, python, flavour, " ".join(options))
    try:
        with data_server() as port, vmodem(*options, model=model) as device:
            found = run_scene("soak", device, flavour, port, seed, seconds, slack_s, python=python, timeout_s=seconds + 300)
    except (AssertionError, subprocess.TimeoutExpired) as error:
        return text, None, [str(error)]
    return text, found, found["problems"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--seconds", type=float, default=120, help="how long to go on with new rounds")
    parser.add_argument("--round-seconds", type=float, default=10, help="how long one round's program acts")
    parser.add_argument("--rounds", type=int, default=None, help="at most so many rounds")
    parser.add_argument("--seed", type=int, default=1, help="the first round's number")
    parser.add_argument("--model", choices=MODELS, help="all rounds on this model")
    args = parser.parse_args()
    until = time.monotonic() + args.seconds
    bad = done = 0
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        seed, running = args.seed, set()
        while running or (time.monotonic() < until and (args.rounds is None or seed < args.seed + args.rounds)):
            while len(running) < AT_ONCE and time.monotonic() < until and seed - args.seed < (args.rounds or seed):
                running.add(pool.submit(play, seed, args.round_seconds, args.model))
                seed += 1
            finished, running = concurrent.futures.wait(running, return_when=concurrent.futures.FIRST_COMPLETED)
            for future in finished:
                text, found, problems = future.result()
                done += 1
                bad += bool(problems)
                figures = "" if found is None else "%d calls, %d bytes, %s" % (found["acts"], found["nbytes"], found["errors"])
                print(text, "\n    " + figures, *["\n    PROBLEM " + problem for problem in problems], flush=True)
    print("%d rounds, %d of them with problems" % (done, bad))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
