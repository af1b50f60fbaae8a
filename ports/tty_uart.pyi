from . import _OpenPort

class TtyUart(_OpenPort):
    def __init__(self, path: str, baudrate: int | None = None, rtscts: bool = False) -> None: ...
