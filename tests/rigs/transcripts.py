"""The golden transcripts of tests/data/, on both Pythons.

quectel.jsonl holds every numbered example of the three Quectel documents, simcom.jsonl those of the two SIMCom documents
and some built from their syntax tables. One JSON object a line: `id`, `model`, `section` of the document, `title`, and
`exchange`, a list of one-key objects `{"host": text}` or `{"modem": text}` in the order of the line, all of it ASCII.

Conventions: echo is off, QISDE is 0, the prompt is `\\r\\n>`; command lines end with `\\r`, payload turns do not; `+++` is a
turn of its own and needs its guard times around it; an information response and its OK form one Quectel turn, but one turn
per frame in simcom.jsonl, where adjacent turns may be joined on the line and time may pass between them. Payload that a
document elides is a stand-in of the declared length.

Endings of SIMCom ids: `-P` exactly as printed, slips included (a module need not send it, a driver digests it); `-D` built
from a syntax table. `GK-...` comes from general knowledge of the family, not from one of the two documents.
"""

import json

# Printed values that parse but contradict the rest of their document: a consistent module answers differently here.
DOUBTFUL = {
    "ec200u-3.2": 'item "secllevel": "seclevel" is accepted as well',
    "ec600e-3.1.4": "the last answer shows context type 1 with an IPv4 and an IPv6 address; consistent is type 3",
    "ec600e-3.2.1": 'the peer is printed as "220.180.239.212",8305; consistent is "112.31.84.164",8305',
    "ec600e-3.4.1": 'the peer is printed as "220.180.239.212",8009; consistent is "112.31.84.164",8305',
    "ec600e-3.7": "the average is printed as 353; consistent is 288",
    "ec600e-3.9": "the text is printed as dns failed; any text will do",
}


class Transcript:
    """One example. `turns` is a list of (side, bytes), side being "host" or "modem"."""

    def __init__(self, row):
        self.id = row["id"]
        self.model = row["model"]
        self.section = row["section"]
        self.title = row["title"]
        self.turns = [(side, text.encode()) for turn in row["exchange"] for side, text in turn.items()]

    def host(self):
        """All the host sends, in one piece."""
        return b"".join([data for side, data in self.turns if side == "host"])

    def modem(self):
        """All the module sends, in one piece."""
        return b"".join([data for side, data in self.turns if side == "modem"])


def transcripts(vendor, model=None):
    """The transcripts of "quectel" or "simcom", one after the other; only those whose model contains `model` ("EC600E")."""
    with open(_folder() + "/../data/" + vendor + ".jsonl") as f:
        for line in f:
            row = json.loads(line)
            if model is None or model in row["model"]:
                yield Transcript(row)


def transcript(ident):
    """The one transcript with this id."""
    for found in transcripts("quectel" if ident[0] in "eb" else "simcom"):
        if found.id == ident:
            return found
    raise KeyError(ident)


def _folder():
    return __file__.replace("\\", "/").rsplit("/", 1)[0]
