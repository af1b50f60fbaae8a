# CPython only: the virtual modem needs asyncio's sockets and clocks.
"""What drivers in the field say to a module, start to end, as scripts of our own, with what each of them insists on.

Every conversation runs on a line without pace and at 115200 baud, and with command lines that end in CR and in CR LF: attach, a TCP
connection, 64 KiB up, 64 KiB down, close; TLS where the driver lets the module do it.
"""

import random

from tests.rigs.tls_network import MODELS as TLS_MODELS
from tests.rigs.tls_network import TlsRig
from tests.rigs.virtual_a76xx import HOST, SimcomTlsRig
from tests.rigs.virtual_modem import Rig

UP, DOWN = random.Random(1).randbytes(65536), random.Random(2).randbytes(65536)
ENDINGS, RATES = (b"\r", b"\r\n"), (0, 115200)
SERVER = '"TCP","127.0.0.1",48331'
STEP_S, LIMIT_S = 0.001, 160
QUECTEL, SIMCOM = ("bg96", "ec200u", "eg915u", "ec600e", "ec800e"), ("a76xx", "sim7100")
# What these drivers rely on where the TCP/IP guide of EC600E and EC800E leaves it open.
HABITS = dict.fromkeys(("ec600e", "ec800e"), ("prompt=space", "payload-echo=with-echo"))


class Host:
    """A driver at the other end of the line. `before` goes out in front of each command line."""

    def __init__(self, rig, ending, before=b""):
        self.rig = rig
        self.ending = ending
        self.before = before
        self.got = b""
        rig.port.take()

    def until(self, done, what):
        """Let time pass until `done()` gives something."""
        for _ in range(int(LIMIT_S / STEP_S)):
            self.got += self.rig.port.take()
            found = done()
            if found:
                return found
            self.rig.clock.advance(STEP_S)
        raise AssertionError("no %r, but %r" % (what, self.got[-200:]))

    def expect(self, text):
        """Everything up to and with `text`; the rest is for later."""
        at = self.until(lambda: self.got.find(text) + 1, text) - 1
        taken, self.got = self.got[: at + len(text)], self.got[at + len(text) :]
        return taken

    def exactly(self, count):
        """The next `count` bytes."""
        self.until(lambda: len(self.got) >= count, count)
        taken, self.got = self.got[:count], self.got[count:]
        return taken

    def write(self, data):
        self.rig.line.heard(data)

    def say(self, line, want=b"\r\nOK\r\n"):
        """A command line, once the module has ended the one before; everything up to and with what the driver waits for."""
        self.until(lambda: not self.rig.modem.job and not self.rig.line.backlog(), "end")
        self.got = b""
        self.write(self.before + line.encode() + self.ending)
        return self.expect(want)

    def attach(self, script):
        """Command lines that must succeed; a pair names what the driver waits for, None that it takes ERROR as well."""
        for line in script:
            line, want = line if isinstance(line, tuple) else (line, b"\r\nOK\r\n")
            got = self.say(line, b"\r\n" if want is None else want)
            assert b"ERROR" not in got, (line, got)

    def flood(self, peer):
        """Let the server send as long as the module takes it; what is left of it."""
        if not peer.paused and self.left:
            part, self.left = self.left[:1460], self.left[1460:]
            peer.send(part)

    def download(self, peer, unread, read):
        """Read `DOWN`: `unread()` asks how much there is, `read(count)` fetches it."""
        self.left, data = DOWN, b""
        while len(data) < len(DOWN):
            self.flood(peer)
            count = unread() & 0xFFFF  # some drivers count in 16 bits
            if count:
                data += read(count)
        assert data == DOWN


def everywhere(conversation, *models):
    """Run `conversation(rig, ending)` on each model, rate and ending."""
    for model in models:
        for rate in RATES:
            for ending in ENDINGS:
                conversation(Rig(model, rate=rate, echo=True, payload_echo=True, quirks=HABITS.get(model, ())), ending)


# BG96 -------------------------------------------------------------------------------------------------------------------

TINY_BG96 = (
    "AT", "ATE0", "AT+CMEE=0", "AT+CTZR=0", "AT+CTZU=1", ("AT+CPIN?", b"+CPIN: READY\r\n\r\nOK\r\n"), "AT+CEREG?",
    "AT+QIDEACT=1", 'AT+QICSGP=1,1,"internet","",""', "AT+QIACT=1", "AT+CGATT=1", ("AT+QICLOSE=0", None),
)  # fmt: skip
FREERTOS_BG96 = (
    "ATE0", "AT&D0", "AT+IFC=2,2", 'AT+QURCCFG="urcport","uart1"', 'AT+QCFG="band",f,400a0e189f,a0e189f', 'AT+QCFG="nwscanmode",0,1',
    'AT+QCFG="iotopmode",2,1', 'AT+QCFG="nwscanseq",02,1', "AT+CFUN=1", "AT+COPS=3,2", "AT+CREG=2", "AT+CGREG=2", "AT+CEREG=2",
    "AT+CTZR=1", ("AT+QSIMSTAT?", b"+QSIMSTAT: "), ("AT+CPIN?", b"+CPIN: READY"), "AT+CFUN=4",
    'AT+QICSGP=1,1,"internet","","",0', "AT+CFUN=1", ("AT+CREG?", b"+CREG: 2,1,"), ("AT+CGREG?", b"+CGREG: 2,1,"), "AT+COPS=3,2",
    ("AT+COPS?", b'+COPS: 0,2,"00101",'), "AT+QIACT=1", ("AT+CGPADDR=1", b'+CGPADDR: 1,"10.'),
)  # fmt: skip


