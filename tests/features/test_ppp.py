"""modem.dial_ppp() on a scripted module, with a PPP stack that only counts. On both Pythons."""

from modem import AsyncModem, CommandError, LineBusy, ModemError, ModemTimeout, NotSupported
from tests.rigs.assertions import raises
from tests.rigs.scripted_module import OK, Module
from tests.rigs.scripted_port import ready

HELLO = b"~\xff\x03\xc0\x21hello~"
CONNECT = b"\r\nCONNECT 150000000\r\n"
NO_CARRIER = b"\r\nNO CARRIER\r\n"


class Line(Module):
    """A module in a data session: frames are no commands; `ended` is what it says when the stack has sent its last frame."""

    online = False
    ended = NO_CARRIER
    escaped = OK
    heard = b""
    deaf = False

    def _line(self, line):
        if line.startswith(b"ATD") and line not in self.table:
            self.online = True
            self._answer(CONNECT + HELLO[:4])
            self.later(50, HELLO[4:])
        else:
            Module._line(self, line)

    def write(self, buf, off, n):
        if not self.online:
            return Module.write(self, buf, off, n)
        self.step()
        data = bytes(memoryview(buf)[off : off + n])
        self.heard += data
        if data == b"BYE" and self.ended:
            self.online = False
            self._answer([(100, self.ended)])
        elif data == b"+++" and not self.deaf:
            self.online = False
            self._answer([(1000, self.escaped)])
        return n


class Stack:
    """In place of network.PPP: connected once HELLO has come."""

    made = None
    fails = False
    polite = True

    def __init__(self, stream):
        Stack.made = self
        self.stream = stream
        self.options = None
        self.got = b""
        self.over = False

    def connect(self, **options):
        if self.fails:
            raise OSError("ppp_connect failed")
        self.options = options
        self.stream.irq(self.poll, self.stream.IRQ_RXIDLE)
        self.stream.write(b"ask")

    def poll(self, stream=None):
        buf = bytearray(8)
        while True:
            n = self.stream.readinto(buf)
            if not n:
                return
            self.got += bytes(buf[:n])

    def isconnected(self):
        return HELLO in self.got and not self.over

    def disconnect(self):
        if self.polite:
            self.stream.write(b"BYE")


def dialled(port, modem_class=None, stack=Stack, **options):
    """A modem whose line is a PPP stack's."""
    modem = ready(port, "ec200u", connected=False, modem_class=modem_class)
    modem.events = []
    modem.on_event(lambda kind, detail: modem.events.append((kind, detail)))
    return modem, modem.dial_ppp(stack, **options)


def test_it_dials_and_hands_the_line_over():
    port = Line()
    modem, link = dialled(port, apn="internet", security=1, user="me", key="secret")
    assert port.lines == [b'AT+CGDCONT=1,"IP","internet"', b"ATD*99***1#"]
    assert not link.isconnected() and Stack.made.options == {"security": 1, "user": "me", "key": "secret"}
    assert link.poll(200) is True and link.isconnected() and link.interface is Stack.made
    assert Stack.made.got == HELLO and port.heard == b"ask", "nothing is lost, not even what came with CONNECT"
    sent = port.heard
    for call in (lambda: modem.command("AT+CSQ"), lambda: modem.status("rssi"), lambda: modem.sms.list()):
        with raises(LineBusy, "PPP"):
            call()
    assert port.heard == sent
    port.later(10, b"more~")
    modem.poll(100)
    assert Stack.made.got == HELLO + b"more~" and modem.events == [], "the driver leaves what comes to the stack"


def test_the_line_comes_back_when_the_session_is_closed():
    port = Line()
    modem, link = dialled(port)
    link.poll(200)
    link.close()
    assert not link.isconnected() and port.heard == b"askBYE" and link.poll() is False
    assert modem.command("AT+CSQ") == [b"+CSQ: 28,99"]
    before = len(port.lines)
    link.close()
    assert len(port.lines) == before
    assert [kind for kind, _ in modem.events] == ["ppp closed"]
    assert link.interface.stream.write(b"late frame") == 10 and b"late" not in port.sent
    assert link.interface.stream.readinto(bytearray(4)) is None
    again = modem.dial_ppp(Stack)
    again.poll(200)
    assert again.isconnected()


def test_a_module_that_ends_the_session_is_noticed():
    port = Line()
    modem, link = dialled(port)
    link.poll(200)
    port.later(500, b"\x7eab" + NO_CARRIER)
    port.online = False
    assert link.poll(1000) is True, "not yet believed"
    assert link.poll(1500) is False and not link.isconnected()
    assert modem.events == [("ppp closed", link)]
    assert modem.command("AT+CSQ") == [b"+CSQ: 28,99"]


def test_lines_that_follow_the_end_do_not_hide_it():
    for tail in (b"\r\n+PPPD: DISCONNECTED\r\n", b"\r\n+CGEV: ME PDN DEACT 1\r\n" * 9):
        port = Line()
        modem, link = dialled(port)
        link.poll(200)
        port.later(500, b"\x7eab\x7e" + NO_CARRIER[:7])  # in pieces
        port.later(510, NO_CARRIER[7:] + tail[:9])
        port.later(800, tail[9:])
        port.online = False
        assert link.poll(1500) is True, "not yet believed"
        assert link.poll(1500) is False and not link.isconnected(), tail
        assert modem.command("AT+CSQ") == [b"+CSQ: 28,99"]


