"""TCP on A76XX in buffer mode: opening, sending, receiving, closing, errors. Scripted, on both Pythons."""

from modem import CommandError, ConnectionClosed, ModemTimeout, NotSupported, ProtocolError, SocketTimeout
from tests.conformance import check
from tests.rigs.assertions import raises
from tests.rigs.scripted_port import ScriptedPort, feed_all_ways, ready

OK = b"\r\nOK\r\n"
ERROR = b"\r\nERROR\r\n"
URC = b"\r\n+CIPRXGET: 1,7\r\n"
NO_DATA = b"\r\n+IP ERROR: No data\r\n" + ERROR
FREE = b"\r\n" + b"".join([b"+CIPOPEN: %d\r\n" % n for n in range(10)]) + OK


def opening(n=0, answer=None, extra=b""):
    line = b'AT+CIPOPEN=%d,"TCP","117.131.85.139",5253%s\r' % (n, extra)
    return (line, OK + b"\r\n+CIPOPEN: %d,0\r\n" % n if answer is None else answer)


def reading(n=0, data=None, rest=0, nbytes=1500):
    line = b"AT+CIPRXGET=2,%d,%d\r" % (n, nbytes)
    return (line, NO_DATA if data is None else b"\r\n+CIPRXGET: 2,%d,%d,%d\r\n" % (n, len(data), rest) + data + b"\r\n" + OK)


def sending(data, n=0, answer=None):
    done = OK + b"\r\n+CIPSEND: %d,%d,%d\r\n" % (n, len(data), len(data))
    return [(b"AT+CIPSEND=%d,%d\r" % (n, len(data)), b"\r\n>"), (data, done if answer is None else answer)]


def closing(n=0):
    return (b"AT+CIPCLOSE=%d\r" % n, OK + b"\r\n+CIPCLOSE: %d,0\r\n" % n)


def closed_already(n=0):
    return (b"AT+CIPCLOSE=%d\r" % n, b"\r\n+CIPCLOSE: %d,4\r\n" % n + ERROR)


def connected(dialogue, **options):
    """Return (socket, modem, port) of a connection on link 0; `dialogue` is what comes after the open."""
    port = ScriptedPort([opening()] + dialogue)
    modem = ready(port, "a76xx")
    s = modem.socket(**options)
    s.connect(("117.131.85.139", 5253))
    return s, modem, port


def test_the_printed_example_however_the_line_cuts_it():
    data = b"data from server"
    dialogue = [opening()] + sending(b"hello") + [reading(data=data), closing()]

    def scene(m):
        with m.create_connection(("117.131.85.139", 5253)) as s:
            s.sendall(b"hello")
            got = s.recv(100)
        return got, m.module.engine.unknown > 1

    ways = feed_all_ways(dialogue, lambda m: scene(m)[0], data, opaque=(data,), urc=URC, model="a76xx")
    check("S-019", ways > 100, True)
    check(
        "S-332", feed_all_ways(dialogue, lambda m: scene(m)[0], data, opaque=(data,), urc=URC, model="a76xx", step=5) > 30, True
    )
    port = ScriptedPort(dialogue)
    modem = ready(port, "a76xx")
    check("S-322", scene(modem)[0], data)
    check("S-294", bytes(port.sent).find(b"\rAT+CIPSEND=0,5\rhelloAT+CIPRXGET=2,0,1500\r") > 0, True)


def test_every_byte_passes_both_ways_and_nothing_in_it_counts():
    data = bytes(range(256)) + b"\r\nOK\r\n\r\nERROR\r\n+CIPRXGET: 1,0\r\n+IPCLOSE: 0,1\r\n>+IP ERROR: No data\r\n"
    dialogue = [opening()] + sending(data) + [reading(data=data), closing()]
    seen = []

    def scene(m):
        with m.create_connection(("117.131.85.139", 5253)) as s:
            s.sendall(data)
            got = s.recv(2000)
            seen.append((s.link.sent, s.link.ended()))
        return got

    feed_all_ways(dialogue, scene, data, opaque=(data,), urc=URC, model="a76xx", step=11)
    for item in ("S-017", "S-020", "S-299"):
        check(item, seen[-1], (len(data), False))
    s, modem, port = connected(sending(data))
    s.sendall(data)
    check("S-298", bytes(port.sent).endswith(data), True)


