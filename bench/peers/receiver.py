"""Python: asyncio, whose signal handlers go through signal.set_wakeup_fd. receiver.py latency|burst <signal>"""

import asyncio
import os
import struct
import sys
import time

burst = sys.argv[1] == "burst"
signo = int(sys.argv[2])
received = 0
last = 0


def on_signal():
    global received, last
    last = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
    received += 1
    if not burst:
        os.write(1, struct.pack("<q", last))


def on_input():
    if not os.read(0, 1):
        os.write(1, struct.pack("<qq", received, last))
        os._exit(0)


async def main():
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signo, on_signal)
    loop.add_reader(0, on_input)
    os.write(1, b"ready\n")
    await asyncio.Event().wait()


asyncio.run(main())
