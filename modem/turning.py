"""A link changes its access mode; loaded with the commands that do so, as data may come right behind them."""


def turn(link, access, read):
    """The module has switched to another access mode; what is in the ring stays. `read`: see `ops.reader`."""
    old, blocks = link.ring, link.blocks
    new = link.ring_for(access)
    if link.blocks != blocks:
        link.ring = new
        n = old.any()
        if n:
            kept = bytearray(link.size)
            n = old.readinto(kept)
            if link.blocks:
                new.begin(n)
            new.write(kept, 0, n)
            if link.blocks:
                new.end()
    link.access = access
    link.read = read
    link.ready = True
    link.engine.changed = True
