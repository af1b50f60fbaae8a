"""Made by tools/stubs.py: do not edit."""

_Utc = tuple[int, int, int, int, int, int, int]

class Position:
    """Where the module is. None: not reported."""

    latitude_e7: int
    longitude_e7: int
    latitude: float
    longitude: float
    altitude: float | None
    speed: float | None
    course: float | None
    utc: _Utc | None
    fix: int | None
    hdop: float | None
    satellites: int | None

    def __init__(self, latitude_e7: int, longitude_e7: int) -> None: ...

class Gnss:
    """The receiver. NotSupported where the module has none, or the driver has no commands for it.

    AT+QGPS: Quectel's GNSS application notes; AT+CGNSSPWR: "A76XX Series AT Command Manual" 1.09; AT+CGPS: "SIM7500_SIM7600
    Series GPS Application Note" 1.00. On BG95 and BG96 receiver and LTE share the radio: a fix takes longer while data flow."""

    async def start(self) -> None:
        """Switch the receiver on; nothing happens where it is on. The first position takes 30 s under a free sky, or minutes.

        An active antenna needs its supply: many boards have a pin for that. Raises CommandError, ModemTimeout after 20 s."""

    async def stop(self) -> None:
        """Switch the receiver off, and wait until it is: 30 s on SIM7100 and SIM7600. Raises ModemError when it stays on."""

    async def active(self) -> bool:
        """Return whether the receiver is on."""

    async def position(self) -> Position | None:
        """Return where the module is now, None without a fix. Raises ModemError while the receiver is off, CommandError."""

class BlockingGnss:
    """The receiver. NotSupported where the module has none, or the driver has no commands for it.

    AT+QGPS: Quectel's GNSS application notes; AT+CGNSSPWR: "A76XX Series AT Command Manual" 1.09; AT+CGPS: "SIM7500_SIM7600
    Series GPS Application Note" 1.00. On BG95 and BG96 receiver and LTE share the radio: a fix takes longer while data flow."""

    operations: Gnss

    def start(self) -> None:
        """Switch the receiver on; nothing happens where it is on. The first position takes 30 s under a free sky, or minutes.

        An active antenna needs its supply: many boards have a pin for that. Raises CommandError, ModemTimeout after 20 s."""

    def stop(self) -> None:
        """Switch the receiver off, and wait until it is: 30 s on SIM7100 and SIM7600. Raises ModemError when it stays on."""

    def active(self) -> bool:
        """Return whether the receiver is on."""

    def position(self) -> Position | None:
        """Return where the module is now, None without a fix. Raises ModemError while the receiver is off, CommandError."""
