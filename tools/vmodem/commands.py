"""Command lines: cutting them into commands and parameters, and the table that commands are registered in.

A line such as `ATE0+CMEE=1;+CREG?` holds several commands (ITU-T V.250, 5.2 and 5.4). Each becomes a `Command` with
a name, a form and the text of its parameters. Dialects register handlers per name and form; see the package docstring.
"""

import re

from .errors import CME_TEXTS, PARAMETERS

TEST, READ, WRITE, EXECUTE = "test", "read", "write", "execute"

_MISSING = object()


class AtError(Exception):
    """A command has failed. `code` is the vendor's or 3GPP's number, or None when the failure has none; `info` are the
    information lines that come before the final result."""

    def __init__(self, code=None, info=()):
        super().__init__(code)
        self.code = code
        self.info = info


class ParameterError(AtError):
    """A parameter is missing, of the wrong kind, or out of range; dialects give it their own number."""


class CmeError(AtError):
    """A failure that is reported the way AT+CMEE asks for (3GPP TS 27.007, 9.1 and 9.2)."""


class CmsError(AtError):
    """A failure of a message command: `+CMS ERROR: <code>` (3GPP TS 27.005, 3.2.5)."""


def error_text(error, mode):
    """The final result for an error; `mode` is that of AT+CMEE."""
    if isinstance(error, CmsError):
        return "+CMS ERROR: %d" % error.code
    if not isinstance(error, CmeError) or mode == 0:
        return "ERROR"
    text = CME_TEXTS.get(error.code) if mode == 2 else None
    return "+CME ERROR: %s" % (text or error.code)


def needs_parameters(handler):
    """`handler`, whose bad parameters are CME error 50 as 3GPP TS 27.007 has it."""

    def checked(*args):
        try:
            return handler(*args)
        except ParameterError:
            raise CmeError(PARAMETERS) from None

    return checked


class Ranges:
    """The numbers that the parameters of a command may have, taken from the text of its test form: `(0-2),(0,1)`."""

    def __init__(self, text):
        self.text = text
        self._allowed = [self._numbers(group) for group in re.findall(r"\(([^)]*)\)", text)]

    @staticmethod
    def _numbers(group):
        allowed = set()
        for item in group.split(","):
            low, _, high = item.partition("-")
            allowed.update(range(int(low), int(high or low) + 1))
        return allowed

    def read(self, parameters, present):
        """The parameters as a tuple of as many numbers as there are ranges; an omitted one stays as in `present`."""
        parameters.count(1, len(self._allowed))
        values = []
        for index, (allowed, value) in enumerate(zip(self._allowed, present)):
            value = parameters.int(index, 0, max(allowed), value)
            if value not in allowed:
                raise ParameterError()
            values.append(value)
        return tuple(values)

    def only(self):
        """A write handler that checks its numbers and does nothing else."""
        lowest = [min(allowed) for allowed in self._allowed]

        def check(parameters):
            self.read(parameters, lowest)

        return needs_parameters(check)


class Command:
    """One command of a line: `name` in upper case (`+QIOPEN`, `E`, `&D`, `S3`), its form, its parameters' text."""

    def __init__(self, name, form, text=""):
        self.name = name
        self.form = form
        self.text = text

    def __repr__(self):
        return "Command(%r, %r, %r)" % (self.name, self.form, self.text)


def _extended_end(text, start):
    """The position where the extended command at `start` ends: at a `;`, at a `&` (`AT+IPR=115200&W`), or with the line."""
    quoted = False
    for position in range(start, len(text)):
        char = text[position]
        if char == '"':
            quoted = not quoted
        elif char in ";&" and not quoted:
            return position
    return len(text)


def _extended(text):
    for position, char in enumerate(text):
        if char == "=":
            name, rest = text[:position], text[position + 1 :]
            if rest.strip() == "?":
                return Command(name.strip().upper(), TEST)
            return Command(name.strip().upper(), WRITE, rest)
        if char == "?":
            return Command(text[:position].strip().upper(), READ, text[position + 1 :])
    return Command(text.strip().upper(), EXECUTE)


def _digits(text, start):
    end = start
    while end < len(text) and text[end].isdigit():
        end += 1
    return end


def _basic(text, start):
    """Cut one basic command (`E0`, `&D1`, `S3=13`, `S3?`) from `text`; return it and the position after it."""
    end = start + (2 if text[start] in "&\\" else 1)
    name = text[start:end].upper()
    if name == "D":  # dial: the rest of the line is its parameter
        return Command(name, WRITE, text[end:]), len(text)
    if name == "S":
        digits = _digits(text, end)
        name, end = "S" + text[end:digits], digits
        if text[end : end + 1] == "?":
            return Command(name, READ), end + 1
        if text[end : end + 1] == "=":
            digits = _digits(text, end + 1)
            return Command(name, WRITE, text[end + 1 : digits]), digits
        return Command(name, EXECUTE), end
    digits = _digits(text, end)
    if digits > end:
        return Command(name, WRITE, text[end:digits]), digits
    if text[end : end + 1] == "?":
        return Command(name, READ), end + 1
    return Command(name, EXECUTE), end


