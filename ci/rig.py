"""What the checks share: an exporter under test, a line to it, a scraper, its figures in /proc, frames of its meter."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import tty

# Seconds after which something does not come any more, however busy the machine is.
PATIENCE = 60.0
# A time is printed beside its promise, and fails only beyond so many times that: a busy machine makes everything late.
GATE = 10


def binary():
    """The release binary of this checkout."""
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    target = os.environ.get("CARGO_TARGET_DIR", os.path.join(root, "target"))
    path = os.path.join(target, "release", "han-exporter")
    if not os.path.exists(path):
        sys.exit(f"{path} does not exist; run cargo build --release first")
    return path


def installed():
    """The static binary that the package installs."""
    path = os.path.join(os.path.dirname(os.path.dirname(binary())), "dist", "amd64", "han-exporter")
    if not os.path.exists(path):
        sys.exit(f"{path} does not exist; run packaging/build amd64 first")
    return path


class Exporter:
    """A running exporter on a port of its own; its log goes to memory, so that what it writes to disk is its own."""

    def __init__(self, *arguments, listen="127.0.0.1:0", wait=True, program=None, **popen):
        self.log = os.memfd_create("log")
        command = [program or binary(), "--web.listen-address", listen, *arguments]
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, **popen
        )
        self.pid = self.process.pid
        self.port = None
        if wait:
            until(lambda: self.found_port() or self.process.poll() is not None, "the exporter listens")
            if self.port is None:
                raise Failure(f"the exporter ended with {self.process.returncode}: {self.said()}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.log)

    def said(self):
        return os.pread(self.log, os.fstat(self.log).st_size, 0).decode(errors="replace")

    def found_port(self):
        for line in self.said().splitlines():
            if "Listening" in line:
                self.port = int(line.rstrip().rstrip('"').rsplit(":", 1)[1])
        return self.port

    def get(self, path="/metrics", headers=()):
        """Status, headers and body of one request on a connection of its own."""
        with Scraper(self.port, path, headers, close=True) as scraper:
            return scraper.answer()

    def value(self, series):
        """A series' value as the exposition writes it, none if it is not there."""
        return value(self.get()[2], series)

    def resident(self):
        """Bytes of memory in use, exactly: VmRSS is an estimate."""
        return 1024 * int(field(f"/proc/{self.pid}/smaps_rollup", "Rss:"))

    def cpu(self):
        """Nanoseconds of processor time of all its threads."""
        total = 0
        for task in os.listdir(f"/proc/{self.pid}/task"):
            with open(f"/proc/{self.pid}/task/{task}/schedstat", encoding="ascii") as file:
                total += int(file.read().split()[0])
        return total

    def files(self):
        """How many descriptors it holds, connections of clients included."""
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def own_files(self):
        """How many descriptors it holds besides the connections it accepted: it closes those soon after its clients do."""
        accepted = self._accepted()
        held = {}
        for number in os.listdir(f"/proc/{self.pid}/fd"):
            with contextlib.suppress(FileNotFoundError):
                held[number] = os.readlink(f"/proc/{self.pid}/fd/{number}")
        # One that was closed in between is in the first list alone, one that came in between in the second.
        accepted |= self._accepted()
        return sum(link not in accepted for link in held.values())

    def _accepted(self):
        """Connections to its port that a process holds, as links in its folder of descriptors name them."""
        ours, listening = f":{self.port:04X}", "0A"
        accepted = set()
        for table in ("tcp", "tcp6"):
            with open(f"/proc/{self.pid}/net/{table}", encoding="ascii") as file:
                for line in file.readlines()[1:]:
                    _, local, _, state, *rest = line.split()
                    if local.endswith(ours) and state != listening:
                        accepted.add(f"socket:[{rest[5]}]")
        return accepted

    def threads(self):
        return len(os.listdir(f"/proc/{self.pid}/task"))

    def written(self):
        """Bytes it made the kernel write to a disk."""
        return int(field(f"/proc/{self.pid}/io", "write_bytes:"))

    def stop(self, number=signal.SIGTERM, patience=PATIENCE):
        """Sends a signal and waits: the exit code, and the seconds it took."""
        start = time.monotonic()
        self.process.send_signal(number)
        code = self.process.wait(patience)
        return code, time.monotonic() - start