def test_both_orders_of_ok_and_result_when_opening_and_closing():
    for open_answer in (OK + b"\r\n+CIPOPEN: 0,0\r\n", b"\r\n+CIPOPEN: 0,0\r\n" + OK):
        for close_answer in (OK + b"\r\n+CIPCLOSE: 0,0\r\n", b"\r\n+CIPCLOSE: 0,0\r\n" + OK):
            port = ScriptedPort([opening(answer=open_answer), (b"AT+CIPCLOSE=0\r", close_answer)])
            modem = ready(port, "a76xx")
            s = modem.create_connection(("117.131.85.139", 5253))
            check("S-275", (s.connection_id(), s.link.open_result), (0, 0))
            s.close()
            check("S-337", port.dialogue, [])
            check("S-277", (modem.module.links[0], modem.module.engine.unknown), (None, 0))


def test_ok_alone_is_not_open_and_a_late_result_counts():
    port = ScriptedPort([opening(answer=[(0, OK), (30000, b"\r\n+CIPOPEN: 0,0\r\n")])])
    modem = ready(port, "a76xx")
    modem.create_connection(("117.131.85.139", 5253))
    assert port.now >= 30000
    port = ScriptedPort([opening(answer=OK), closing()])
    modem = ready(port, "a76xx")
    with raises(ModemTimeout, "no result"):
        modem.create_connection(("117.131.85.139", 5253))
    check("S-397", port.now > 120000, True)


def test_an_open_that_fails_says_why_and_frees_the_link():
    for item, code, words in (("S-284", 11, "DNS"), ("S-285", 10, "timeout"), ("S-286", 1, "network")):
        answer = [(0, OK), (5000, b"\r\n+CIPOPEN: 0,%d\r\n" % code)]
        port = ScriptedPort([opening(answer=answer), closed_already()])
        modem = ready(port, "a76xx")
        with raises(CommandError, words) as error:
            modem.create_connection(("117.131.85.139", 5253))
        check(item, (error.value.code, error.value.family, modem.module.links[0]), (code, "simcom", None))
        port.done()


def test_an_open_whose_failure_may_be_a_damaged_digit_leaves_no_connection_on_the_module():
    port = ScriptedPort([opening(answer=OK + b"\r\n+CIPOPEN: 0,1\r\n"), closing()])  # it was +CIPOPEN: 0,0
    modem = ready(port, "a76xx")
    with raises(CommandError):
        modem.create_connection(("117.131.85.139", 5253))
    assert modem.module.links[0] is None
    port.done()
    port = ScriptedPort([opening(answer=ERROR), (b"AT+CIPOPEN?\r", FREE), closing()])  # it was OK
    modem = ready(port, "a76xx")
    with raises(CommandError):
        modem.create_connection(("117.131.85.139", 5253))
    assert modem.module.links[0] is None
    port.done()


def test_the_result_of_an_open_that_was_given_up_does_not_belong_to_the_next_one():
    flags = (b"AT+CIPCLOSE?\r", b"\r\n+CIPCLOSE: 1,0,0,0,0,0,0,0,0,0\r\n" + OK)
    port = ScriptedPort([flags, closing(), opening()])
    modem = ready(port, "a76xx")
    port.later(0, b"\r\n+CIPOPEN: 0,0\r\n")  # unread when the next open begins
    port.now += 10
    s = modem.create_connection(("117.131.85.139", 5253))
    assert s.connection_id() == 0 and not s.link.ended()
    port.done()


def test_a_connection_that_is_still_being_opened_is_closed_later():
    flags = (b"AT+CIPCLOSE?\r", b"\r\n+CIPCLOSE: 0,1,0,0,0,0,0,0,0,0\r\n" + OK)
    busy = (b"AT+CIPCLOSE=0\r", b"\r\n+CIPCLOSE: 0,8\r\n" + ERROR)
    port = ScriptedPort([opening(answer=OK), busy, opening(1), flags, closing(), opening()])
    modem = ready(port, "a76xx")
    with raises(SocketTimeout):
        modem.create_connection(("117.131.85.139", 5253), timeout=1)
    for number in (1, 0):
        assert modem.create_connection(("117.131.85.139", 5253)).connection_id() == number
    port.done()


