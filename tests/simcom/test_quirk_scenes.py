# CPython only: it starts the virtual modem and both Pythons.
"""Each habit in which SIMCom firmwares differ (the virtual modem's quirks): the driver gets along with every one, on both Pythons."""

from tests.rigs.quirk_scenes import habits, play
from tools.vmodem.models import MODELS

DATA = ("buffer", "push", "udp", "udp_push", "listener", "tls")
# Quirks of commands that these programs do not use; tests/vmodem has them.
APART = ("cpinr", "cpsi", "gnss")
# quirk -> {value: parts of the scene in which it shows}
HABITS = {
    "accept-index": {"next": ("listener",)},
    "blank-line": {"missing": (*DATA, "names", "transparent")},
    "boot": dict.fromkeys(("isimaid", "pb-first", "no-pb", "rdy", "flapping"), ("reboot",)),
    "busy-servers": {"stopped": ("listener",)},
    "cch-order": {"result-first": ("tls",)},
    "cipccfg": {"old": ("buffer", "push", "udp"), "missing": ("buffer", "push_one", "udp")},
    "cfun": {"kept": ("radio",)},
    "clock": {"unset": ("tls",)},
    "cmee": dict.fromkeys(("1", "2"), ("buffer", "reboot")),
    "closed": dict.fromkeys(("after-ipclose", "missing"), ("transparent",)),
    # no "udp" with an echo that cannot be switched off: some of its datagrams look like the module's answers
    "dataecho": {"on": DATA, "fixed": ("buffer", "push", "tls")},
    "dns-index": {"always-1": ("names",)},
    "header": dict.fromkeys(("plus", "blank"), ("push", "udp_push")),
    "ipaddr-error": {"ipaddr": ("buffer",)},
    "keep-alive": {"service-only": ("keep_alive",)},
    "links-above-0": {"allowed": ("transparent", "buffer")},
    "netclose": dict.fromkeys(("silent", "refuses"), ("buffer", "push", "transparent")),
    "order": dict.fromkeys(("result-first", "ok-first", "swapped"), (*DATA, "transparent")),
    "prompt": {"blank": DATA},
    "restart": dict.fromkeys(("0.1", "1", "2"), ("reboot",)),
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


def test_every_value_of_every_quirk_is_played():
    options = {name: option for name, option in MODELS["a76xx"].options.items() if name not in APART}
    assert {name: set(values[1:]) for name, (values, _) in options.items()} == {name: set(v) for name, v in HABITS.items()}


def test_a_firmware_as_documented():
    play("a76xx", [((), (*DATA, "names", "reboot", "transparent"))])


def test_sim7100_whose_sockets_and_tls_are_those_of_the_a76xx():
    play("sim7100", [((), (*DATA, "names", "reboot", "transparent")), (["order=swapped", "urc-crlf=doubled"], DATA)])


def test_boot_lines():
    play("a76xx", habits(HABITS, "boot"))


def test_restarts():
    play("a76xx", habits(HABITS, "restart", "cfun", "cmee"))


def test_orders_of_ok_and_result():
    play("a76xx", habits(HABITS, "order"))


def test_orders_of_other_results():
    play("a76xx", habits(HABITS, "send-result", "cch-order"))


def test_line_ends():
    play("a76xx", habits(HABITS, "urc-crlf", "blank-line"))


def test_prompts_and_echo():
    play("a76xx", habits(HABITS, "prompt", "dataecho"))


def test_headers_of_pushed_data_and_announcements():
    play("a76xx", habits(HABITS, "header", "cipccfg", "rxget-urc", "rxget-source"))


def test_ends_of_transparent_connections():
    play("a76xx", habits(HABITS, "closed", "udp-closed", "links-above-0"))


def test_ends_of_the_service_and_of_servers():
    play("a76xx", habits(HABITS, "netclose", "busy-servers"))


def test_answers_in_other_words():
    play("a76xx", habits(HABITS, "accept-index", "ipaddr-error", "dns-index", "clock", "keep-alive"))


def test_habits_that_meet():
    play("a76xx", [(list(quirks), parts) for quirks, parts in MEETING])
