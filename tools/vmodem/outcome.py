"""What the core and its handlers hand to each other: outcomes of commands, and the command line that is being carried out."""

PENDING = object()  # the outcome comes later, through `Modem.complete`


class Result:
    """A final result other than OK, with information lines before it; `then()` runs after it has been printed."""

    def __init__(self, final="OK", info=(), then=None):
        self.final = final
        self.info = info
        self.then = then


class Prompt:
    """Print `text` as it is, then give the input to `phase`."""

    def __init__(self, phase, text):
        self.phase = phase
        self.text = text


class Job:
    """A command line that is being carried out."""

    def __init__(self, commands):
        self.commands = commands
        self.index = 0
        self.out = bytearray()
        self.prompted = False

    @property
    def current(self):
        """The command that runs, or ran last."""
        return self.commands[self.index - 1]
