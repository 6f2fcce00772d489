"""A Raspberry Pi Zero W in QEMU: Debian's kernel for that board, its two UARTs, a USB adapter, a network.

Its three serial lines and its network end here. What it needs is fetched once and kept with what packaging/build keeps.
"""

import contextlib
import functools
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import threading
import time

import rig
from rig import Failure, Scraper

ROOT = pathlib.Path(__file__).resolve().parent.parent
CACHE = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
HOME = pathlib.Path(os.environ.get("HAN_BUILD_CACHE") or os.path.join(CACHE, "han-exporter")) / "machine"
TOOLS = {"qemu-system-arm": "qemu-system-arm", "cpio": "cpio", "fdtput": "device-tree-compiler"}
MODULES = ("mii", "usbnet", "cdc_ether", "rndis_host", "usbserial", "ftdi_sio")
SHELL = 23
METRICS = 10170
# How the kernel names the lines.
PL011, MINI_UART, ADAPTER = "ttyAMA0", "ttyS1", "ttyUSB0"


def until(condition, what):
    """What happens here at once takes a while there."""
    return rig.until(condition, what, patience=240, pause=0.02)


def prepare():
    """Tools, kernel, a small userland, and the description of the board."""
    missing = [package for tool, package in TOOLS.items() if shutil.which(tool) is None]
    if missing:
        subprocess.run([ROOT / "ci" / "install", *missing], check=True, stdout=subprocess.DEVNULL)
    if (HOME / "board.dtb").exists():
        return
    shutil.rmtree(HOME, ignore_errors=True)
    unpack = ROOT / "packaging" / "unpack"
    subprocess.run([unpack, "bookworm", "armel", HOME / "kernel", "linux-image-rpi/depends"], check=True)
    # Debian 12's own busybox does not know the year 2040.
    subprocess.run([unpack, "trixie", "armel", HOME / "tools", "busybox-static"], check=True)
    board = HOME / "board.new"
    shutil.copy(one(HOME / "kernel", "bcm2835-rpi-zero-w.dtb"), board)
    uart = "/soc/serial@7e201000"
    # What dtoverlay=disable-bt does: the PL011 is a port, and not Bluetooth's.
    edit(board, "-r", f"{uart}/bluetooth")
    edit(board, "-d", "/__symbols__", "bt")
    # The clock that QEMU gives it stands still; this one has a fixed rate.
    found = subprocess.run(["fdtget", board, "/clocks/clk-osc", "phandle"], check=True, capture_output=True, text=True)
    edit(board, "-tu", uart, "clocks", found.stdout.strip(), found.stdout.strip())
    board.rename(HOME / "board.dtb")


def edit(board, option, *words):
    subprocess.run(["fdtput", option, board, *words], check=True)


def one(folder, name):
    found = [path for path in folder.rglob(name) if path.is_file()]
    if len(found) != 1:
        raise Failure(f"{len(found)} files {name} in {folder}")
    return found[0]


class Unreached(Failure):
    """The emulated network never came up: a fault of the emulator, which another power-on mends."""


def powered_on_again(scene, times=3):
    """A scene that is begun again when its machine was never reached; the last time stands."""
    @functools.wraps(scene)
    def repeated():
        for _ in range(times - 1):
            try:
                return scene()
            except Unreached as failure:
                print(f"{failure}: power-on again", flush=True)
        return scene()
    return repeated