def test_an_open_that_is_refused_at_once_keeps_the_value_line():
    rows = (b"AT+CIPOPEN?\r", FREE)
    same = (b"AT+CMEE?\r", b"\r\n+CMEE: 1\r\n\r\nOK\r\n")  # it has not restarted
    modem = ready(ScriptedPort([opening(answer=b"\r\n+CIPOPEN: 0,2\r\n" + ERROR), rows, same]), "a76xx")
    with raises(CommandError, "network not opened") as error:
        modem.create_connection(("117.131.85.139", 5253))
    check("S-283", (error.value.code, error.value.lines), (2, [b"+CIPOPEN: 0,2"]))
    modem = ready(ScriptedPort([opening(answer=b"\r\n+IP ERROR: Invalid parameter\r\n" + ERROR), rows]), "a76xx")
    with raises(CommandError, "Invalid parameter") as error:
        modem.create_connection(("117.131.85.139", 5253))
    check("S-281", (error.value.code, error.value.family), (12, "simcom-ip"))


def test_a_link_that_the_module_has_in_use_is_passed_over():
    used = FREE.replace(b"+CIPOPEN: 0\r\n", b'+CIPOPEN: 0,"TCP","1.2.3.4",80,-1\r\n')
    port = ScriptedPort([opening(answer=b"\r\n+CIPOPEN: 0,4\r\n" + ERROR), (b"AT+CIPOPEN?\r", used), opening(1), closing(1)])
    modem = ready(port, "a76xx")
    s = modem.create_connection(("117.131.85.139", 5253))
    check("S-282", s.connection_id(), 1)
    s.close()
    port.done()


def test_numbers_of_the_two_tables_are_kept_apart():
    from modem.codes import meaning

    assert "not supported" in meaning("simcom", 4) and "already opened" in meaning("simcom-ip", 4)
    for answer in (b"+IP ERROR: No data", b"+IP ERROR: 22", b"+IP ERROR:22"):
        s, modem, port = connected([(b"AT+CIPRXGET=2,0,1500\r", b"\r\n" + answer + b"\r\n" + ERROR)])
        s.settimeout(0.5)
        with raises(SocketTimeout):
            s.recv(10)
        check("S-336", (s.link.refused, s.link.ready), (False, False))
    modem = ready(ScriptedPort([(b"AT+IPADDR\r", b"\r\n+IP ERROR: something new\r\n" + ERROR)]), "a76xx")
    with raises(CommandError, "something new"):
        modem.command("AT+IPADDR")


def test_ten_links_at_a_time():
    port = ScriptedPort([opening(n) for n in range(10)] + [closing(n) for n in range(10)])
    modem = ready(port, "a76xx")
    socks = [modem.create_connection(("117.131.85.139", 5253)) for _ in range(10)]
    check("S-280", [s.connection_id() for s in socks], list(range(10)))
    with raises(OSError, "all 10"):
        modem.create_connection(("117.131.85.139", 5253))
    for s in socks:
        s.close()
    port.done()


def test_reading_goes_on_until_nothing_is_left():
    s, modem, port = connected(
        [reading(data=b"data ", rest=11), reading(data=b"from ", rest=6), reading(data=b"server"), closing()]
    )
    got = b""
    while len(got) < 16:
        got += s.recv(100)
    check("S-330", (got, port.dialogue[0][0]), (b"data from server", b"AT+CIPCLOSE=0\r"))
    s.settimeout(1)
    with raises(SocketTimeout):
        s.recv(1)  # the block said that nothing is left: nothing is asked
    port.later(0, b"\r\n+CIPRXGET: 1,0\r\n")
    port.dialogue.insert(0, reading(data=b"more"))
    check("S-321", s.recv(10), b"more")


def test_data_announced_during_a_read_is_not_lost():
    for answer in (NO_DATA[:22] + b"\r\n+CIPRXGET: 1,0\r\n" + ERROR, NO_DATA + b"\r\n+CIPRXGET: 1,0\r\n"):
        s, modem, port = connected([(b"AT+CIPRXGET=2,0,1500\r", answer), reading(data=b"later")])
        s.settimeout(1)
        check("S-331", s.recv(10), b"later")
    urc_first = b"\r\n+CIPRXGET: 1,0\r\n" + reading(data=b"abc")[1]
    s, modem, port = connected([(b"AT+CIPRXGET=2,0,1500\r", urc_first)])
    check("S-329", s.recv(10), b"abc")


