"""Driver and virtual modem in one process, on simulated time, with a simulated network: no sleep, no thread, no socket.

What happens depends on nothing but the scene, the model and the fault, so that a case can be replayed to the byte.

    world     puts everything together: one virtual modem, its line, its network, the host's port
    line      the serial line: pacing, the list of events, where faults strike
    segments  cuts the output of a module into lines, prompts and payload
    port      the host's end, a `ports.Port`;  ticks: the board's arithmetic of ticks that go round
    loop      an asyncio event loop on the simulated clock
    net       TCP, UDP, TLS, DNS and ping;  peers: who is at the other end;  services: mail and file servers
    program   how a scene calls the driver: time limits, allowed errors, streams whose bytes are checked
    scenes    the programs;  scenes_services: those of SIM7100
    firmware  habits of single firmwares;  scenes_firmware: where they matter, and programs that use the driver in odd ways
    faults    kinds of faults, and what of a fault-free run each of them fits
    outages   breakdowns of a hundred minutes under a supervisor: restarts, and how soon all is well again
    notices   unsolicited lines that say nothing wrong
    cases     runs one case and judges it;  excuses: what no driver can notice;  plans: all cases of a scene, and samples
"""

from . import ticks  # noqa: F401 - before the driver is imported
