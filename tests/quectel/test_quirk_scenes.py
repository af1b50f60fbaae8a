# CPython only: it starts the virtual modem and both Pythons.
"""Each habit in which Quectel firmwares differ (the virtual modem's quirks): the driver gets along with every one, on both Pythons."""

from tests.rigs.quirk_scenes import habits, play
from tools.vmodem.models import MODELS

DATA = ("buffer", "push", "udp", "udp_push", "listener")
# Quirks of commands that these programs do not use; tests/vmodem has them.
APART = ("cpinr", "gnss", "off-line")
# quirk -> {value: parts of the scene in which it shows}
TCP = {
    "blank-line": {"missing": (*DATA, "names", "transparent")},
    "boot": dict.fromkeys(("pb-first", "app-rdy", "usb"), ("reboot",)),
    "cfun": {"kept": ("radio",)},
    "cmee": dict.fromkeys(("1", "2"), ("buffer", "reboot")),
    "geterror": {"useless": ("buffer", "listener")},
    "payload-echo": {"with-echo": DATA},
    "prompt": {"space": DATA},
    "push-end": {"none": ("push", "udp_push")},
    "recv-urc": {"repeated": ("buffer", "udp", "listener")},
    "restart": dict.fromkeys(("0.1", "1", "2"), ("reboot",)),
}
TLS = {
    **TCP,
    "clock": {"unset": ("tls",)},
    "ids": {"shared": ("tls", "buffer")},
    "payload-echo": {"always": (*DATA, "tls")},
    "prompt": {"plain": (*DATA, "tls")},
    "spelling": dict.fromkeys(("seclevel", "secllevel"), ("tls",)),
    "upload": {"deaf": ("tls",)},
}
HABITS = {
    "ec600e": TCP,
    "ec800e": TCP,
    "ec200u": {**TLS, "unread": {"kept": ("tls",)}},
    "eg915u": {**TLS, "unread": {"kept": ("tls",)}},
    "bg96": {**TLS, "unread": {"lost": ("tls",)}},
}


def test_every_value_of_every_quirk_is_played():
    for model, table in HABITS.items():
        options = {name: option for name, option in MODELS[model].options.items() if name not in APART}
        assert {name: set(values[1:]) for name, (values, _) in options.items()} == {name: set(v) for name, v in table.items()}, (
            model
        )


def test_boot_lines():
    play("ec600e", habits(TCP, "boot"))
    play("bg96", habits(TCP, "boot")[-1:])


def test_restarts():
    play("ec800e", habits(TCP, "restart", "cfun", "cmee"))


def test_line_ends_prompts_and_echo():
    play("ec800e", habits(TCP, "blank-line", "prompt", "push-end", "payload-echo"))


def test_announcements_and_reasons_of_errors():
    play("ec600e", habits(TCP, "recv-urc", "geterror"))


def test_habits_of_tls_on_ec200u():
    play("ec200u", habits(HABITS["ec200u"], "clock", "ids", "spelling", "unread", "payload-echo", "upload"))


def test_habits_of_tls_on_bg96():
    play("bg96", habits(HABITS["bg96"], "clock", "ids", "spelling", "unread", "prompt", "upload"))


def test_habits_that_meet():
    quirks = [
        "blank-line=missing",
        "prompt=plain",
        "payload-echo=always",
        "push-end=none",
        "recv-urc=repeated",
        "geterror=useless",
    ]
    play("eg915u", [(quirks, (*DATA, "tls"))])
