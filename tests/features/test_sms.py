"""modem.sms on a scripted module: send, list, read, delete, events, and what goes wrong. On both Pythons."""

import asyncio

from modem import AsyncModem, CommandError, ModemError, ModemTimeout, ProtocolError, SimError
from modem.sms_pdu import parse
from tests.features.message_module import TIME, Messages, deliver
from tests.rigs.assertions import raises
from tests.rigs.scripted_module import ERROR, OK
from tests.rigs.scripted_port import ready

NUMBER = "+491701234567"
DIGITS = "316416009860"
SENDER = "+" + DIGITS
REPORT = b"\r\n+CDS: 25\r\n0006130C91527420121670110172111332E11101721113322100\r\n"
STORED_REPORT = bytes.fromhex("07911326040000F0" + REPORT[14:-2].decode())


def opened(port, model="ec200u", modem_class=None):
    """A started modem with a list of its events."""
    modem = ready(port, model, modem_class=modem_class)
    modem.events = []
    modem.on_event(lambda kind, detail: modem.events.append((kind, detail)))
    return modem


def test_a_short_message_is_sent_and_its_reference_returned():
    for model in ("ec200u", "a76xx"):
        port = Messages()
        modem = opened(port, model)
        assert modem.sms.send("+46708251358", "hellohello") == (41,)
        assert port.accepted == [b"0001000B916407281553F800000AE8329BFD4697D9EC37"]
        assert port.lines[-1] == b"AT+CMGS=22" and b"AT+CMGF=0" in port.lines
        assert modem.command("AT+CSQ") == [b"+CSQ: 28,99"]


def test_a_long_text_is_sent_in_parts_in_order():
    port = Messages()
    modem = opened(port)
    assert modem.sms.send(NUMBER, "😀" * 40, centre="+31624000000") == (41, 42)
    assert [pdu[:16] for pdu in port.accepted] == [b"07911326040000F0"] * 2
    first, second = [parse(bytes.fromhex(pdu.decode())) for pdu in port.accepted]
    assert first.text + second.text == "😀" * 40 and (first.part, second.part, first.parts) == (1, 2, 2)
    assert first.long == second.long
    modem.sms.send(NUMBER, "😀" * 40)
    assert parse(bytes.fromhex(port.accepted[2].decode())).long != first.long, "another long message, another reference"


def test_payload_that_firmware_echoes_into_connections_is_not_expected_back():
    port = Messages()
    modem = opened(port)
    modem.module.engine.echo_payload = True
    assert modem.sms.send("123", "x") == (41,) and modem.sms.send("123", "y") == (42,)


def test_what_cannot_be_sent_is_refused_before_anything_is():
    port = Messages()
    modem = opened(port)
    for number, text in (("", "x"), ("12a4", "x"), ("1;+CFUN=0", "x"), ("1" * 21, "x")):
        with raises(ValueError, "number"):
            modem.sms.send(number, text)
    with raises(TypeError):
        modem.sms.send(123, "x")
    with raises(ValueError, "centre"):
        modem.sms.send("123", "x", centre="a")
    for index in (-1, 1 << 20):
        with raises(ValueError, "index"):
            modem.sms.read(index)
    with raises(TypeError, "index"):
        modem.sms.delete("1")
    assert not port.lines
    modem.module.started = False
    for call in (lambda: modem.sms.send("1", "x"), modem.sms.list, modem.sms.listen, lambda: modem.sms.read(1)):
        with raises(ModemError, "start()"):
            call()
    assert not port.lines


def test_a_refusal_of_a_part_tells_how_many_were_accepted():
    port = Messages({b"AT+CSCA?": b'\r\n+CSCA: "+31624000000",145\r\n' + OK})
    modem = opened(port)
    port.accepted = [None]  # the next one is the second
    compose = port._composed

    def composed(text, end):
        port.refuse = b"\r\n+CMS ERROR: 38\r\n" if len(port.accepted) == 2 else None
        compose(text, end)

    port._composed = composed
    with raises(CommandError, "network out of order", "1 of 3 parts were accepted before") as error:
        modem.sms.send(NUMBER, "a" * 400)
    assert error.value.code == 38 and len(port.accepted) == 2 and port.count(b"AT+CMGS=153") == 2