class Scraper:
    """One connection, kept alive unless told otherwise."""

    def __init__(self, port, path="/metrics", headers=(), close=False, room=256 * 1024):
        lines = [f"GET {path} HTTP/1.1", "Host: localhost", *headers]
        if close:
            lines.append("Connection: close")
        self.request = "\r\n".join(lines + ["", ""]).encode()
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = bytearray(room)
        self.view = memoryview(self.buffer)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def scrape(self):
        """The whole answer to one request, head included."""
        self.ask()
        return self.take()

    def ask(self):
        self.socket.sendall(self.request)

    def take(self):
        length = total = 0
        while not total or length < total:
            count = self.socket.recv_into(self.view[length:])
            if count == 0:
                raise Failure("the exporter closed the connection within an answer")
            length += count
            if not total:
                total = self._total(length)
        return bytes(self.view[:length])

    def _total(self, length):
        end = self.buffer.find(b"\r\n\r\n", 0, length)
        if end < 0:
            return 0
        head = bytes(self.view[:end]).lower()
        return end + 4 + int(head.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])

    def answer(self):
        head, _, body = self.scrape().partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        headers = {name.lower(): text.strip() for name, _, text in (line.partition(":") for line in lines)}
        return int(first.split()[1]), headers, body


class Line:
    """A pseudo-terminal: the meter's end is held here, `path` is the reader's."""

    def __init__(self):
        self.master, slave = os.openpty()
        tty.setraw(slave)
        self.path = os.ttyname(slave)
        os.close(slave)

    def send(self, bytes):
        view = memoryview(bytes)
        while view:
            view = view[os.write(self.master, view):]

    def hang_up(self):
        os.close(self.master)


class Failure(Exception):
    """A promise that was not kept."""


def until(condition, what, patience=PATIENCE, pause=0.005):
    """Waits for a condition; the seconds it took."""
    start = time.monotonic()
    while not condition():
        if time.monotonic() - start > patience:
            raise Failure(f"not within {patience:g} s: {what}")
        time.sleep(pause)
    return time.monotonic() - start


def eventually(check, patience=PATIENCE, pause=0.5):
    """Repeats a check until it finds no fault; its last one stands. What it returned."""
    start = time.monotonic()
    while True:
        try:
            return check()
        except Failure:
            if time.monotonic() - start > patience:
                raise
        time.sleep(pause)


def expect(condition, what):
    if not condition:
        raise Failure(what)


def in_time(seconds, promised, what):
    """Fails if something took more than ten times as long as promised; its text names a promise that was missed."""
    expect(seconds <= GATE * promised, f"{what} took {duration(seconds)}, promised are {duration(promised)}")
    return duration(seconds) + (f" (promised {duration(promised)})" if seconds > promised else "")


def duration(seconds):
    return f"{seconds:.2f} s" if seconds >= 1 else f"{1000 * seconds:.1f} ms"


def run(steps):
    """Runs steps in turn, each with a heading and its time; the first that fails ends the program."""
    for step in steps:
        name = step.__doc__.splitlines()[0].rstrip(".")
        start = time.monotonic()
        try:
            told = step()
        except Failure as failure:
            sys.exit(f"FAILED  {name}: {failure}")
        print(f"ok {time.monotonic() - start:6.1f} s  {name}" + (f": {told}" if told else ""), flush=True)


def field(path, name):
    with open(path, encoding="ascii") as file:
        for line in file:
            if line.startswith(name):
                return line.split()[1]
    raise Failure(f"{path} has no {name}")


def value(exposition, series):
    start = exposition.find(b"\n" + series.encode() + b" ")
    if start < 0:
        return None
    return float(exposition[start + len(series) + 2:exposition.index(b"\n", start + 1)])


def quantile(figures, share):
    ordered = sorted(figures)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def _table():
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ 0x8408 if byte & 1 else byte >> 1
        table.append(byte)
    return table


TABLE = _table()


def check(bytes):
    """CRC-16/X.25, as it stands in a frame."""
    crc = 0xFFFF
    for byte in bytes:
        crc = crc >> 8 ^ TABLE[(crc ^ byte) & 0xFF]
    return (crc ^ 0xFFFF).to_bytes(2, "little")


def frame(information):
    """An HDLC frame from server 2-1 to client 1, as Kaifa meters send it."""
    length = 2 + 4 + 2 + len(information) + 2
    head = (0xA000 | length).to_bytes(2, "big") + bytes.fromhex("01020110")
    content = head + check(head) + information
    return b"\x7e" + content + check(content) + b"\x7e"


STAMP = bytes.fromhex("090c07e5010a070e2512ff800000")


def power(watts):
    """Kaifa's list 1: active power alone."""
    return frame(bytes.fromhex("e6e7000f40000000") + STAMP + b"\x02\x01\x06" + watts.to_bytes(4, "big"))


def full(meter_id=b"6970631400000000", watts=5056):
    """Kaifa's hourly list of a single-phase meter."""
    double = lambda number: b"\x06" + number.to_bytes(4, "big")
    string = lambda text: b"\x09" + bytes([len(text)]) + text
    values = [watts, 0, 0, 0, 14, 2305]
    body = b"\x02\x0e" + string(b"KFM_001") + string(meter_id) + string(b"MA105H2E")
    body += b"".join(map(double, values)) + STAMP + b"".join(map(double, [123456, 0, 789, 0]))
    return frame(bytes.fromhex("e6e7000f40000000") + STAMP + body)
