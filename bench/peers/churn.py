"""Registers and unregisters all the time, and answers each signal. churn.py <signal>"""

import os
import signal
import sys

signo = int(sys.argv[1])


def on_signal(number, frame):
    os.write(1, bytes(4))


def turn():
    """Some work, during which the interpreter calls its handlers."""
    for _ in range(100):
        pass


signal.signal(signo, on_signal)
os.write(1, b"ready\n")
while True:
    turn()
    signal.signal(signo, signal.SIG_DFL)
    signal.signal(signo, on_signal)
