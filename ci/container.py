"""A Debian with a systemd of its own as process 1, in namespaces of this machine; nothing of it is left behind."""

import ctypes
import os
import pathlib
import shutil
import signal
import subprocess
import sys

from rig import Failure, until

ROOT = pathlib.Path(__file__).resolve().parent.parent
# Where packaging/build keeps what it fetches: another checkout uses it too.
HOME_CACHE = os.environ.get("XDG_CACHE_HOME", os.path.expanduser("~/.cache"))
CACHE = pathlib.Path(os.environ.get("HAN_BUILD_CACHE", f"{HOME_CACHE}/han-exporter")).resolve()
# systemd's user space as a Raspberry Pi has it, and what its services want.
PACKAGES = "systemd-sysv,udev,dbus"
CLONE_NEWNET = 0x40000000


def tree():
    """The files of a minimal Debian, fetched once."""
    suite = subprocess.run(["sh", "-c", ". /etc/os-release; echo $VERSION_CODENAME"], check=True, capture_output=True, text=True).stdout.strip()
    folder = CACHE / f"debian-{suite}"
    if not folder.exists():
        # The mirror that apt uses here.
        mirror = subprocess.run(
            ["apt-get", "indextargets", "--format=$(REPO_URI)", "Created-By: Packages", f"Codename: {suite}", "Component: main"],
            check=True, capture_output=True, text=True,
        ).stdout.split()
        unfinished = CACHE / f"debian-{suite}.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        command = ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", suite, unfinished, *mirror[:1]]
        made = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        if made.returncode:
            sys.exit(f"debootstrap failed:\n{made.stdout[-3000:]}")
        unfinished.rename(folder)
    return folder


class Container:
    """A booted machine. What it writes goes to memory, and is gone with it."""

    def __init__(self):
        self.group = _own_group() / f"han-exporter-{os.getpid()}"
        self.group.mkdir()
        command = [
            "systemd-nspawn", f"--directory={tree()}", "--volatile=overlay", "--machine=han-exporter-check", "--boot",
            # No machined here and no unit that this is a part of; loopback is all the network there is.
            "--register=no", "--keep-unit", "--private-network", "--console=pipe", "--quiet",
            # Both are for the filters of devices and addresses, which systemd hands to the kernel as programs.
            "--capability=CAP_BPF", "--system-call-filter=bpf",
        ]
        # nspawn wants a /run that is no disk; this one is seen by nobody else.
        script = 'echo $$ > "$0/cgroup.procs" && mount -t tmpfs tmpfs /run && exec "$@"'
        self.console = os.memfd_create("console")
        self.process = subprocess.Popen(
            ["unshare", "--mount", "sh", "-c", script, self.group, *command],
            stdin=subprocess.DEVNULL, stdout=self.console, stderr=self.console,
            # Devices and addresses are filtered in the unified hierarchy alone.
            env={**os.environ, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"},
        )
        self.leader = None
        try:
            until(self._found_leader, "the container starts", 120, 0.05)
            until(lambda: self.call("systemctl", "is-system-running").strip() in ("running", "degraded"), "the container is up", 120, 0.1)
        except BaseException:
            self.stop()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def _found_leader(self):
        if self.process.poll() is not None:
            raise Failure(f"systemd-nspawn ended: {os.pread(self.console, 4000, 0).decode(errors='replace')}")
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children", encoding="ascii") as file:
            children = file.read().split()
        for child in children:
            # The one that has a number of its own inside, and is systemd by now.
            numbers = pathlib.Path(f"/proc/{child}/status").read_text().split("NSpid:", 1)[1].splitlines()[0].split()
            if len(numbers) == 2 and os.path.exists(f"/proc/{child}/root/run/systemd/private"):
                self.leader = int(child)
        return self.leader

    def stop(self):
        # Process 1 of a namespace takes all others along.
        if self.leader is not None:
            os.kill(self.leader, signal.SIGKILL)
        elif self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.console)
        # nspawn keeps an older hierarchy in step where there is one.
        for group in (self.group, *pathlib.Path("/sys/fs/cgroup/systemd").rglob(self.group.name)):
            for folder, _, _ in os.walk(group, topdown=False):
                until(lambda: _removed(folder), f"{folder} is empty")

    def run(self, *command):
        """What a command inside says; it must succeed."""
        done = self._run(command)
        if done.returncode:
            raise Failure(f"{' '.join(map(str, command))}: {done.returncode}: {done.stderr or done.stdout}")
        return done.stdout

    def call(self, *command):
        """What a command inside says, however it ends."""
        done = self._run(command)
        return done.stdout + done.stderr

    def succeeds(self, *command):
        return self._run(command).returncode == 0

    def _run(self, command):
        return subprocess.run([*self.enter(), *command], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)

    def enter(self):
        return ["nsenter", f"--target={self.leader}", "--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", "--"]

    def path(self, name):
        """A file inside, seen from outside."""
        return pathlib.Path(f"/proc/{self.leader}/root{name}")

    def share_network(self):
        """Lets this program talk to the container's loopback, and to nothing else from now on."""
        with open(f"/proc/{self.leader}/ns/net", encoding="ascii") as file:
            if ctypes.CDLL(None, use_errno=True).setns(file.fileno(), CLONE_NEWNET):
                raise Failure(f"setns: {os.strerror(ctypes.get_errno())}")


def _own_group():
    """The folder of this process in the unified hierarchy of control groups."""
    with open("/proc/self/mountinfo", encoding="ascii") as file:
        mounts = [line.split() for line in file if " - cgroup2 " in line]
    if not mounts:
        raise Failure("no unified hierarchy of control groups is mounted")
    with open("/proc/self/cgroup", encoding="ascii") as file:
        own = next(line.strip()[3:] for line in file if line.startswith("0::"))
    return pathlib.Path(mounts[0][4]) / own.lstrip("/")


def _removed(folder):
    try:
        os.rmdir(folder)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True
