"""Programs that are killed in the middle, and run again: `python3 tools/kills.py [--seconds N] [--model NAME] [--activity NAME]`.

A round takes a seed: on which model, under which Python, what the program does (tests/scenes/activity.py). It is killed at a
random moment, run again on the same module and killed again; the third run is left alone and must do its work. Exit status 1 with
the round's number when it does not. `--seed S --rounds 1` plays round S again.
"""

import argparse
import concurrent.futures
import contextlib
import json
import logging
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
from tests.net.test_tls_scenes import tls_server
from tests.rigs.network_peers import free_port, peers
from tests.rigs.scene_runner import data_server, pythons, scene_command, vmodem
from tests.rigs.service_content import content
from tests.rigs.service_servers import FtpServer, Pop3Server, SmtpServer, WebServer, certificate
from tests.rigs.tls_network import Authority, server_context

MODELS = {model.name: model for model in models.MODELS}
AT_ONCE = 3
SIZE = 12000  # of the page, as in the scene
_KILLS = 2
_MOMENTS_S = (0.15, 2.4)  # a program that is left alone takes about two seconds
_LAST_S = 150  # the run that is left alone may take so long: longer than anything a user would wait for
_COMMON = ("buffer", "push", "transparent", "upload", "server", "udp", "sleep", "baud rate")
_MAIL = b"From: a@a.example\r\nSubject: Hi\r\nDate: Mon, 1 Jan 2024 00:00:00 +0000\r\n\r\n" + b"a line of text\r\n" * 200


def activities(model):
    """Return what programs do on a model."""
    facts = MODELS[model]
    has_tls = facts.vendor == "simcom" or "tls" in facts.facts
    return _COMMON + (("tls", "tls push", "file") if has_tls else ()) + facts.facts.get("services", ())


def tls_port():
    """Run the data server behind TLS; yields its port."""
    return tls_server(server_context(Authority().issue("srv")))


@contextlib.contextmanager
def servers():
    """Run all servers that the programs need; yields their ports by name."""
    pem = certificate()
    page = {"/plain": content(SIZE)}
    with contextlib.ExitStack() as stack:
        enter = stack.enter_context
        yield {
            "data": enter(data_server()),
            "tls": enter(tls_port()),
            "peers": enter(peers()),
            "smtp": enter(SmtpServer()).port,
            "pop3": enter(Pop3Server(_MAIL)).port,
            "ftp": enter(FtpServer()).port,
            "ftps": enter(FtpServer(pem=pem)).port,
            "http": enter(WebServer(page)).port,
            "https": enter(WebServer(page, pem)).port,
        }


def plan(seed, model=None, activity=None, python=None):
    """Return (model, activity, Python, moments of the kills in seconds) of round `seed`."""
    rnd = random.Random(seed)
    model = model or rnd.choice(sorted(MODELS))
    activity = activity or rnd.choice(activities(model))
    return model, activity, python or rnd.choice(pythons()), [rnd.uniform(*_MOMENTS_S) for _ in range(_KILLS)]


def play(seed, ports, *choice, options=()):
    """Play a round; return (the plan as text, how many runs were killed, the last run's result, what went wrong).

    None: there is nothing.
    """
    model, activity, python, moments = plan(seed, *choice)
    text = "round %d: %s, %s, %s, killed after %s s" % (seed, model, activity, python, " and ".join("%.2f" % s for s in moments))
    ports = json.dumps(dict(ports, own=free_port()))
    killed = 0
    with vmodem("--baud", "115200", "--latency-ms", "2", *options, model=model) as device:
        for moment in [*moments, None]:
            command, environment = scene_command("activity", device, activity, ports, python=python)
            process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            try:
                said, _ = process.communicate(timeout=moment or _LAST_S)
            except subprocess.TimeoutExpired:
                process.kill()
                said, _ = process.communicate()
                if moment is None:
                    return text, killed, None, "the last run did not end\n" + said
                killed += 1
                continue
            last = said.strip().split("\n")[-1]
            found = json.loads(last[7:]) if last.startswith("RESULT ") else None
            if process.returncode or not found or not found["same"]:
                return text, killed, found, said
    return text, killed, found, None


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--seconds", type=float, default=120, help="how long to go on with new rounds")
    parser.add_argument("--rounds", type=int, default=None, help="at most so many rounds")
    parser.add_argument("--seed", type=int, default=1, help="the first round's number")
    parser.add_argument("--model", choices=sorted(MODELS), help="all rounds on this model")
    parser.add_argument("--activity", help="all rounds do this")
    parser.add_argument("--python", choices=pythons(), help="all rounds under this one")
    parser.add_argument("--each", action="store_true", help="a round for each model, activity and Python, instead of random ones")
    args = parser.parse_args()
    choices = [(args.model, args.activity, args.python)]
    if args.each:
        choices = [
            (model, activity, python)
            for model in ([args.model] if args.model else sorted(MODELS))
            for activity in ([args.activity] if args.activity else activities(model))
            for python in ([args.python] if args.python else pythons())
        ]
    logging.disable(logging.INFO)  # of the servers
    until = time.monotonic() + args.seconds
    rounds = args.rounds or (len(choices) if args.each else sys.maxsize)
    bad = done = kills = survived = 0
    longest = {}
    with servers() as ports, concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        n, running = 0, set()
        while running or (time.monotonic() < until and n < rounds):
            while len(running) < AT_ONCE and time.monotonic() < until and n < rounds:
                running.add(pool.submit(play, args.seed + n, ports, *choices[n % len(choices)]))
                n += 1
            finished, running = concurrent.futures.wait(running, return_when=concurrent.futures.FIRST_COMPLETED)
            for future in finished:
                text, killed, found, problem = future.result()
                done += 1
                kills += killed
                bad += problem is not None
                survived += killed if problem is None else 0
                if problem is None:
                    figures = "start %(start_s).1f s, connect %(connect_s).1f s, work %(work_s).1f s" % found
                    what = text.split(", ")[1]
                    longest[what] = max(longest.get(what, 0), found["start_s"] + found["connect_s"])
                print(text + "\n    " + (figures if problem is None else "PROBLEM " + problem), flush=True)
    for what, seconds in sorted(longest.items()):
        print("%-12s up again after %.1f s at most" % (what, seconds))
    print("%d rounds, %d of %d kills survived, %d rounds with problems" % (done, survived, kills, bad))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