def quectel_send(host, prompt, block):
    """Send `UP`; the result has to be the first thing behind the payload."""
    for at in range(0, len(UP), block):
        part = UP[at : at + block]
        host.say("AT+QISEND=0,%d" % len(part), prompt)
        host.write(part)
        blank = b"" if prompt.endswith(b" ") else b" "  # it comes behind the prompt of a driver that does not wait for it
        assert host.expect(b"\r\nSEND OK\r\n") == blank + b"\r\nSEND OK\r\n", "no echo of the payload after ATE0"


def quectel_read(host, block):
    def read(count):
        host.say("AT+QIRD=0,%d" % min(count, block), b"+QIRD: ")
        data = host.exactly(int(host.expect(b"\r\n")))
        assert host.expect(b"OK\r\n") == b"\r\n\r\nOK\r\n"
        return data

    return read


def test_tinygsm_on_bg96():
    def conversation(rig, ending):
        host = Host(rig, ending)
        host.attach(TINY_BG96)
        host.say("AT+QIOPEN=1,0,%s,0,0" % SERVER, b"+QIOPEN: 0,0\r\n")
        peer = rig.net.links[-1]
        quectel_send(host, b"\r\n>", 1460)
        assert peer.received == UP

        def unread():
            counters = host.say("AT+QIRD=0,0").split(b"+QIRD: ")[1].split(b"\r")[0]
            assert b"+QISTATE: 0," in host.say("AT+QISTATE=1,0")
            return int(counters.split(b",")[2])

        host.download(peer, unread, quectel_read(host, 1023))
        host.say("AT+QICLOSE=0")
        assert rig.state(0) is None

    everywhere(conversation, *QUECTEL)


def test_freertos_on_bg96():
    def conversation(rig, ending):
        host = Host(rig, ending)
        host.attach(FREERTOS_BG96)
        host.say("AT+QIOPEN=1,0,%s,0,0" % SERVER, b"+QIOPEN: 0,0\r\n")
        peer = rig.net.links[-1]
        quectel_send(host, b"\r\n> ", 1460)
        assert peer.received == UP
        host.download(peer, lambda: 1500, quectel_read(host, 1500))
        host.say("AT+QICLOSE=0")

    everywhere(conversation, *QUECTEL)


def test_a_host_of_quectel_when_the_module_does_tls():
    def conversation(rig, ending):
        host = Host(rig, ending)
        host.attach(TINY_BG96)
        host.attach(['AT+QSSLCFG="sslversion",1,4', 'AT+QSSLCFG="ciphersuite",1,0xFFFF', 'AT+QSSLCFG="seclevel",1,0'])
        host.say('AT+QSSLOPEN=1,1,0,"%s",443,0' % HOST, b"+QSSLOPEN: 0,0\r\n")
        peer = rig.net.links[-1]
        for at in range(0, len(UP), 1460):
            part = UP[at : at + 1460]
            host.say("AT+QSSLSEND=0,%d" % len(part), b"\r\n> ")
            host.write(part)
            assert host.expect(b"\r\nSEND OK\r\n") == b"\r\nSEND OK\r\n", "no echo of the payload after ATE0"
        host.until(lambda: len(peer.heard) == len(UP), "payload at the server")
        assert peer.heard == UP

        def read(count):
            host.say("AT+QSSLRECV=0,1500", b"+QSSLRECV: ")
            data = host.exactly(int(host.expect(b"\r\n")))
            host.expect(b"OK\r\n")
            return data

        host.download(peer, lambda: 1500, read)
        host.say("AT+QSSLCLOSE=0")

    for model in TLS_MODELS:
        for rate in RATES:
            for ending in ENDINGS:
                conversation(TlsRig(model, rate=rate, payload_echo=True), ending)


# SIMCom -----------------------------------------------------------------------------------------------------------------