def test_the_same_words_inside_the_data_end_nothing():
    port = Line()
    modem, link = dialled(port)
    for n in range(5):
        port.later(100 + 300 * n, b"\x7eab" + NO_CARRIER)
        port.later(200 + 300 * n, b"rest\x7e")
    assert link.poll(6000) is True and modem.events == []
    assert Stack.made.got.count(NO_CARRIER) == 5


def test_a_stack_that_gives_up_gives_the_line_back():
    port = Line()
    modem, link = dialled(port)
    link.poll(200)
    Stack.made.over = True
    assert link.poll(100) is False
    assert port.heard.endswith(b"BYE") and modem.command("AT+CSQ") == [b"+CSQ: 28,99"]


def test_without_a_farewell_the_escape_sequence_fetches_the_line():
    port = Line()
    port.ended = None
    modem, link = dialled(port)
    link.poll(200)
    begun = port.now
    link.close()
    assert port.heard == b"askBYE+++" and port.lines[-1] == b"ATH" and 5000 < port.now - begun < 12000
    assert modem.command("AT+CSQ") == [b"+CSQ: 28,99"]
    port = Line()
    port.ended, port.deaf = None, True
    modem, link = dialled(port)
    with raises(ModemTimeout, "data state"):
        link.close()


def test_a_stack_that_cannot_connect_leaves_nothing_behind():
    port = Line()

    class Broken(Stack):
        fails = polite = False

    Broken.fails = True
    modem = ready(port, "ec200u", connected=False)
    with raises(OSError, "ppp_connect"):
        modem.dial_ppp(Broken)
    assert modem.command("AT+CSQ") == [b"+CSQ: 28,99"] and port.lines.count(b"ATH") == 1


def test_what_does_not_lead_to_a_session():
    port = Line()
    modem = ready(port, "ec200u", connected=False)
    for nothing in (None, 3):
        with raises(NotSupported, "network.PPP"):
            modem.dial_ppp(nothing)
    with raises(ValueError, "apn"):
        modem.dial_ppp(Stack, apn='a"b')
    assert not port.lines
    for answer in (NO_CARRIER, b"\r\nBUSY\r\n", b"\r\n+CME ERROR: 30\r\n"):
        port.table[b"ATD*99***1#"] = answer
        with raises(CommandError, "ATD*99***1#"):
            modem.dial_ppp(Stack)
    port.table[b"ATD*99***1#"] = OK  # a voice call, by its answer
    with raises(ModemError):
        modem.dial_ppp(Stack)
    assert modem.command("AT+CSQ") == [b"+CSQ: 28,99"]
    del port.table[b"ATD*99***1#"]
    busy = ready(Line({b"AT+QIOPEN=": OK + b"\r\n+QIOPEN: 0,0\r\n"}), "ec200u")
    busy.create_connection(("srv", 80))
    with raises(ModemError, "close all sockets"):
        busy.dial_ppp(Stack)


def test_the_context_of_the_sockets_is_deactivated_first():
    port = Line()
    modem = ready(port, "ec200u")
    modem.context = 2
    modem.dial_ppp(Stack)
    assert port.lines == [b"AT+QIDEACT=2", b"ATD*99***2#"] and not modem.isconnected()


class Uart:
    """What a board's port has as its pollable: machine.UART."""

    IRQ_RXIDLE = 8

    def __init__(self):
        self.handler = None
        self.trigger = 0

    def irq(self, handler=None, trigger=0, hard=False):
        self.handler, self.trigger = handler, trigger


def test_a_stack_that_reads_by_interrupts_is_left_alone():
    port = Line()
    uart = port.pollable = Uart()
    modem, link = dialled(port)
    assert uart.trigger == 8 and uart.handler is not None
    port.now += 100
    port.wait = lambda timeout_ms, want=1: False  # no one turns the clock
    link.poll()
    modem.poll()
    assert Stack.made.got == b"", "only the interrupt makes it read"
    uart.handler(uart)
    assert Stack.made.got == HELLO and link.isconnected()
    port.later(0, NO_CARRIER)
    uart.handler(uart)
    assert link.poll() is True
    port.now += 1000
    assert link.poll() is False and uart.handler is None


def test_on_esp32_the_stack_gets_the_uart_itself():
    import modem.ppp as module

    port = Line()
    port.pollable = Uart()
    before, module.platform = module.platform, "esp32"
    try:

        class Threaded(Stack):
            def connect(self, **options):
                self.got = HELLO

        modem, link = dialled(port, stack=Threaded)
    finally:
        module.platform = before
    assert Stack.made.stream is port.pollable and link.isconnected() and link.poll() is True
    Stack.made.over = True
    Stack.made.polite = False
    port.later(500, NO_CARRIER)
    port.online = False
    assert link.poll() is False and port.heard == b""
    assert modem.command("AT+CSQ") == [b"+CSQ: 28,99"]


async def test_with_asyncio():
    port = Line()
    modem = ready(port, "ec200u", connected=False, modem_class=AsyncModem)
    link = await modem.dial_ppp(Stack)
    Stack.made.stream.write(b"ask")
    assert await link.poll() is True
    port.now += 100
    await link.poll()
    assert link.isconnected() and Stack.made.got == HELLO
    Stack.made.stream.write(b"BYE")
    for _ in range(3):
        port.now += 600
        await link.poll()
    assert not link.isconnected() and await link.poll() is False
    assert await modem.command("AT+CSQ") == [b"+CSQ: 28,99"]
