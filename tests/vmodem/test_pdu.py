# CPython only: the virtual modem needs asyncio's sockets and clocks.
"""Short messages as the network carries them: alphabets, address fields, TPDUs of the virtual modem."""

from tools.vmodem import pdu


def fails(call, *args, **options):
    try:
        call(*args, **options)
    except ValueError as error:
        return str(error) or True
    return False


def test_septets_of_a_well_known_example():
    """The example that is printed wherever the packing is explained: "hellohello"."""
    assert pdu.pack(pdu.to_septets("hellohello")).hex().upper() == "E8329BFD4697D9EC37"
    assert pdu.from_septets(pdu.unpack(bytes.fromhex("E8329BFD4697D9EC37"), 10)) == "hellohello"


def test_characters_of_the_alphabet_and_of_its_extension():
    text = "@£$ àÄ{}[]~\\|^€\n"
    codes = pdu.to_septets(text)
    assert pdu.from_septets(codes) == text and codes[0] == 0 and len(codes) == len(text) + 9
    assert pdu.to_septets("ж") is None
    for count in range(20):
        for fill in range(7):
            assert pdu.unpack(pdu.pack(b"a" * count, fill), count, fill) == b"a" * count


def test_alphabet_of_coding_schemes():
    schemes = {0: 0, 4: 1, 8: 2, 0x10: 0, 0x18: 2, 0xF0: 0, 0xF4: 1, 0xE0: 2, 0xC8: 0}
    assert {dcs: pdu.alphabet(dcs) for dcs in schemes} == schemes


def test_a_submit_out_of_public_documents():
    """SMS-SUBMIT of many tutorials: to +46708251358, "hellohello"."""
    tpdu = bytes.fromhex("11000B916407281553F80000AA0AE8329BFD4697D9EC37")
    message = pdu.parse(tpdu, outgoing=True)
    assert (message.number, message.text(), message.validity) == ("+46708251358", "hellohello", b"\xaa")
    assert pdu.submit(0x11, 0, "+46708251358", 0, 0, 0xAA, pdu.to_septets("hellohello")) == tpdu


def test_a_deliver_out_of_public_documents():
    """SMS-DELIVER of many tutorials: from +27838890001, "hellohello"."""
    message = pdu.parse(bytes.fromhex("040B917238880900F10000993092516195800AE8329BFD4697D9EC37"))
    assert (message.number, message.text()) == ("+27838890001", "hellohello")
    assert pdu.read_time(message.stamp) == "99/03/29,15:16:59+08"


def test_arrivals_of_any_length():
    stamp = pdu.time_stamp(1_700_000_000, -6)
    assert pdu.read_time(stamp) == "23/11/14,22:13:20-06"
    for text, parts in (
        ("x" * 160, 1),
        ("x" * 161, 2),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("ж" * 70, 1),
        ("ж" * 71, 2),
        ("a" + "😀" * 67, 3),
    ):
        got = pdu.arrivals("+491701234567", text, stamp, 300)
        messages = [pdu.parse(each) for each in got]
        assert len(got) == parts and "".join(message.text() for message in messages) == text
        if parts > 1:
            assert [message.header for message in messages] == [
                bytes((5, 0, 3, 300 & 255, parts, n)) for n in range(1, parts + 1)
            ]
        assert all(len(each) <= 24 + pdu.LONGEST for each in got)


def test_senders_with_letters():
    message = pdu.parse(pdu.arrivals("INFO-24", "x", pdu.time_stamp(0), 0)[0])
    assert (message.number, message.number_kind) == ("INFO-24", 0xD0)
    assert fails(pdu.address, "фирма")


def test_reports():
    stamp = pdu.time_stamp(1_700_000_000)
    message = pdu.parse(pdu.report(7, "+4917", stamp, stamp))
    assert (message.kind, message.reference, message.number, message.status) == (pdu.REPORT, 7, "+4917", 0)


def test_what_is_no_message():
    good = bytes.fromhex("11000B916407281553F80000AA0AE8329BFD4697D9EC37")
    for cut in range(len(good)):
        assert fails(pdu.parse, good[:cut], outgoing=True), cut
    assert fails(pdu.parse, good + b"\0", outgoing=True)
    assert fails(pdu.parse, b"\x04" + good[1:], outgoing=True), "a DELIVER is nothing that a host sends"


def test_service_centre_before_a_message():
    assert pdu.centre("") == b"\0" and pdu.centre("+46705008999").hex().upper() == "07916407058099F9"