def test_a_card_without_service_centre_is_named():
    for code, centre in ((330, b"+31624000000"), (500, b""), (304, b"")):
        port = Messages({b"AT+CSCA?": b'\r\n+CSCA: "%s",145\r\n' % centre + OK})
        port.refuse = b"\r\n+CMS ERROR: %d\r\n" % code
        with raises(SimError, "centre=") as error:
            opened(port).sms.send(NUMBER, "x")
        assert error.value.code == code
    port = Messages({b"AT+CSCA?": b'\r\n+CSCA: "+31624000000",145\r\n' + OK})
    port.refuse = b"\r\n+CMS ERROR: 500\r\n"
    with raises(CommandError, "AT+CMGS"):
        opened(port).sms.send(NUMBER, "x")
    port.refuse = b"\r\n+CMS ERROR: 330\r\n"
    with raises(CommandError, "AT+CMGS"):  # it was given, and that is not the reason
        opened(port).sms.send(NUMBER, "x", centre="123")


def test_a_message_is_never_sent_twice():
    lost = Messages()
    lost._composed = lambda text, end: lost.accepted.append(text) if end == b"\x1a" else lost._answer(OK)
    with raises(ModemTimeout, "may have been sent"):
        opened(lost).sms.send(NUMBER, "x")
    assert len(lost.accepted) == 1 and lost.now > 100000
    silent = Messages({b"AT+CMGS=14": None})
    with raises(ModemTimeout, "was not sent"):
        opened(silent).sms.send(NUMBER, "x")
    assert silent.accepted == [] and silent.count(b"AT+CMGS=14") == 1
    bare = Messages()
    bare._composed = lambda text, end: bare._answer(OK)
    with raises(ProtocolError, "may have been sent"):
        opened(bare).sms.send(NUMBER, "x")
    assert bare.count(b"AT+CMGS=14") == 1


def test_a_module_left_in_the_prompt_gets_the_escape_before_the_next_command():
    port = Messages()
    modem = opened(port)
    line = port._line

    def without_prompt(text):
        if text.startswith(b"AT+CMGS="):
            port.composing = b""  # its prompt is lost on the line
        else:
            line(text)

    port._line = without_prompt
    with raises(ModemTimeout, "was not sent"):
        modem.sms.send(NUMBER, "x")
    assert port.cancelled == 1 and port.composing is None
    assert modem.command("AT+CSQ") == [b"+CSQ: 28,99"]
    assert port.accepted == []


def test_messages_are_listed_read_and_deleted():
    port = Messages(memory=b"ME")
    modem = opened(port)
    port.arrive(deliver(DIGITS, "OK"), announced=False)
    port.arrive(deliver(DIGITS, "жё"), announced=False)
    port.own(7, "123", "mine")
    shown = [(m.indexes, m.state, m.sender, m.text, m.missing) for m in modem.sms.list()]
    assert shown == [
        ((0,), "unread", SENDER, "OK", 0), ((1,), "unread", SENDER, "жё", 0), ((7,), "sent", "123", "mine", 0),
    ]  # fmt: skip
    message = modem.sms.read(1)
    assert (message.text, message.state, message.time) == ("жё", "read", TIME)
    assert modem.sms.storage() == (3, 10)
    modem.sms.delete(*message.indexes)
    modem.sms.delete(0, 7)
    assert port.store == {} and modem.sms.list() == [] and modem.sms.storage() == (0, 10)
    with raises(CommandError) as error:
        modem.sms.read(1)
    assert error.value.code == 321
    with raises(CommandError, "invalid memory index"):
        modem.sms.delete(1)


def test_messages_are_read_where_they_arrive():
    port = Messages()  # AT+CPMS: reads from ME, what arrives is in SM
    modem = opened(port)
    port.arrive(deliver(DIGITS, "x"), announced=False)
    assert [m.text for m in modem.sms.list()] == ["x"]
    assert port.count(b'AT+CPMS="SM"') == 1 and modem.sms.list() and port.count(b'AT+CPMS="SM"') == 1


