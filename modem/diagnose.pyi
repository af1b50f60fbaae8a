class Finding:
    step: str
    ok: bool | None
    text: str
    def __init__(self, step: str, ok: bool | None, text: str) -> None: ...
