"""Programs that run unchanged on CPython and on MicroPython against the virtual modem: see tests/rigs/scene_runner.py."""
