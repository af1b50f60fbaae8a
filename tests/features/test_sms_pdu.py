"""The codec of short messages: 3GPP TS 23.040 and 23.038. Public examples, and what comes back from itself. On both Pythons."""

import modem.sms_pdu as sms_pdu
from tests.rigs.assertions import raises

DELIVER, SUBMIT, REPORT = 0, 1, 2  # TP-MTI as the driver has it: to the module, from it, the report of a delivery


def tpdu(text):
    """Parse hexadecimal digits with the service centre's number in front."""
    return sms_pdu.parse(bytes.fromhex(text))


def back(tpdus):
    """Parse what submit() has made."""
    return [sms_pdu.parse(b"\0" + each) for each in tpdus]


def test_septets_are_packed_as_the_standard_shows():
    # "hellohello" and the eight-digit border: the examples of many tutorials on 23.038, 6.1.2.1
    for text, packed in (("hellohello", "e8329bfd4697d9ec37"), ("1234567", "31d98c56b3dd00"), ("12345678", "31d98c56b3dd70")):
        codes = sms_pdu.to_septets(text)
        assert sms_pdu.pack(codes).hex() == packed
        assert sms_pdu.unpack(bytes.fromhex(packed), len(text)) == codes


def test_every_character_of_the_alphabet_comes_back():
    basic = "".join([sms_pdu.from_septets(bytes((code,))) for code in range(128) if code != 0x1B])
    assert len(basic) == len(set(basic)) == 127 and basic[:4] == "@£$¥" and basic[0x10] == "Δ" and basic[-1] == "à"
    assert sms_pdu.from_septets(sms_pdu.to_septets(basic)) == basic
    for char, code in (
        ("\f", 10),
        ("^", 20),
        ("{", 40),
        ("}", 41),
        ("\\", 47),
        ("[", 60),
        ("~", 61),
        ("]", 62),
        ("|", 64),
        ("€", 101),
    ):
        assert sms_pdu.to_septets(char) == bytes((0x1B, code)) and sms_pdu.from_septets(bytes((0x1B, code))) == char
    assert sms_pdu.to_septets("ж") is None and sms_pdu.to_septets("`") is None and sms_pdu.to_septets("\x1b") is None
    # 6.2.1.1: an unknown extension shows as the character of the default alphabet, a second escape as a space
    assert sms_pdu.from_septets(b"\x1ba\x1b\x1bb\x1b") == "a b"


def test_messages_of_public_examples():
    one = tpdu("07917283010010F5040BC87238880900F10000993092516195800AE8329BFD4697D9EC37")
    assert (one.number, one.text, one.time) == ("27838890001", "hellohello", (1999, 3, 29, 15, 16, 59, 120))
    assert one.kind == DELIVER and one.long is None and (one.part, one.parts) == (1, 1)
    two = tpdu("07911326040000F0040B911346610089F60000208062917314080CC8F71D14969741F977FD07")
    assert (two.number, two.text, two.time) == ("+31641600986", "How are you?", (2002, 8, 26, 19, 37, 41, 0))
    report = tpdu("0006130C91527420121670110172111332E11101721113322100")
    assert (report.kind, report.number, report.reference, report.status) == (REPORT, "+254702216107", 19, 0)
    assert report.time == (2011, 10, 27, 11, 31, 23, 180)
    sent = tpdu("0011000B916407281553F80000AA0AE8329BFD4697D9EC37")  # with a relative validity
    assert (sent.kind, sent.number, sent.text) == (SUBMIT, "+46708251358", "hellohello")


def test_a_submit_of_a_public_example_without_its_validity():
    assert sms_pdu.submit("+46708251358", "hellohello", 0, False) == [
        bytes.fromhex("01000B916407281553F800000AE8329BFD4697D9EC37")
    ]
    assert sms_pdu.submit("112", "é", 0, True) == [bytes.fromhex("2100038111F20000" + "0105")]
    assert sms_pdu.submit("+123", "ж", 0, False) == [bytes.fromhex("01000391" + "21F3" + "0008" + "02" + "0436")]


def test_senders_and_times_of_all_kinds():
    tail = "0000" + "52108051903069" + "0141"
    named = tpdu("00" + "04" + "0ED0" + "31D98C56B3DD70" + tail)  # letters in septets; the length counts half octets
    assert named.number == "12345678" and named.text == "A"
    assert named.time == (2025, 1, 8, 15, 9, 3, -240)  # bit 3 of the zone: west
    for none in ("00" * 7, "FF" * 7, "52318051903069"):
        assert tpdu("00" + "04" + "0381" + "21F3" + "0000" + none + "0141").time is None, none
    for address, number in (("06A1" + "A1B2C3", "1*2#3a"), ("0081", ""), ("0391" + "21F3", "+123"), ("03A8" + "21F3", "123")):
        assert tpdu("00" + "04" + address + tail).number == number


def test_alphabets_by_data_coding_scheme():
    head = "00" + "04" + "0381" + "21F3" + "00"
    for dcs, length, data, text in (
        ("00", 1, "41", "A"), ("0C", 1, "41", "A"), ("80", 1, "41", "A"), ("C8", 1, "41", "A"), ("F0", 1, "41", "A"),
        ("04", 2, "41FF", b"A\xff"), ("F5", 2, "41FF", b"A\xff"), ("20", 2, "41FF", b"A\xff"), ("44", 2, "41FF", b"A\xff"),
        ("08", 2, "0416", "Ж"), ("18", 2, "0416", "Ж"), ("48", 2, "0416", "Ж"), ("E8", 2, "0416", "Ж"),
    ):  # fmt: skip
        assert tpdu(head + dcs + "52108051903000" + "%02X" % length + data).text == text, dcs


