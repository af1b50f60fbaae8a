"""The golden transcripts themselves: that they load on both Pythons, and keep to their conventions."""

from tests.rigs.transcripts import DOUBTFUL, transcript, transcripts


def test_transcripts_are_complete_when_loaded():
    for vendor, count in (("quectel", 59), ("simcom", 183)):
        idents = [t.id for t in transcripts(vendor)]
        assert len(idents) == count and len(set(idents)) == count, vendor
    assert len(list(transcripts("quectel", "EC600E"))) == 28


def test_turns_keep_the_conventions():
    for vendor in ("quectel", "simcom"):
        for t in transcripts(vendor):
            assert t.turns, t.id
            for side, data in t.turns:
                assert side in ("host", "modem") and data and max(data) < 128, t.id
                if side == "host" and data.upper().startswith(b"AT"):
                    assert data.endswith(b"\r") and b"\n" not in data, (t.id, data)


def test_one_transcript_is_found_by_its_id():
    t = transcript("ec600e-3.2.2")
    assert t.host().startswith(b"AT+QISEND="), t.host()
    assert b"SEND OK" in t.modem()
    for ident in DOUBTFUL:
        assert transcript(ident).id == ident