class Machine:
    """One that runs, from power-on to power-off."""

    def __init__(self, files, source, console=MINI_UART):
        self.folder = tempfile.TemporaryDirectory(prefix="pi-")
        path = pathlib.Path(self.folder.name)
        initramfs(path / "initramfs", files)
        self.console = path / "console"
        self.lines = {name: path / name for name in (PL011, MINI_UART, ADAPTER)}
        self.port, self.shell = free_port(), free_port()
        serial = lambda name: (
            f"file,id={name},path={self.console}" if name == console
            else f"socket,id={name},path={self.lines[name]},server=on,wait=off"
        )
        words = f"console={console},115200 rdinit=/init panic=1 quiet source={source}"
        command = ["qemu-system-arm", "-M", "raspi0", "-display", "none", "-monitor", "none", "-no-reboot"]
        command += ["-kernel", str(one(HOME / "kernel" / "boot", "vmlinuz-*"))]
        command += ["-dtb", str(HOME / "board.dtb"), "-initrd", str(path / "initramfs")]
        # QEMU has none of the registers that this driver wants, and the kernel stops.
        command += ["-append", f"{words} initcall_blacklist=bcm2835_power_driver_init"]
        for name in (PL011, MINI_UART):
            command += ["-chardev", serial(name), "-serial", f"chardev:{name}"]
        command += ["-chardev", serial(ADAPTER), "-device", "usb-hub,bus=usb-bus.0,port=1"]
        forward = ",".join(f"hostfwd=tcp:127.0.0.1:{ours}-:{theirs}" for ours, theirs in ((self.port, METRICS), (self.shell, SHELL)))
        command += ["-netdev", f"user,id=net,{forward}", "-device", "usb-net,netdev=net"]
        command += ["-device", f"usb-serial,chardev={ADAPTER},always-plugged=on"]
        self.reached = False
        self.begun = time.monotonic()
        self.log = open(path / "qemu", "w+b")
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)

    def __enter__(self):
        return self

    def __exit__(self, kind, failure, _):
        self.process.kill()
        self.process.wait()
        if kind:
            self.log.seek(0)
            print(self.log.read().decode(errors="replace"))
            print(self.console.read_text(errors="replace")[-4000:])
        self.log.close()
        self.folder.cleanup()
        if kind and issubclass(kind, Failure) and not self.reached:
            raise Unreached(f"{failure}; the machine was never reached")

    def seconds(self):
        """Since power-on."""
        return time.monotonic() - self.begun

    def get(self, path="/metrics"):
        """Status, headers and body; none while nobody answers."""
        if self.process.poll() is not None:
            raise Failure("the machine went off")
        try:
            with Scraper(self.port, path, close=True) as scraper:
                answer = scraper.answer()
            self.reached = True
            return answer
        except (OSError, Failure):
            return None

    def metrics(self):
        answer = self.get()
        return answer[2] if answer and answer[0] == 200 else b""

    def run(self, command, patience=240):
        """What a command says, standard error included; it must end well."""
        mark = b"-- code "
        with socket.create_connection(("127.0.0.1", self.shell), patience) as connection:
            connection.sendall(f"({command}) 2>&1\necho {mark.decode()}$?\nexit\n".encode())
            said = b""
            while piece := connection.recv(65536):
                said += piece
        said, _, code = said.rpartition(mark)
        self.reached |= bool(code)
        if code.strip() != b"0":
            raise Failure(f"on the machine, {command}: {said.decode(errors='replace')} {code!r}")
        return said.decode(errors="replace").strip()

    def line(self, name):
        """The far end of one of its serial lines."""
        connection = socket.socket(socket.AF_UNIX)
        until(lambda: connection.connect_ex(str(self.lines[name])) == 0, f"{name} is there")
        return connection


class Meter:
    """A meter's cable: what a simulated meter sends goes to a line while it is plugged in, else nowhere."""

    def __init__(self, program, line, kind="kaifa"):
        command = [program, "simulate", kind, "--to", "stdout"]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        self.plugged = False
        self.line = line
        self.thread = threading.Thread(target=self._pump, daemon=True)
        self.thread.start()

    def _pump(self):
        while bytes := os.read(self.process.stdout.fileno(), 65536):
            if self.plugged:
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    self.line.sendall(bytes)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        # A machine that does not read would keep the thread for ever.
        with contextlib.suppress(OSError):
            self.line.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.line.close()


def initramfs(path, files):
    """All that the machine has: busybox, modules, the program to run first, and files by their names there."""
    with tempfile.TemporaryDirectory() as folder:
        tree = pathlib.Path(folder)
        for name in ("bin", "dev", "proc", "sys", "tmp", "modules"):
            (tree / name).mkdir()
        shutil.copy(HOME / "tools" / "usr" / "bin" / "busybox", tree / "bin" / "busybox")
        (tree / "bin" / "sh").symlink_to("busybox")
        for order, module in enumerate(MODULES):
            shutil.copy(one(HOME / "kernel", f"{module}.ko"), tree / "modules" / f"{order}-{module}.ko")
        shutil.copy(ROOT / "ci" / "machine.init", tree / "init")
        for name, file in files.items():
            shutil.copy(file, tree / name)
            (tree / name).chmod(0o755)
        names = subprocess.run(["find", "."], cwd=tree, check=True, capture_output=True).stdout
        with open(path, "wb") as archive:
            subprocess.run(["cpio", "--quiet", "-o", "-H", "newc"], cwd=tree, check=True, input=names, stdout=archive)


def free_port():
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        return chosen.getsockname()[1]
