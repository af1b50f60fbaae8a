# CPython only: the virtual modem needs asyncio's sockets and clocks.
"""The virtual modem against anything: random commands, payload, peers, times and faults; it never breaks and comes back."""

import random

from tests.rigs.virtual_modem import Rig

FAULTS = (
    "send-fail:every=3 close:after=900 context-loss:at=50 reboot:at=70 blackhole:at=40 late:every=5,ms=300 storm:ms=700,n=3 "
    "same-prefix:every=3 busy:every=9 dns-silent:at=20,ms=5000 searching:at=30,ms=2000 fragment:max=7 delay:every=4,ms=900"
).split()
OPENS = (
    'AT+QIOPEN=1,%d,"TCP","192.0.2.1",80,0,%d',
    'AT+QIOPEN=1,%d,"UDP","example.com",53,0,%d',
    'AT+QIOPEN=1,%d,"TCP LISTENER","127.0.0.1",0,2020,%d',
    'AT+QIOPEN=1,%d,"UDP SERVICE","127.0.0.1",0,3030,%d',
)
PLAIN = (
    "AT+QIACT=1|AT+QIDEACT=1|AT+QIACTEX=1,1|AT+QIDEACTEX=1|AT+CFUN=0|AT+CFUN=1|AT+QISTATE|AT+QIACT?|ATO|AT&D1|AT&D2|AT&W|ATZ|"
    'AT+QPING=1,"example.com",1,2|AT+QNTP=1,"192.0.2.9"|AT+QIDNSGIP=1,"example.com"|AT+QISDE=0|AT+QISDE=1'
).split("|")
OPTIONS = "viewmode recvind passiveclosed close/mode formatcfg udp/readmode tcp/accept sendinfo dns/cache".split()


def host_acts(rig, rng, names):
    """One random act of the host."""
    number = rng.randint(0, 12)
    acts = [
        lambda: rig.command(rng.choice(OPENS) % (number, rng.randint(0, 2))),
        lambda: rig.command(rng.choice(OPENS) % (number, rng.randint(0, 2))),
        lambda: rig.command("AT+QISEND=%d,%d" % (number, rng.randint(0, 20))),
        lambda: rig.command("AT+QISEND=%d" % number),
        lambda: rig.command("AT+QIRD=%d,%d" % (number, rng.randint(0, 1501))),
        lambda: rig.command("AT+QICLOSE=%d,%d" % (number, rng.randint(0, 3))),
        lambda: rig.command("AT+QISWTMD=%d,%d" % (number, rng.randint(0, 2))),
        lambda: rig.pass_time(1.1) + rig.host(b"+++") + rig.pass_time(1.1),
        lambda: rig.command(rng.choice(PLAIN)),
        lambda: rig.command('AT+QICFG="%s",%d' % (rng.choice(OPTIONS), rng.randint(0, 1))),
        lambda: rig.command('AT+QICFG="send/auto",%d,20,"AABB",1' % number),
        lambda: rig.command("AT" + rng.choice(names) + rng.choice(["", "?", "=?", "=1", "=1,1", '=0,"x"'])),
        lambda: rig.host(rng.randbytes(rng.randint(1, 60))),
        lambda: rig.modem.dtr(rng.random() < 0.5),
    ]
    rng.choice(acts)()


def network_acts(rig, rng):
    """One random act of a peer."""
    if rng.random() < 0.2:
        if rig.net.listeners and not rig.net.listeners[-1].gone:
            rig.net.client()
        return
    link = rng.choice(rig.net.links) if rig.net.links else None
    if link is None or link.gone or link.handler is None:
        return
    is_socket = hasattr(link.handler, "service")
    act = rng.random()
    if act < 0.6:
        source = ("10.0.0.1", 5) if not is_socket or link.handler.datagrams else None
        link.send(rng.randbytes(rng.randint(1, 3000)), source)
    elif is_socket and act < 0.75:
        link.end(rng.random() < 0.5)
    elif is_socket and act < 0.9:
        link.acknowledges = not link.acknowledges
    elif is_socket:
        link.acknowledge()


def session(seed, steps=150):
    rng = random.Random(seed)
    faults = rng.sample(FAULTS, rng.randint(0, 4))
    rate = rng.choice([0, 0, 115200])
    rig = Rig(faults=faults, rate=rate, latency_s=rng.choice([0, 0.01]), echo=rng.random() < 0.3, payload_echo=True)
    names = [name for name in rig.modem.table.names() if name[0] not in "SQV"]  # those would change the form of the answers
    rig.command('AT+QICSGP=1,1,"CMNET"')
    rig.command("AT+QIACT=1")
    for _ in range(steps):
        act = rng.random()
        if act < 0.7:
            host_acts(rig, rng, names)
        elif act < 0.9:
            network_acts(rig, rng)
        else:
            rig.pass_time(rng.random() * rng.choice([0.01, 1, 30]))
    return comes_back(rig)


def comes_back(rig):
    """Finish whatever the modem waits for, and see whether it answers."""
    rig.modem.dtr(True)
    rig.pass_time(300)
    if rig.modem.power.off:
        rig.modem.power.press(1000)
        rig.pass_time(10)
    rig.host(b"\x1b" + bytes(3000))
    rig.pass_time(300)
    rig.host(b"+++")
    rig.pass_time(2)
    rig.host(b"\x1b\r")
    rig.pass_time(200)
    rig.command("AT")  # it may have been told to sleep
    rig.pass_time(1)
    rig.command("AT+CMEE=1")
    rig.pass_time(1)
    return b"+CMEE: 1\r\n" in rig.command("AT+CMEE?") + rig.pass_time(10)


def test_modem_when_everything_happens():
    broken = [seed for seed in range(60) if not session(seed)]
    assert broken == []