def test_parts_of_a_long_message_are_joined_in_any_order():
    port = Messages(memory=b"ME")
    modem = opened(port)
    for reference, part in ((9, 3), (9, 1), (8, 1), (9, 2)):
        port.arrive(deliver(DIGITS, "part %d " % part, reference, part, 3), announced=False)
    port.arrive(deliver(DIGITS, "again ", 9, 1, 3), announced=False)  # a later one with the same number
    shown = [(m.indexes, m.text, m.missing) for m in modem.sms.list()]
    assert shown == [((0, 1, 3), "part 1 part 2 part 3 ", 0), ((2,), "part 1 ", 2), ((4,), "again ", 2)]
    assert modem.sms.read(3).indexes == (0, 1, 3)


def test_a_part_that_the_network_delivers_twice_is_one_part_of_one_message():
    port = Messages()
    modem = opened(port)
    modem.sms.listen()
    for part in (1, 1, 2, 2, 3):
        port.arrive(deliver(DIGITS, "part %d " % part, 9, part, 3))
    modem.poll(1000)
    assert [detail[2] for _, detail in modem.events] == ["part 1 part 2 part 3 "] and port.store == {}


def test_a_stranger_cannot_break_the_list():
    port = Messages(memory=b"ME")
    modem = opened(port)
    port.arrive(b"\x00\x04", announced=False)  # cut short
    port.store[0][1] = bytes.fromhex("07911326040000F0") + b"\x04\x0b\x91"
    port.arrive(deliver(DIGITS, "text", 5, 1, 2), announced=False)
    eight = bytearray(deliver(DIGITS, "ж", 5, 2, 2))
    eight[eight.find(b"\x08", 16)] = 4  # a part of 8-bit data under the same reference
    port.arrive(bytes(eight), announced=False)
    shown = modem.sms.list()
    assert shown[0].text == port.store[0][1] and shown[0].indexes == (0,)
    assert shown[1].text == "text\x046" and shown[1].missing == 0
    modem.sms.delete(0)