def test_an_empty_buffer_is_no_error():
    s, modem, port = connected([reading()])
    s.settimeout(0.2)
    with raises(SocketTimeout):
        s.recv(10)
    check("S-326", s.link.error, None)
    s.setblocking(False)
    assert s.read(5) is None


def test_the_end_by_the_peer_comes_after_its_data():
    s, modem, port = connected([reading(data=b"last words"), reading()])
    port.later(0, b"\r\n+CIPRXGET: 1,0\r\n\r\n+IPCLOSE: 0,1\r\n")
    events = []
    modem.on_event(lambda kind, detail: events.append((kind, detail)))
    got = s.read()
    check("S-379", (got, events), (b"last words", [("closed", s)]))
    with raises(ConnectionClosed):
        s.send(b"x")
    s.close()
    check("S-381", port.dialogue, [])  # the module has freed the link: no CIPCLOSE


def test_reason_0_is_no_news():
    s, modem, port = connected([reading(), reading()])
    events = []
    modem.on_event(lambda kind, detail: events.append(kind))
    port.later(0, b"\r\n+IPCLOSE: 0,0\r\n")
    assert s.read() == b""
    check("S-380", events, [])


def test_an_end_that_nobody_told_of_is_found_by_asking():
    flags = (b"AT+CIPCLOSE?\r", b"\r\n+CIPCLOSE: 0,0,0,0,0,0,0,0,0,0\r\n" + OK)
    same = (b"AT+CMEE?\r", b"\r\n+CMEE: 1\r\n" + OK)  # it has not restarted
    s, modem, port = connected([reading(), reading(), flags, same, flags])
    s.settimeout(60)
    assert s.recv(10) == b"" and 19000 <= port.now <= 22000, port.now
    check("S-341", port.dialogue, [])
    alive = (b"AT+CIPCLOSE?\r", b"\r\n+CIPCLOSE: 1,0,0,0,0,0,0,0,0,0\r\n" + OK)
    s, modem, port = connected([reading(), reading(), alive, reading(data=b"x")])
    s.settimeout(60)
    assert s.recv(10) == b"x"


def test_one_damaged_answer_about_the_state_ends_no_connection():
    flags = (b"AT+CIPCLOSE?\r", b"\r\n+CIPCLOSE: 0,0,0,0,0,0,0,0,0,0\r\n" + OK)
    alive = (b"AT+CIPCLOSE?\r", b"\r\n+CIPCLOSE: 1,0,0,0,0,0,0,0,0,0\r\n" + OK)
    same = (b"AT+CMEE?\r", b"\r\n+CMEE: 1\r\n" + OK)
    closing = (b"AT+CIPCLOSE=0\r", OK + b"\r\n+CIPCLOSE: 0,0\r\n")
    s, modem, port = connected([reading(), reading(), flags, same, alive, reading(data=b"x"), closing])
    s.settimeout(60)
    assert s.recv(10) == b"x"
    s.close()
    port.done()


def test_long_data_is_cut_to_1500_bytes_a_command():
    data = bytes(3100)
    dialogue = sending(data[:1500]) + sending(data[:1500]) + sending(data[:100])
    s, modem, port = connected(dialogue)
    s.sendall(data)
    check("S-306", (s.link.sent, port.dialogue), (3100, []))


def test_the_result_of_a_send_may_come_before_ok_and_data_between():
    for answer in (b"\r\n+CIPSEND: 0,5,5\r\n" + OK, OK + b"\r\n+CIPRXGET: 1,0\r\n" + b"\r\n+CIPSEND: 0,5,5\r\n"):
        s, modem, port = connected(sending(b"hello", answer=answer) + [reading(data=b"abc")])
        s.sendall(b"hello")
        check("S-310", s.recv(3), b"abc")


def test_no_further_send_before_the_result_of_the_last():
    late = [(0, OK), (3000, b"\r\n+CIPSEND: 0,5,5\r\n")]
    s, modem, port = connected(sending(b"hello", answer=late) + sending(b"again"))
    s.settimeout(1)
    with raises(SocketTimeout, "still owes"):
        s.send(b"hello")
    s.settimeout(10)
    s.send(b"again")
    check("S-311", (port.now >= 3000, s.link.sent), (True, 10))