TINY_SIM7600 = (
    "AT", "ATE0", "AT+CMEE=0", "AT+CTZR=0", "AT+CTZU=1", ("AT+CPIN?", b"+CPIN: READY"), ("AT+CGREG?", b",1"), ("AT+NETCLOSE", None),
    'AT+CGDCONT=1,"IP","internet","0.0.0.0",0,0', "AT+CIPMODE=0", "AT+CIPSENDMODE=0", "AT+CIPCCFG=10,0,0,0,1,0,75000",
    "AT+CIPTIMEOUT=75000,15000,15000", ("AT+NETOPEN", b"+NETOPEN: 0\r\n"), ("AT+CIPCLOSE=0", None), "AT+CIPRXGET=1",
)  # fmt: skip
TINY_A7672X = (
    "AT", "ATE0", "ATV1", "AT+CGMI", "AT+CGMM", ("AT+CPIN?", b"+CPIN: READY"), ("AT+CREG?", b",1"), ("AT+NETCLOSE", None),
    'AT+CGDCONT=1,"IP","internet"', "AT+CGACT=1,1", "AT+CGATT=1", "AT+CIPRXGET=1", ("AT+CGPADDR=1", b"+CGPADDR: 1,"),
    'AT+CDNSCFG="8.8.8.8","8.8.4.4"', ("AT+CIPCLOSE=0", None), "AT+CTCPKA=1,2,5,1", ("AT+NETOPEN", b"+NETOPEN: 0\r\n"),
    ("AT+NETOPEN?", b"+NETOPEN: 1\r\n"),
)  # fmt: skip
M5STACK_SIM7600 = (
    "ATE0", ("AT+ICCID", b"+ICCID: "), "AT+CIPRXGET=1", "AT+CIPMODE=0", ("AT+NETOPEN", b"+NETOPEN: 0\r\n"), ("AT+CGREG?", b",1"),
    'AT+CGDCONT=1,"IP","internet"', ('AT+CDNSGIP="example.com"', b'+CDNSGIP: 1,"example.com","192.0.2.10"'),
)  # fmt: skip


def simcom_send(host, number, block):
    for at in range(0, len(UP), block):
        part = UP[at : at + block]
        host.say("AT+CIPSEND=%d,%d" % (number, len(part)), b"\r\n>")
        host.write(part)
        done = host.expect(b"+CIPSEND: %d,%d,%d\r\n" % (number, len(part), len(part)))
        assert done.strip().startswith(b"OK"), "no echo of the payload after ATE0"


def simcom_reader(host, number, block):
    """(unread, read) of a link in buffer mode."""

    def unread():
        found = host.say("AT+CIPRXGET=4,%d" % number, b"\r\nOK\r\n").rpartition(b"+CIPRXGET: 4,%d," % number)
        return int(found[2].split(b"\r")[0])

    def read(count):
        host.say("AT+CIPRXGET=2,%d,%d" % (number, min(count, block)), b"+CIPRXGET: 2,%d," % number)
        data = host.exactly(int(host.expect(b"\r\n").split(b",")[0]))
        host.expect(b"OK\r\n")
        return data

    return unread, read


def simcom(script, send, receive, *, before=b"", also=()):
    def conversation(rig, ending):
        host = Host(rig, ending, before)
        host.attach(script)
        host.say("AT+CIPOPEN=0," + SERVER, b"+CIPOPEN: 0,0\r\n")
        peer = rig.net.links[-1]
        simcom_send(host, 0, send)
        assert peer.received == UP
        host.download(peer, *simcom_reader(host, 0, receive))
        host.attach(also)
        host.say("AT+CIPCLOSE=0", b"+CIPCLOSE: 0,0\r\n")

    return conversation


def test_tinygsm_on_sim7600():
    everywhere(simcom(TINY_SIM7600, 1024, 1023), *SIMCOM)


def test_tinygsm_on_a7672x():
    everywhere(simcom(TINY_A7672X, 1500, 1023, also=["AT+CIPACK=0"]), *SIMCOM)


def test_m5stack_on_sim7600():
    everywhere(simcom(M5STACK_SIM7600, 1500, 1500, before=b"\r\n"), *SIMCOM)


def test_m5stack_when_the_module_does_tls():
    def conversation(rig, ending):
        host = Host(rig, ending, b"\r\n")
        host.attach(["ATE0", 'AT+CSSLCFG="sslversion",0,4', 'AT+CSSLCFG="authmode",0,0', "AT+CCHSET=1,1"])
        host.attach([("AT+CCHSTART", b"+CCHSTART: 0\r\n"), ('AT+CCHOPEN=0,"%s",443,2' % HOST, b"+CCHOPEN: 0,0\r\n")])
        peer = rig.net.links[-1]
        for at in range(0, len(UP), 2048):
            host.say("AT+CCHSEND=0,2048", b"\r\n>")
            host.write(UP[at : at + 2048])
            host.expect(b"+CCHSEND: 0,0\r\n")
        host.until(lambda: len(peer.heard) == len(UP), "payload at the server")
        assert peer.heard == UP

        def unread():
            return int(host.say("AT+CCHRECV?").partition(b"+CCHRECV: LEN,")[2].split(b",")[0])

        def read(count):
            host.say("AT+CCHRECV=0,2048", b"+CCHRECV: DATA,0,")
            data = host.exactly(int(host.expect(b"\r\n")))
            host.expect(b"+CCHRECV: 0,0\r\n")
            return data

        host.download(peer, unread, read)
        host.say("AT+CCHCLOSE=0", b"+CCHCLOSE: 0,0\r\n")

    for rate in RATES:
        for ending in ENDINGS:
            conversation(SimcomTlsRig(rate=rate), ending)