def test_long_texts_go_in_parts_at_borders_of_characters():
    for text, sizes in (
        ("a" * 160, [160]),
        ("a" * 161, [153, 8]),
        ("a" * 152 + "€" * 5, [152, 5]),  # the euro sign takes two, and is not cut
        ("€" * 80, [80]),
        ("€" * 81, [76, 5]),
        ("ж" * 70, [70]),
        ("ж" * 71, [67, 4]),
        ("ж" * 66 + "😀" * 3, [66, 3]),  # a surrogate pair is not cut
        ("😀" * 35, [35]),
        ("😀" * 36, [33, 3]),
        ("", [0]),
    ):
        tpdus = sms_pdu.submit("+4917012345", text, 0x1FF, False)
        parts = back(tpdus)
        assert "".join([part.text for part in parts]) == text
        assert [len(part.text) for part in parts] == sizes, (text, sizes)
        assert [(part.part, part.parts) for part in parts] == [(n + 1, len(sizes)) for n in range(len(sizes))]
        assert len({part.long for part in parts}) == 1 and (parts[0].long is None) == (len(parts) == 1)
        assert max([len(each) for each in tpdus]) <= 164  # the longest TPDU of AT+CMGS
    assert tpdus[0][-2:] == b"\0\0"  # no user data at all
    assert sms_pdu.submit("1", "a" * 161, 0x1FF, False)[1][7:14] == bytes((15, 5, 0, 3, 0xFF, 2, 2))


def with_header(*elements):
    """A message "A" in UCS-2 with a header of these elements."""
    header = "".join(elements)
    length = len(header) // 2
    head = "00" + "44" + "0381" + "21F3" + "0008" + "52108051903000"
    return tpdu(head + "%02X%02X" % (length + 3, length) + header + "0041")


def test_parts_with_references_of_sixteen_bits_and_other_elements():
    wide = with_header("0804" + "12340302", "2401" + "01")  # and a national language table
    assert (wide.part, wide.parts, wide.text) == (2, 3, "A")
    narrow = with_header("0003" + "340302")
    assert narrow.long != wide.long and (narrow.part, narrow.parts) == (2, 3)
    for element in ("0003" + "340304", "0003" + "340300", "0002" + "3403", "0003", "00"):  # part 4 of 3, part 0, no parts
        odd = with_header(element)
        assert odd.long is None and odd.text == "A"


def test_half_a_surrogate_pair_is_shown_as_such():
    for data, text in (
        ("D83D", "\ufffd"),
        ("DE00", "\ufffd"),
        ("D83DD83DDE00", "\ufffd😀"),
        ("D83D0041", "\ufffdA"),
        ("DE000041", "\ufffdA"),
    ):
        assert sms_pdu.from_units(bytes.fromhex(data)) == text, data
    assert sms_pdu.to_units("A😀") == [0x41, 0xD83D, 0xDE00]


def test_what_is_cut_short_is_no_message():
    whole = bytes.fromhex("07911326040000F0040B911346610089F60000208062917314080CC8F71D14969741F977FD07")
    for n in range(len(whole)):
        with raises(ValueError):
            sms_pdu.parse(whole[:n])
    report = bytes.fromhex("0006130C91527420121670110172111332E11101721113322100")
    for n in range(len(report)):
        with raises(ValueError):
            sms_pdu.parse(report[:n])


def test_any_bytes_are_a_message_or_a_value_error():
    x = 1
    for _ in range(300):
        data = bytearray()
        for _ in range(40):
            x = (x * 69069 + 1) % 0x1000000
            data.append(x >> 12 & 255)
        for first in range(0, 128, 4):
            data[0], data[1] = 0, first | (x & 3)
            try:
                assert isinstance(sms_pdu.parse(bytes(data)).text, (str, bytes))
            except ValueError:
                pass


def test_service_centres_and_what_is_no_number():
    assert sms_pdu.service_centre(None) == b"\0"
    assert sms_pdu.service_centre("+31624000000") == bytes.fromhex("07911326040000F0")
    assert sms_pdu.service_centre("123") == bytes.fromhex("038121F3")
    for number in ("", "+", "12 3", "12-3", "Bank", "1" * 21, '1"', "1\r", "++1", "1+"):
        with raises(ValueError, "number"):
            sms_pdu.submit(number, "x", 0, False)
        with raises(ValueError, "centre"):
            sms_pdu.service_centre(number)
    for number, text in ((b"123", "x"), (123, "x"), ("123", b"x"), ("123", None)):
        with raises(TypeError):
            sms_pdu.submit(number, text, 0, False)
    with raises(ValueError, "text"):
        sms_pdu.submit("1", "a" * (153 * 255 + 1), 0, False)
    assert len(sms_pdu.submit("1", "a" * (153 * 255), 0, False)) == 255


def test_outcomes_of_reports():
    for status, outcome in (
        (0, "delivered"),
        (2, "delivered"),
        (0x20, "pending"),
        (0x3F, "pending"),
        (0x40, "failed"),
        (0x63, "failed"),
    ):
        assert sms_pdu.outcome(status) == outcome