def test_less_taken_than_asked_ends_the_connection():
    for cnf, item in ((-1, "S-304"), (0, "S-304"), (3, "S-303")):
        answer = OK + b"\r\n+CIPSEND: 0,5,%d\r\n" % cnf
        s, modem, port = connected(sending(b"hello", answer=answer) + [closing()])
        with raises(ConnectionClosed, "took %d of 5" % max(cnf, 0)):
            s.send(b"hello")
        check(item, port.dialogue, [])
        with raises(ConnectionClosed):
            s.send(b"again")


def test_a_send_on_a_closed_link():
    asked = (b"AT+CIPCLOSE?\r", b"\r\n+CIPCLOSE: 0,0,0,0,0,0,0,0,0,0\r\n" + OK)
    s, modem, port = connected([(b"AT+CIPSEND=0,5\r", b"\r\n+CIPERROR: 2\r\n" + ERROR), asked])
    with raises(ConnectionClosed) as error:
        s.send(b"hello")
    check("S-309", (error.value.code, error.value.family, error.value.lines), (2, "simcom", ()))


def test_a_send_whose_result_never_came_is_looked_up():
    for taken, asked, then in ((5, 1, []), (0, 15, sending(b"hello")), (2, 15, None)):
        counters = (b"AT+CIPACK=0\r", b"\r\n+CIPACK: %d,0,0\r\n" % taken + OK)
        s, modem, port = connected(sending(b"hello", answer=OK) + [counters] * asked + (then or []))
        if then is None:
            with raises(OSError, "not known"):
                s.send(b"hello")
        else:
            check("S-402", (s.send(b"hello"), s.link.sent), (5, 5))
            assert taken == 0 or port.now < 10000, port.now
        port.done()


def test_counters_and_flush():
    answers = [(b"AT+CIPACK=0\r", b"\r\n+CIPACK: 10,%d,5\r\n" % n + OK) for n in (4, 8, 10)]
    s, modem, port = connected([(b"AT+CIPACK=0\r", b"\r\n+CIPACK: 10,10,5\r\n" + OK)] + answers)
    assert s.stats() == (10, 10, 0)
    s.flush()
    port.done()


def test_the_echo_of_what_is_sent_is_no_answer():
    s, modem, port = connected(sending(b"HELLO", answer=b"HELLO" + OK + b"\r\n+CIPSEND: 0,5,5\r\n"))
    check("S-406", s.send(b"HELLO"), 5)


def test_closing_a_link_that_is_free_already():
    s, modem, port = connected([(b"AT+CIPCLOSE=0\r", b"\r\n+CIPCLOSE: 0,4\r\n" + ERROR)])
    s.close()
    check("S-342", (modem.module.links[0], port.dialogue), (None, []))


def test_results_of_links_do_not_get_mixed():
    mixed = OK + b"\r\n+CIPOPEN: 0,11\r\n"
    port = ScriptedPort([opening(0), opening(1, b"\r\n+CIPCLOSE: 0,0\r\n" + OK + b"\r\n+CIPOPEN: 1,0\r\n")])
    modem = ready(port, "a76xx")
    first = modem.create_connection(("117.131.85.139", 5253))
    second = modem.create_connection(("117.131.85.139", 5253))
    check("S-293", (first.link.ended(), second.link.ended(), second.connection_id()), (True, False, 1))
    modem = ready(ScriptedPort([opening(answer=mixed), closed_already()]), "a76xx")
    with raises(CommandError):
        modem.create_connection(("117.131.85.139", 5253))


def test_fields_that_no_document_knows_change_no_result():
    s, _, port = connected([(b"AT+CIPCLOSE=0\r", b"\r\nOK\r\n\r\n+CIPCLOSE: 0,0,7\r\n")])
    s.close()
    port.done()
    assert port.now < 1000


