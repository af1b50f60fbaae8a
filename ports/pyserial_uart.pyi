from . import _OpenPort

class SerialUART(_OpenPort):
    def __init__(
        self,
        device_or_url: str,
        baudrate: int = 115200,
        rtscts: bool = False,
        dtr: bool | None = None,
        rxbuf: int = 4096,
    ) -> None: ...
