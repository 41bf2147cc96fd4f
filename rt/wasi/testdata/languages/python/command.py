"""A command for tests: the first argument says what it does. The guests in C and
Go do the same."""

import encodings.idna  # for socket: what is not imported here is not there later
import os
import socket
import sys
import time

from componentize_py_types import Err
from wit_world import exports


class Run(exports.Run):
    def run(self) -> None:
        what, *rest = sys.argv[1:]
        try:
            DO[what](*rest)
        except OSError as e:
            print(e, file=sys.stderr)
            raise Err(None)


def args(*_):
    for i, arg in enumerate(sys.argv):
        print(i, arg)


def echo():
    while chunk := sys.stdin.buffer.read(4096):
        sys.stdout.buffer.write(chunk)


def both():
    print("to stdout")
    print("to stderr", file=sys.stderr)


def sleep(milliseconds):
    start, d = time.monotonic(), int(milliseconds) / 1000
    time.sleep(d)
    print(str(time.monotonic() - start >= d).lower())


def fail():
    raise RuntimeError("out of cheese")


def files(directory):
    """Makes, reads, changes and removes files in a directory."""
    os.chdir(directory)
    os.mkdir("d")
    for text in "hello\n", "world\n":
        with open("d/a", "a") as f:
            f.write(text)
            f.flush()
            os.fsync(f.fileno())
    print("size", os.stat("d/a").st_size)
    with open("d/a", "r+") as f:
        f.seek(6)
        print("read", f.read(), end="")
        f.seek(0)
        f.write("J")
        f.truncate(5)
    os.utime("d/a", (1_000_000_000, 1_000_000_000))
    os.rename("d/a", "d/b")
    os.link("d/b", "d/c")
    os.symlink("b", "d/l")
    print("link", os.readlink("d/l"))
    print(*sorted(os.listdir("d")))
    st = os.stat("d/l")
    print("size", st.st_size, "time", int(st.st_mtime))
    with open("d/l") as f:
        print("read", f.read())
    for name in "b", "c", "l":
        os.unlink("d/" + name)
    os.rmdir("d")
    print("still there" if os.path.exists("d") else "gone")


def connect(host, port, text):
    """Sends text to a server, and prints what it answers."""
    with socket.create_connection((host, int(port))) as s:
        s.sendall(text.encode())
        s.shutdown(socket.SHUT_WR)
        print(s.makefile().read())


DO = {
    "args": args,
    "var": lambda name: print(os.environ.get(name, "")),
    "echo": echo,
    "both": both,
    "wall": lambda: print(int(time.time())),
    "sleep": sleep,
    "random": lambda: print(os.urandom(4).hex()),
    "files": files,
    "connect": connect,
    "exit": lambda code: sys.exit(int(code)),
    "fail": fail,
}