def test_damaged_answers_are_errors():
    whole = deliver(DIGITS, "hello").hex().upper().encode()
    head = b"\r\n+CMGL: 0,0,,%d\r\n" % (len(whole) // 2 - 8)
    for answer in (head + whole[:-2] + b"\r\n", head + OK, head + head + whole + b"\r\n"):
        port = Messages({b"AT+CMGL=4": answer + OK}, memory=b"ME")
        with raises(ProtocolError, "damaged"):
            opened(port).sms.list()
    port = Messages({b"AT+CMGL=4": ERROR}, memory=b"ME")
    with raises(CommandError):
        opened(port).sms.list()
    for answer in (OK, b'\r\n+CPMS: "SM",1\r\n' + OK):
        with raises(ProtocolError, "AT+CPMS?"):
            opened(Messages({b"AT+CPMS?": answer})).sms.list()


def test_notifications_inside_the_list_go_to_their_handlers():
    port = Messages(memory=b"ME")
    modem = opened(port)
    whole = deliver(DIGITS, "hello").hex().upper().encode()
    answer = b'\r\n+CMGL: 0,0,,%d\r\n+QIURC: "pdpdeact",1\r\nRING\r\n%s\r\n' % (len(whole) // 2 - 8, whole)
    port.table[b"AT+CMGL=4"] = answer + OK
    assert [m.text for m in modem.sms.list()] == ["hello"] and ("context lost", 1) in modem.events


def test_an_arrival_is_an_event_and_makes_room():
    for model in ("ec200u", "a76xx"):
        port = Messages()
        modem = opened(port, model)
        port.arrive(deliver(DIGITS, "before"), announced=False)
        modem.sms.listen()
        assert modem.events == [("sms", (SENDER, TIME, "before"))] and port.store == {}
        assert port.count(b"AT+CNMI=2,1,0,0,0") == 1
        port.arrive(deliver(DIGITS, '+CMT: "1"\r\nOK\r\n' if model == "a76xx" else "OK"))
        assert len(modem.events) == 1
        modem.poll(1000)
        assert len(modem.events) == 2 and port.store == {}
        sent = len(port.lines)
        modem.poll(1000)
        assert len(port.lines) == sent, "nothing is asked for without a reason"


def test_a_message_is_kept_where_the_program_wants_that():
    port = Messages()
    modem = opened(port)
    modem.sms.listen(keep=True)
    port.arrive(deliver(DIGITS, "one"))
    port.arrive(deliver(DIGITS, "two"))
    modem.poll(1000)
    assert [detail[2] for _, detail in modem.events] == ["one", "two"] and len(port.store) == 2
    modem.poll(1000)
    assert len(modem.events) == 2 and [m.state for m in modem.sms.list()] == ["read", "read"]


def test_a_long_message_is_one_event_when_its_last_part_has_come():
    port = Messages()
    modem = opened(port)
    modem.sms.listen()
    port.arrive(deliver(DIGITS, "world", 3, 2, 2))
    modem.poll(1000)
    assert modem.events == [] and port.store[0][0] == 1
    again = opened(port)  # the program is restarted in between
    again.sms.listen()
    assert again.events == []
    port.arrive(deliver(DIGITS, "hello ", 3, 1, 2))
    port.arrive(deliver(DIGITS, "other", 4, 1, 2))
    again.poll(1000)
    assert [detail[2] for _, detail in again.events] == ["hello world"]
    assert [held[1] for held in port.store.values()] == [deliver(DIGITS, "other", 4, 1, 2)]


def test_a_message_whose_event_is_lost_stays():
    port = Messages(places=30)
    modem = ready(port, "ec200u")  # no callback at first: nothing takes the events
    for n in range(20):
        port.arrive(deliver(DIGITS, "%d" % n), announced=False)
    seen = []

    def callback(kind, detail):
        if kind == "sms":
            seen.append(detail[2])

    modem.on_event(callback)
    engine = modem.module.engine
    for _ in range(16):
        engine.event("urc", b"x")
    modem.module._delivering = True  # as if the callback itself had called
    modem.sms.listen()
    modem.module._delivering = False
    assert len(port.store) == 20 and engine.events_lost == 20
    modem.poll()
    assert seen == [] and [m.text for m in modem.sms.list()] == ["%d" % n for n in range(20)]


def test_a_refusal_is_tried_again_with_the_next_poll():
    port = Messages()
    modem = opened(port)
    modem.sms.listen()
    port.table[b"AT+CMGF=0"] = b"\r\n+CMS ERROR: 314\r\n"
    port.arrive(deliver(DIGITS, "x"))
    modem.poll(1000)
    assert modem.events == [] and len(port.store) == 1 and port.count(b"AT+CMGF=0") <= 4
    del port.table[b"AT+CMGF=0"]
    modem.poll(0)
    assert [detail[2] for _, detail in modem.events] == ["x"] and port.store == {}


def test_without_listen_an_arrival_is_a_line_that_no_table_knows():
    port = Messages()
    modem = opened(port)
    assert modem.sms.list() == []
    port.arrive(deliver(DIGITS, "x"))
    modem.poll(100)
    assert modem.events == [("urc", b'+CMTI: "SM",0')] and len(port.store) == 1


def test_reports_are_events():
    port = Messages()
    modem = opened(port)
    assert modem.sms.send("+254702216107", "x", report=True) == (41,)
    assert port.count(b"AT+CNMI=2,1,0,1,0") == 1
    assert port.accepted[0][2:4] == b"21"
    port.later(100, REPORT)
    modem.poll(1000)
    assert modem.events[-1] == ("sms report", (19, "delivered", "+254702216107", (2011, 10, 27, 11, 31, 23, 180), 0))
    for text in (b"OK", b"", b"0006", b"ZZ", deliver(DIGITS, "x").hex().encode()):
        port.later(100, b"\r\n+CDS: 25\r\n" + text + b"\r\n\r\n+CMT: ,25\r\n" + REPORT[13:] + b"\r\n")
    modem.poll(2000)
    assert [kind for kind, _ in modem.events].count("sms report") == 1


def test_reports_that_a_module_only_stores_are_read_there():
    """Firmware of A7670 that refuses <ds>=1, and announces a report by +CDSI."""
    port = Messages(memory=b"ME")
    port.table[b"AT+CNMI=2,1,0,1,0"] = b"\r\n+CMS ERROR: 303\r\n"
    modem = opened(port, "a76xx")
    assert modem.sms.send("+254702216107", "x", report=True) == (41,)
    assert port.count(b"AT+CNMI=2,1,0,2,0") == 1
    port.store[3] = [1, deliver(DIGITS, "not a report")]
    port.store[4] = [0, STORED_REPORT]
    for index in (3, 4, 5):  # 5: an empty place
        port.later(100, b'\r\n+CDSI: "SM",%d\r\n' % index)
    modem.poll(2000)
    assert modem.events == [("sms report", (19, "delivered", "+254702216107", (2011, 10, 27, 11, 31, 23, 180), 0))]
    assert list(port.store) == [3] and port.count(b'AT+CPMS="SM"') == 3, "where the line says that it is"
    assert port.lines[-1].startswith(b"AT+CMG"), "and the next use reads where messages arrive"
    modem.sms.list()
    assert port.reading == b"ME"


def test_a_stored_report_that_cannot_be_read_now_is_read_by_the_next_poll():
    port = Messages()
    port.table[b"AT+CNMI=2,1,0,1,0"] = b"\r\n+CMS ERROR: 303\r\n"
    modem = opened(port, "a76xx")
    modem.sms.send("+254702216107", "x", report=True)
    port.store[4] = [0, STORED_REPORT]
    port.table[b"AT+CMGR=4"] = b"\r\n+CMS ERROR: 314\r\n"  # SIM busy
    port.later(100, b'\r\n+CDSI: "SM",4\r\n')
    modem.poll(500)
    assert not modem.events and 4 in port.store
    del port.table[b"AT+CMGR=4"]
    modem.poll(500)
    assert [kind for kind, _ in modem.events] == ["sms report"] and not port.store


def test_places_that_are_empty_are_told_in_several_ways():
    for answer in (OK, b"\r\n+CMGR: 0,,0\r\n" + OK, b'\r\n+CMGR: 0,"",0\r\n\r\n' + OK, b"\r\n+CMS ERROR: 321\r\n"):
        port = Messages()
        port.table[b"AT+CMGR=7"] = answer
        with raises(CommandError) as error:
            opened(port).sms.read(7)
        assert error.value.code == 321


def test_a_full_memory_is_an_event():
    for model, line in (("ec200u", b'\r\n+QIND: "smsfull","SM"\r\n'), ("a76xx", b"\r\n+SMS FULL\r\n")):
        port = Messages()
        modem = opened(port, model)
        modem.sms.listen()
        port.later(10, line)
        modem.poll(100)
        assert ("sms full", None) in modem.events
        assert (port.count(b'AT+QINDCFG="smsfull",1') == 1) == (model == "ec200u")


def test_texts_shown_at_once_are_no_lines_of_the_module():
    port = Messages()
    modem = opened(port)
    modem.sms.listen()
    for text in (b"OK", b"RDY", b"ERROR", b'+CMTI: "SM",3', b'+QIURC: "pdpdeact",1'):
        port.later(10, b'\r\n+CMT: "+1",,"25/01/08,15:09:03-16"\r\n' + text + b"\r\n")
    sent = len(port.lines)
    modem.poll(1000)
    assert [kind for kind, _ in modem.events] == ["urc"] * 5 and len(port.lines) == sent and modem.module.started


async def test_arrivals_are_read_by_a_task_of_their_own():
    port = Messages()
    modem = opened(port, modem_class=AsyncModem)
    await modem.sms.listen()
    port.arrive(deliver(DIGITS, "hello"))
    while not modem.events:
        await asyncio.sleep(0.001)
    assert modem.events == [("sms", (SENDER, TIME, "hello"))]
    assert await modem.sms.list() == [] and port.store == {}


async def test_a_cancelled_send_is_finished_and_breaks_nothing():
    port = Messages()
    port.accept_ms = 0  # no one turns the port's clock here
    modem = opened(port, modem_class=AsyncModem)
    task = asyncio.create_task(modem.sms.send(NUMBER, "x"))
    while b"AT+CMGS=14" not in port.lines:
        await asyncio.sleep(0.001)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        pass
    assert await modem.command("AT+CSQ") == [b"+CSQ: 28,99"]
    assert len(port.accepted) == 1 and port.composing is None


def test_the_object_is_the_same_each_time():
    modem = ready(Messages(), "ec200u")
    assert modem.sms is modem.sms
