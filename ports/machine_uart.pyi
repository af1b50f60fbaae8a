from typing import Any

from . import _OpenPort

class MachineUART(_OpenPort):
    def __init__(
        self,
        uart_or_id: Any,
        baudrate: int = 115200,
        tx: Any = 4,
        rx: Any = 5,
        rts: Any = None,
        cts: Any = None,
        dtr: Any = None,
        rxbuf: int = 2048,
        **extra: Any,
    ) -> None: ...
