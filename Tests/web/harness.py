"""Programs under test and the count of what passed. Every wait is for a condition."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("TARSIER_BUILD", f"{ROOT}/.build/release")
PROGRAM, WEB = f"{BUILD}/tarsier", f"{BUILD}/tarsier-web"
# Services have none, and the root that tests run as would hide what needs some.
WITHOUT_CAPABILITIES = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.geteuid() == 0 else []


class Tally:
    """Runs tests and counts them; closes with `N passed, N failed`."""

    def __init__(self):
        self.passed = self.failed = 0

    def run(self, test, *arguments):
        name = (test.__doc__ or test.__name__).strip()
        begin = time.monotonic()
        try:
            test(*arguments)
        except Exception:  # whatever it is, the other tests still run
            self.failed += 1
            print(f"FAIL {name}\n{traceback.format_exc()}", flush=True)
            return
        self.passed += 1
        print(f"ok   {name} ({time.monotonic() - begin:.1f} s)", flush=True)

    def close(self):
        print(f"{self.passed} passed, {self.failed} failed")
        sys.exit(1 if self.failed else 0)


class Scratch:
    """A folder that goes with the `with` block."""

    def __enter__(self):
        self.path = tempfile.mkdtemp(prefix="tarsier-web-")
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)

    def file(self, name, text=""):
        path = f"{self.path}/{name}"
        with open(path, "w") as file:
            file.write(text)
        return path


class Process:
    """A program that ends with the `with` block; what it says is kept."""

    def __init__(self, *command, environment=None, **options):
        self.log = tempfile.TemporaryFile("w+")
        names = {k: v for k, v in os.environ.items() if not k.startswith("TARSIER_")}
        self.process = subprocess.Popen(
            [*WITHOUT_CAPABILITIES, *command], stdin=subprocess.DEVNULL, stdout=options.get("stdout", subprocess.DEVNULL), stderr=self.log,
            cwd=options.get("cwd"), env={**names, **(environment or {})})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    @property
    def said(self):
        self.log.flush()
        position = self.log.tell()
        self.log.seek(0)
        text = self.log.read()
        self.log.seek(position)
        return text

    def wait_for(self, text, timeout=60):
        wait(lambda: text in self.said or self.process.poll() is not None, f"{text!r}", timeout)
        assert text in self.said, f"ended with {self.process.poll()}: {self.said}"
        return self

    def stop(self, number=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"{self.process.args[0]} did not end: {self.said}") from None

    def cpu_seconds(self):
        with open(f"/proc/{self.process.pid}/stat") as file:
            fields = file.read().rsplit(") ", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wait(condition, what, timeout=60):
    """Until `condition()` is true."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.05)
    raise AssertionError(f"{what} did not come within {timeout} s")


def daemon(path, *more):
    """On rendered scenes; the camera is unplugged while the file `PATH.unplugged` exists."""
    return Process(PROGRAM, "run", "--source", f"scene:unplugged-by={path}.unplugged", "--socket", path, *more).wait_for(
        "results on")


def web(path, *more, **options):
    """The page's server on a free port; its address is in `.url`, its port in `.port`."""
    process = Process(WEB, "--socket", path, "--listen", "127.0.0.1:0", *more, **options).wait_for("the page is on")
    process.url = process.said.split("the page is on ")[1].split()[0].split("?")[0]
    process.port = int(process.url.rsplit(":", 1)[1].strip("/"))
    return process


def program(*arguments, environment=None):
    """A command to its end: status, output and complaints."""
    names = {k: v for k, v in os.environ.items() if not k.startswith("TARSIER_")}
    done = subprocess.run(
        arguments, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL, env={**names, **(environment or {})})
    return done.returncode, done.stdout, done.stderr


def ask(port, text, timeout=20, host="127.0.0.1"):
    """Sends raw bytes and reads to the end of the connection."""
    data = text if isinstance(text, bytes) else text.encode()
    with socket.create_connection((host, port), timeout=timeout) as connection:
        try:
            connection.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass
        parts = []
        try:
            while part := connection.recv(65536):
                parts.append(part)
        except ConnectionResetError:
            pass
        return b"".join(parts)


def get(port, path="/", headers=(), method="GET", host="127.0.0.1"):
    """One request on a connection of its own: status, headers (lower case) and body."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}:{port}", "Connection: close", *headers]
    answer = ask(port, "\r\n".join(lines) + "\r\n\r\n")
    head, _, body = answer.partition(b"\r\n\r\n")
    status, *fields = head.decode().split("\r\n")
    names = dict((name.lower(), value) for name, value in (field.split(": ", 1) for field in fields))
    if names.get("transfer-encoding") == "chunked":
        body = unchunk(body)
    return int(status.split()[1]), names, body.decode()


def unchunk(body):
    parts = []
    while body:
        size, _, body = body.partition(b"\r\n")
        length = int(size or b"0", 16)
        parts.append(body[:length])
        body = body[length + 2:]
    return b"".join(parts)