def edited(text):
    """Apply the backspaces that a person typed."""
    if "\b" not in text and "\x7f" not in text:
        return text
    kept = []
    for char in text:
        if char in "\b\x7f":
            del kept[-1:]
        else:
            kept.append(char)
    return "".join(kept)


def parse_line(text):
    """The commands of a line, without its `AT` and without its terminator."""
    commands = []
    position = 0
    while position < len(text):
        char = text[position]
        if char in " ;":
            position += 1
        elif char in "+*$^%#":
            end = _extended_end(text, position)
            commands.append(_extended(text[position:end]))
            position = end
        else:
            command, position = _basic(text, position)
            commands.append(command)
    return commands


class Parameters:
    """The parameters of a write command: quoted strings, bare words, and places left empty.

    The readers raise `ParameterError` for what is missing, of the wrong kind, or out of range. `default` stands for an
    omitted or empty parameter.
    """

    def __init__(self, text):
        self._items = []  # (quoted, value); value None: left empty
        position = 0
        while True:
            quoted, value, position = self._item(text, position)
            self._items.append((quoted, value))
            if position >= len(text):
                break
            position += 1  # the comma
        if len(self._items) == 1 and self._items[0][1] is None:
            self._items = []

    @staticmethod
    def _item(text, position):
        while text[position : position + 1] == " ":
            position += 1
        if text[position : position + 1] == '"':
            end = text.find('"', position + 1)
            if end < 0:
                raise ParameterError()
            value = text[position + 1 : end]
            position = end + 1
            while text[position : position + 1] == " ":
                position += 1
            if position < len(text) and text[position] != ",":
                raise ParameterError()
            return True, value, position
        end = text.find(",", position)
        end = len(text) if end < 0 else end
        return False, text[position:end].strip() or None, end

    def __len__(self):
        return len(self._items)

    def after(self, index):
        """The parameters from `index` on."""
        rest = Parameters("")
        rest._items = self._items[index:]
        return rest

    def count(self, low, high):
        """Check that there are between `low` and `high` parameters."""
        if not low <= len(self._items) <= high:
            raise ParameterError()

    def given(self, index):
        """Whether parameter `index` is there and not left empty."""
        return index < len(self._items) and self._items[index][1] is not None

    def quoted(self, index):
        """Whether parameter `index` is a quoted string."""
        return self.given(index) and self._items[index][0]

    def int(self, index, low, high, default=_MISSING):
        """Parameter `index` as a decimal integer from `low` to `high`."""
        if not self.given(index):
            if default is _MISSING:
                raise ParameterError()
            return default
        quoted, value = self._items[index]
        if quoted or not value.isascii() or not value.isdigit() or not low <= int(value) <= high:
            raise ParameterError()
        return int(value)

    def str(self, index, longest=1000, default=_MISSING, bare=False):
        """Parameter `index` as a string of at most `longest` bytes; without quotes only if `bare`."""
        if not self.given(index):
            if default is _MISSING:
                raise ParameterError()
            return default
        quoted, value = self._items[index]
        if len(value) > longest or not (quoted or bare):
            raise ParameterError()
        return value


class CommandTable:
    """Name and form -> handler.

    A handler for WRITE takes `Parameters`; the others take nothing. What a handler may return is listed in `core`.
    """

    def __init__(self):
        self._handlers = {}

    def add(self, name, *, test=None, read=None, write=None, execute=None):
        """Register the forms that a command has.

        `test` may be the answer itself (a line, or a list of lines; "" for a plain OK). `write` and the others are callables.
        """
        if test is not None and not callable(test):
            lines = [test] if isinstance(test, str) else list(test)
            test = lambda: [line for line in lines if line]  # noqa: E731 - a constant as a callable
        for form, handler in ((TEST, test), (READ, read), (WRITE, write), (EXECUTE, execute)):
            if handler is not None:
                self._handlers[name, form] = handler

    def find(self, name, form):
        """The handler, or None."""
        return self._handlers.get((name, form))

    def names(self):
        """All command names, sorted."""
        return sorted({name for name, _ in self._handlers})

    def wrap(self, names, wrapper):
        """Replace the handlers of `names` by `wrapper(handler)`."""
        for (name, form), handler in list(self._handlers.items()):
            if name in names:
                self._handlers[name, form] = wrapper(handler)
