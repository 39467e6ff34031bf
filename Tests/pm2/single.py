"""A server of which there may be only one: it holds a port and a lock, and tells on whoever finds them held.

  single.py PORT FILE [fail]    FILE.lock is locked; FILE.log gets a line for every start; FILE.second, for every second
                                copy; with "fail" it ends with code 3 when it runs in gopm, as long as FILE.broken exists
"""
import fcntl
import os
import signal
import socket
import sys
import time

port, path = int(sys.argv[1]), sys.argv[2]
manager = "pm2" if "unique_id" in os.environ else "gopm"


def note(suffix, text):
    descriptor = os.open(path + suffix, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.write(descriptor, f"{time.time():.3f} {manager} {os.getpid()} {text}\n".encode())
    os.close(descriptor)


lock = os.open(path + ".lock", os.O_WRONLY | os.O_CREAT, 0o644)
try:
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    listener = socket.socket()
    # Past connections don't count; two that listen do.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen()
except OSError as error:
    note(".second", str(error))
    sys.exit(1)
signal.signal(signal.SIGINT, lambda *_: sys.exit(0))
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
note(".log", f"started {os.environ.get('GREETING', '')} {sys.argv[3:]}")
if manager == "gopm" and sys.argv[3:] == ["fail"] and os.path.exists(path + ".broken"):
    sys.exit(3)
print("up", flush=True)
while True:
    listener.accept()[0].close()
