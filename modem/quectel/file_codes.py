"""Numbers of +CME ERROR for files ("BG96 FILE AT Commands Manual", chapter 4); loaded only when an error is printed."""

_WORDS = (
    (400, "invalid input value"), (401, "larger than the size of the file"), (402, "read zero byte"), (403, "drive full"),
    (405, "file not found"), (406, "invalid file name"), (407, "file already exists"), (409, "fail to write the file"),
    (410, "fail to open the file"), (411, "fail to read the file"), (413, "too many files are open"),
    (414, "the file is read-only"), (416, "invalid file descriptor"), (417, "fail to list the files"),
    (418, "fail to delete the file"), (419, "fail to get disk info"), (420, "no space"), (421, "time-out"),
    (423, "file too large"), (425, "invalid parameter"), (426, "file already opened"),
)  # fmt: skip


def meaning(code):
    """Return the words for `code`, "" where there are none."""
    for number, words in _WORDS:
        if number == code:
            return words
    return ""
