# CPython only: it starts the virtual modem and both Pythons.
"""Each habit in which SIMCom firmwares differ (the virtual modem's quirks): the driver gets along with every one, on both Pythons."""

import concurrent.futures
import contextlib
import json
import pathlib
import socket
import tempfile

from tests.peers import free_port, peers
from tests.rig import data_server, pythons, run_scene, vmodem
from tests.test_tls_scenes import LIVE, NOW, Authority, server_context, tls_server
from tools.vmodem.models import MODELS

CUT = ("--fault", "fragment:max=100,gap_ms=0", "--host", "two.test=127.0.0.1", "--host", "two.test=127.0.0.2")
DATA = ("buffer", "push", "udp", "udp_push", "listener", "tls")
# quirk -> {value: parts of the scene in which it shows}
HABITS = {
    "accept-index": {"next": ("listener",)},
    "boot": dict.fromkeys(("isimaid", "pb-first", "no-pb", "rdy", "flapping"), ("reboot",)),
    "busy-servers": {"stopped": ("listener",)},
    "cch-order": {"result-first": ("tls",)},
    "cipccfg": {"old": ("buffer", "push", "udp"), "missing": ("buffer", "push_one", "udp")},
    "clock": {"unset": ("tls",)},
    "closed": dict.fromkeys(("after-ipclose", "missing"), ("transparent",)),
    # no "udp" with an echo that cannot be switched off: some of its datagrams look like the module's answers
    "dataecho": {"on": DATA, "fixed": ("buffer", "push", "tls")},
    "dns-index": {"always-1": ("names",)},
    "header": dict.fromkeys(("plus", "blank"), ("push", "udp_push")),
    "ipaddr-error": {"ipaddr": ("buffer",)},
    "links-above-0": {"allowed": ("transparent", "buffer")},
    "netclose": dict.fromkeys(("silent", "refuses"), ("buffer", "push", "transparent")),
    "order": dict.fromkeys(("result-first", "ok-first", "swapped"), (*DATA, "transparent")),
    "prompt": {"blank": DATA},
    "rxget-source": {"unknown": ("buffer", "udp")},
    "rxget-urc": {"repeated": ("buffer", "udp", "listener")},
    "send-result": {"before-ok": DATA},
    "udp-closed": {"yes": ("transparent",)},
    "urc-crlf": dict.fromkeys(("after", "doubled"), (*DATA, "transparent")),
}
# two habits that meet
MEETING = (
    (("header=plus", "cipccfg=missing"), ("push_one",)),
    (("header=blank", "cipccfg=missing"), ("push_one",)),
    (("order=swapped", "send-result=before-ok", "prompt=blank", "urc-crlf=doubled", "dataecho=on"), DATA),
)


@contextlib.contextmanager
def _world():
    """Yield what the scene's plan says about this side."""
    authority = Authority(starts=NOW - 8640000, ends=NOW + 8640000)
    context = server_context(authority.issue("good.test", **LIVE))
    with tempfile.TemporaryDirectory() as folder, data_server() as data, peers() as control, tls_server(context) as tls:
        ca = pathlib.Path(folder) / "ca.pem"
        ca.write_bytes(authority.pem)
        yield {"data": data, "peers": control, "tls": tls, "ca": str(ca), "folder": folder}


def _play(model, cases):
    """Play (quirks, parts) each on every Python, sync and asyncio in turn."""

    def scene(number, python, quirks, parts):
        own = free_port(), free_port(socket.SOCK_DGRAM)
        plan = pathlib.Path(world["folder"]) / ("%d.json" % number)
        plan.write_text(json.dumps({**world, "parts": parts, "own": own, "senders": "rxget-source=unknown" not in quirks}))
        options = [word for quirk in quirks for word in ("--quirk", quirk)]
        with vmodem("--host", "good.test=127.0.0.1", *CUT, *options, model=model) as device:
            found = run_scene("habits", device, ("sync", "async")[number // 2 % 2], plan, python=python, timeout_s=60)
        return quirks, python, found, parts

    runs = [(python, quirks, parts) for quirks, parts in cases for python in pythons()]
    with _world() as world, concurrent.futures.ThreadPoolExecutor(6) as pool:
        for quirks, python, found, parts in pool.map(scene, range(len(runs)), *zip(*runs)):
            assert found.pop("rssi") == [] and sorted(found) == sorted(parts), (quirks, python, found)
            assert not any(found.values()), (quirks, python, found)


def _habits(*names):
    return [(["%s=%s" % (name, value)], parts) for name in names for value, parts in HABITS[name].items()]


def test_every_value_of_every_quirk_is_played():
    options = MODELS["a76xx"].options
    assert {name: set(values[1:]) for name, (values, _) in options.items()} == {name: set(v) for name, v in HABITS.items()}


def test_a_firmware_as_documented():
    _play("a76xx", [((), (*DATA, "names", "reboot", "transparent"))])


def test_sim7100_whose_sockets_and_tls_are_those_of_the_a76xx():
    _play("sim7100", [((), (*DATA, "names", "reboot", "transparent")), (["order=swapped", "urc-crlf=doubled"], DATA)])


def test_boot_lines():
    _play("a76xx", _habits("boot"))


def test_orders_of_ok_and_result():
    _play("a76xx", _habits("order"))


def test_orders_of_other_results():
    _play("a76xx", _habits("send-result", "cch-order"))


def test_line_ends_prompts_and_echo():
    _play("a76xx", _habits("urc-crlf", "prompt", "dataecho"))


def test_headers_of_pushed_data_and_announcements():
    _play("a76xx", _habits("header", "cipccfg", "rxget-urc", "rxget-source"))


def test_ends_of_transparent_connections():
    _play("a76xx", _habits("closed", "udp-closed", "links-above-0"))


def test_ends_of_the_service_and_of_servers():
    _play("a76xx", _habits("netclose", "busy-servers"))


def test_answers_in_other_words():
    _play("a76xx", _habits("accept-index", "ipaddr-error", "dns-index", "clock"))


def test_habits_that_meet():
    _play("a76xx", [(list(quirks), parts) for quirks, parts in MEETING])