def test_the_list_of_links():
    shown = FREE.replace(b"+CIPOPEN: 1\r\n", b'+CIPOPEN: 1,"TCP","117.131.85.139",5253,-1\r\n')
    shown = shown.replace(b"+CIPOPEN: 2\r\n", b'+CIPOPEN: 2,"TCP","192.168.108.5",57202,3\r\n')
    shown = shown.replace(b"+CIPOPEN: 3\r\n", b'+CIPOPEN: 3,"UDP","",,\r\n')
    modem = ready(ScriptedPort([(b"AT+CIPOPEN?\r", b"\r\n+CIPOPEN: 5,10\r\n" + shown)]), "a76xx")
    found = modem.connections()
    check("S-287", [c[0] for c in found], [1, 2, 3])
    check("S-288", modem.module.engine.unknown, 1)  # the result of link 5, which is nobody's here
    check("S-289", found[0][:4], (1, "TCP", "117.131.85.139", 5253))
    check("S-290", (found[1][1], found[1][7]), ("TCP INCOMING", 3))
    check("S-291", found[2][1:4], ("UDP", "", None))
    assert [c[5] for c in found] == ["connected"] * 3  # a word, as Quectel's numbers become


def test_what_makes_no_sense_is_refused_before_anything_is_sent():
    modem = ready(ScriptedPort([]), "a76xx")
    for bad in (('a"b', 80), ("h", 0), ("h", 65536), ("x" * 256, 80)):
        with raises(ValueError):
            modem.create_connection(bad)
    s, modem, port = connected([closing()])
    other = modem.socket(access="push")
    with raises(NotSupported, "buffer is in force"):
        other.connect(("h", 80))
    with raises(NotSupported):
        modem.socket(access="transparent").connect(("h", 80))
    modem.poll()
    s.close()
    port.done()


def test_all_forms_of_failure_end_a_command():
    for answer in (b"ERROR", b"+CME ERROR", b"+CME ERROR: 3", b"+CME ERROR: operation not allowed", b"+CMS ERROR: 500"):
        modem = ready(ScriptedPort([(b"AT+X\r", b"\r\n" + answer + b"\r\n")]), "a76xx")
        with raises(CommandError):
            modem.command("AT+X")
        check("S-011", modem.module.engine.command, None)


def test_blanks_empty_lines_and_echo_change_nothing():
    data = b"abc"
    plain = [opening(), reading(data=data), closing()]

    def spaced(answer, colon, comma):
        head, payload, tail = answer.partition(b"abc")
        return head.replace(b": ", colon).replace(b",", comma) + payload + tail

    for item, change in (
        ("S-004", lambda a: spaced(a, b":", b",")),
        ("S-004", lambda a: spaced(a, b":", b", ")),
        ("S-004", lambda a: spaced(a, b":   ", b",  ")),
        ("S-003", lambda a: b"\r\n\r\n" + a),
    ):
        dialogue = [(line, change(answer)) for line, answer in plain]
        modem = ready(ScriptedPort(dialogue), "a76xx")
        with modem.create_connection(("117.131.85.139", 5253)) as s:
            check(item, s.recv(10), data)
    echoed = [(line, line[:-1] + b"\r\r\n" + answer[2:]) for line, answer in plain]
    modem = ready(ScriptedPort(echoed), "a76xx")
    with modem.create_connection(("117.131.85.139", 5253)) as s:
        check("S-014", s.recv(10), data)
    check("S-007", [line.count(b"\n") + line.count(b"\r") for line, _ in plain], [1, 1, 1])


def test_the_flags_of_all_links_are_told_from_a_result_with_a_field_that_no_document_knows():
    s, modem, port = connected([(b"AT+CIPCLOSE=0\r", OK + b"\r\n+CIPCLOSE: 0,0,7\r\n")])
    s.close()
    assert port.now < 1000
    port.done()


def test_a_count_that_was_damaged_spoils_no_later_connection():
    damaged = reading(0, b"012345678\n", 0)[1].replace(b"2,0,10,0", b"2,0,9,0")
    for first in ([], [reading(0, b"good")]):
        dialogue = first + [(reading()[0], damaged), (b"AT+CMEE?\r", b"\r\n+CMEE: 1\r\n" + OK)]
        dialogue += [dialogue[-1], closing(), opening(), reading(0, b"012345678\n", 0)]
        s, modem, port = connected(dialogue)
        if first:
            assert s.recv(100) == b"good"
            s.link.ready = True
        with raises(ProtocolError):
            s.recv(100)
        s.close()
        s = modem.create_connection(("117.131.85.139", 5253))
        assert s.recv(100) == b"012345678\n"
