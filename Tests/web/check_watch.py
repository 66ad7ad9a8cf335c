#!/usr/bin/env python3
"""tarsier watch in a terminal of its own (a pty): what is drawn, and that the terminal is as before whatever ends it."""

import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time

from harness import PROGRAM, Scratch, Tally, daemon, program, wait

ENTER, LEAVE = b"\x1b[?1049h", b"\x1b[?1049l"
COLOUR = re.compile(rb"\x1b\[[0-9;]*[1-9][0-9;]*m")


class Terminal:
    """A pty with `tarsier watch` in it."""

    def __init__(self, path, *more, columns=80, rows=24, **environment):
        self.master, slave = pty.openpty()
        self.resize(columns, rows)
        self.before = termios.tcgetattr(slave)
        names = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "LC_ALL", "LC_CTYPE")}
        self.process = subprocess.Popen(
            [PROGRAM, "watch", "--socket", path, *more], stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
            env={**names, "TERM": "xterm-256color", "LANG": "C.UTF-8", **environment})
        self.slave, self.output = slave, b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.master)
        os.close(self.slave)

    def resize(self, columns, rows):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def pump(self):
        while select.select([self.master], [], [], 0.05)[0]:
            self.output += os.read(self.master, 65536)
        return self.output

    def screen(self):
        """The last whole drawing, without its colours."""
        drawings = self.pump().split(b"\x1b[H")
        text = drawings[-1] if drawings[-1].endswith(b"\x1b[J") else drawings[-2]
        return re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]", b"", text).decode()

    def see(self, words, timeout=60):
        def seen():
            self.pump()
            return self.output.count(b"\x1b[H") > 1 and all(word in self.screen() for word in words)
        wait(seen, f"{words} on the screen", timeout)

    def end(self):
        wait(lambda: self.pump() is not None and self.process.poll() is not None, "the end")
        self.pump()
        return self.process.returncode

    def is_restored(self):
        return self.output.rstrip().endswith(LEAVE) and b"\x1b[?25h" in self.output and termios.tcgetattr(self.slave) == self.before


def draws(stage):
    """labels, bars, times, frames, power and history are drawn in the alternate screen"""
    with Terminal(stage, columns=100, rows=40) as terminal:
        terminal.see(["sm_v2, 24 labels", "network", "inferred", "thread", "CPU-ms", "█", "came", "q quits"])
        assert terminal.output.startswith(ENTER) and COLOUR.search(terminal.output)
        os.write(terminal.master, b"q")
        assert terminal.end() == 0 and terminal.is_restored()


def fits(stage):
    """it follows the size of the terminal, and never writes beyond it"""
    with Terminal(stage, columns=120, rows=40) as terminal:
        terminal.see(["inferred", "CPU-ms"])
        for columns, rows in [(60, 12), (30, 6), (200, 50), (10, 3), (80, 24)]:
            terminal.resize(columns, rows)
            os.kill(terminal.process.pid, signal.SIGWINCH)
            terminal.output = b""
            wait(lambda: terminal.pump().count(b"\x1b[H") > 2, "new drawings")
            lines = terminal.screen().split("\r\n")
            assert len(lines) <= rows and all(len(line) <= columns for line in lines), (columns, rows, lines)
        os.write(terminal.master, b"q")
        assert terminal.end() == 0


def degrades(stage):
    """no colour with NO_COLOR, plain ASCII without UTF-8, lines on a dumb terminal"""
    with Terminal(stage, NO_COLOR="1", LANG="C") as terminal:
        terminal.see(["inferred", "#", "q quits"])
        assert not COLOUR.search(terminal.output) and terminal.output.isascii()
        os.write(terminal.master, b"q")
        assert terminal.end() == 0 and terminal.is_restored()
    with Terminal(stage, "--count", "2", TERM="dumb") as terminal:
        assert terminal.end() == 0
        assert b"\x1b" not in terminal.output and len(terminal.output.strip().split(b"\n")) == 2, terminal.output


def restores(stage):
    """the terminal is as before after ^C, SIGTERM, SIGHUP, and a daemon that refuses"""
    for number, way in [(signal.SIGINT, "key"), (signal.SIGTERM, "kill"), (signal.SIGHUP, "kill")]:
        with Terminal(stage) as terminal:
            terminal.see(["inferred"])
            # ^C of a terminal that is nobody's own goes nowhere; then as the shell would.
            os.kill(terminal.process.pid, number)
            assert terminal.end() == -number, terminal.process.returncode
            assert terminal.is_restored(), way


def stops_and_goes_on(stage):
    """^Z puts the terminal back, and fg goes on"""
    with Terminal(stage) as terminal:
        terminal.see(["inferred"])
        os.write(terminal.master, b"\x1a")
        wait(lambda: os.waitpid(terminal.process.pid, os.WNOHANG | os.WUNTRACED)[0], "the stop")
        terminal.pump()
        assert terminal.is_restored()
        terminal.output = b""
        os.kill(terminal.process.pid, signal.SIGCONT)
        terminal.see(["inferred"])
        os.write(terminal.master, b"q")
        assert terminal.end() == 0 and terminal.is_restored()


def tells_of_losses(stage):
    """no daemon, a lost camera, and their return are told"""
    path = stage + ".later"
    with Terminal(path, columns=120) as terminal:
        terminal.see(["no daemon listens on"])
        with daemon(path):
            terminal.see(["inferred", "connected to"])
            open(f"{path}.unplugged", "w").close()
            terminal.see(["camera lost: unplugged"])
            os.remove(f"{path}.unplugged")
            terminal.see([" ok"])
        terminal.see(["no daemon"])
        os.write(terminal.master, b"q")
        assert terminal.end() == 0


def plain_lines(stage):
    """lines and JSON where nobody draws"""
    status, output, _ = program(PROGRAM, "watch", "--socket", stage, "--count", "3")
    lines = output.strip().split("\n")
    assert status == 0 and len(lines) == 3 and "\x1b" not in output and "camera" in lines[0], output
    status, output, _ = program(PROGRAM, "watch", "--socket", stage, "--count", "6", "--json")
    objects = [json.loads(line) for line in output.strip().split("\n")]
    assert status == 0 and len(objects) == 6
    last = objects[-1]
    assert last["captured"] >= last["inferred"] > 0 and last["threads"] >= 1 and last["camera"] == "ok", last
    assert any(one.get("rate", 0) > 0 for one in objects) and last["infer_ms"] > 0 and isinstance(last["skipped"], dict), objects


def bad_input(stage):
    """wrong options end with the documented codes"""
    assert program(PROGRAM, "watch", "--count", "0")[0] == 64
    status, _, complaint = program(PROGRAM, "watch", "--socket", "/" + "a" * 200)
    assert status == 64 and "cannot be a socket's path" in complaint, complaint


def main():
    tally = Tally()
    with Scratch() as scratch:
        path = f"{scratch.path}/tarsier.sock"
        with daemon(path):
            for test in [draws, fits, degrades, restores, stops_and_goes_on, tells_of_losses, plain_lines, bad_input]:
                tally.run(test, path)
    tally.close()


if __name__ == "__main__":
    main()
