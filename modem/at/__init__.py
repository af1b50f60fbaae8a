"""The conversation with the module: bytes to lines, commands, turns on the line. No I/O, no clock of its own."""
