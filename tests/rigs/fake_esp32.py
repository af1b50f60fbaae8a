"""A stand-in for MicroPython's `esp32.Partition` with two OTA partitions, kept in files of the current folder, so that they outlive
a restart of the program: ota_0.bin, ota_1.bin; boot.txt holds the label of the one that the boot loader starts.

A block is erased and written as a whole, as writeblocks() does it without an offset. `log` is what was done to all partitions.
"""

BLOCK = 4096
BLOCKS = 16


class Partition:
    """One OTA partition."""

    RUNNING = 1
    log = []

    def __init__(self, which):
        self.label = self._booted() if which == self.RUNNING else which

    @staticmethod
    def _booted():
        try:
            with open("boot.txt") as f:
                return f.read()
        except OSError:
            return "ota_0"

    @classmethod
    def mark_app_valid_cancel_rollback(cls):
        cls.log.append(("valid", cls._booted()))

    def get_next_update(self):
        return Partition("ota_1" if self.label == "ota_0" else "ota_0")

    def _content(self):
        try:
            with open(self.label + ".bin", "rb") as f:
                return f.read()
        except OSError:
            return b"\xff" * (BLOCK * BLOCKS)

    def readblocks(self, number, buf):
        assert len(buf) % BLOCK == 0 and 0 <= number < BLOCKS
        buf[:] = self._content()[number * BLOCK : number * BLOCK + len(buf)]

    def writeblocks(self, number, buf):
        assert len(buf) % BLOCK == 0 and 0 <= number < BLOCKS and self.label != self._booted()
        self.log.append(("write", number))
        content = self._content()
        with open(self.label + ".bin", "wb") as f:
            f.write(content[: number * BLOCK] + bytes(buf) + content[number * BLOCK + len(buf) :])

    def set_boot(self):
        self.log.append(("boot", self.label))
        with open("boot.txt", "w") as f:
            f.write(self.label)
