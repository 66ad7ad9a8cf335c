"""The daemon at its own speed on a camera of 30 frames a second (Tests/camera/standin.c): latency, the frames' conservation, idling,
one inference a second, the motion gate. CPU time and wake-ups are those of /proc/PID/task. Prints a line a figure; with --check a
missed limit is a failure.

    measure.py PROGRAM STANDIN.so FRAMES [--check] [--seconds N] [--extra OPTIONS] [CASE...]
"""

import argparse
import glob
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

FRAME_MS = 1000 / 30


class Daemon:
    """A daemon on a camera of its own; `with` ends it and keeps its log."""

    def __init__(self, frames, *arguments, camera=True, rate=30):
        self.folder = tempfile.mkdtemp()
        for path in frames:
            os.symlink(os.path.abspath(path), f"{self.folder}/{os.path.basename(path)}")
        self.socket = f"{self.folder}/socket"
        source = "v4l2:/dev/video-standin" if camera else "v4l2:/dev/video-absent"
        command = [options.program, "run", "--source", source, "--socket", self.socket, *arguments]
        environment = dict(os.environ, LD_PRELOAD=os.path.abspath(options.standin), STANDIN=f"{self.folder}:{rate}")
        self.log = open(f"{self.folder}/log", "w")
        self.process = subprocess.Popen(command, env=environment, stderr=self.log, stdout=self.log)
        end = time.monotonic() + 30
        while not os.path.exists(self.socket):
            if self.process.poll() is not None or time.monotonic() > end:
                sys.exit(f"the daemon did not start: {open(self.folder + '/log').read()}")
            time.sleep(0.02)
        time.sleep(1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()
        shutil.rmtree(self.folder, ignore_errors=True)

    def end(self):
        """Stops it; captured, inferred and skipped by reason, from its last line."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(20)
        text = open(f"{self.folder}/log").read()
        line = re.search(r"stopped: (\d+) frames captured, (\d+) inferred(?:, skipped: (.*))?", text)
        if not line:
            sys.exit(f"the daemon did not end well: {text[-400:]}")
        skipped = {name: int(count) for count, name in (part.split() for part in (line[3] or "").split(", ") if part)}
        return int(line[1]), int(line[2]), skipped

    def camera_log(self):
        try:
            return [line.split() for line in open(f"{self.folder}/standin.log")]
        except FileNotFoundError:
            return []

    def threads(self):
        """CPU nanoseconds and voluntary switches, by thread's name; a name that occurs twice is summed."""
        used = {}
        for task in glob.glob(f"/proc/{self.process.pid}/task/*"):
            try:
                name = open(f"{task}/comm").read().strip()
                run = int(open(f"{task}/schedstat").read().split()[0])
                switches = int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)", open(f"{task}/status").read(), re.M)[1])
            except FileNotFoundError:
                continue
            before = used.get(name, (0, 0))
            used[name] = (before[0] + run, before[1] + switches)
        return used

    def watch(self, seconds):
        """CPU milliseconds and wake-ups a second, together and by thread."""
        before, begin = self.threads(), time.monotonic()
        time.sleep(seconds)
        after, took = self.threads(), time.monotonic() - begin
        rates = {}
        for name, (run, switches) in after.items():
            old = before.get(name, (0, 0))
            rates[name] = ((run - old[0]) / 1e6 / took, (switches - old[1]) / took)
        return sum(rate[0] for rate in rates.values()), sum(rate[1] for rate in rates.values()), rates


class Subscriber(threading.Thread):
    """Takes every result."""

    def __init__(self, daemon):
        super().__init__(daemon=True)
        self.results = []
        self.power = []
        self.connection = socket.socket(socket.AF_UNIX)
        self.connection.connect(daemon.socket)
        self.asked = time.monotonic()
        self.connection.sendall(b'{"op":"subscribe","id":1,"mode":"every"}\n')
        self.first = None
        self.start()

    def run(self):
        rest = b""
        while True:
            try:
                data = self.connection.recv(1 << 16)
            except OSError:
                return
            if not data:
                return
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                if b'"type":"power"' in line:
                    self.power.append((time.monotonic(), json.loads(line)))
                if b'"type":"result"' in line:
                    self.first = self.first or time.monotonic()
                    self.results.append(json.loads(line))

    def close(self):
        self.connection.shutdown(socket.SHUT_RDWR)
        self.connection.close()
        self.join(2)


failures = 0


def limit(text, value, most):
    global failures
    is_met = value <= most
    failures += not is_met
    print(f"{'ok  ' if is_met else 'FAIL'} {text}: {value:.2f} (at most {most:.2f})")


def note(text):
    print(f"     {text}", flush=True)


def conserved(daemon):
    global failures
    captured, inferred, skipped = daemon.end()
    is_met = captured == inferred + sum(skipped.values())
    failures += not is_met
    print(f"{'ok  ' if is_met else 'FAIL'} captured = inferred + skipped: {captured} = {inferred} + {skipped}", flush=True)
    return captured, inferred, skipped


def part(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def frames(prefix):
    return sorted(glob.glob(f"{options.frames}/{prefix}640x480-*.jpg"))


def case_latency():
    """Every frame of 30 a second: from the driver's time to the bytes on their way to the socket."""
    with Daemon(frames(""), "--rate", "max", "--motion", "off") as daemon:
        subscriber = Subscriber(daemon)
        time.sleep(options.seconds)
        results = list(subscriber.results)
        subscriber.close()
        age = [result["ms"]["age"] for result in results]
        infer = [result["ms"]["infer"] for result in results]
        note(f"{len(results)} results in {options.seconds} s; age p50 {part(age, .5):.2f}, p99 {part(age, .99):.2f}, most {max(age):.2f} ms")
        limit("capture to publication at 30 frames a second, p99, in ms", part(age, 0.99), FRAME_MS + part(infer, 0.5))
        conserved(daemon)


def case_idle():
    """Nobody is subscribed."""
    with Daemon(frames("")) as daemon:
        time.sleep(3)
        cpu, wakes, _ = daemon.watch(options.seconds)
        limit("nobody subscribed, camera of 30 frames a second: percent of a core", cpu / 10, 0.5)
        note(f"{wakes:.1f} wake-ups a second, {cpu / 10:.4f} % of a core")
        conserved(daemon)
    for name, arguments, camera in (("no camera there", (), False), ("scenes", ("--source", "scene:"), True)):
        with Daemon([], *arguments, camera=camera) as daemon:
            time.sleep(3)
            cpu, wakes, _ = daemon.watch(options.seconds)
            limit(f"nobody subscribed, {name}: wake-ups a second", wakes, 5)
            note(f"{cpu / 10:.4f} % of a core")


def price_of_waking():
    """Milliseconds of CPU time that a thread pays here for waking up and doing nothing; in a virtual machine most of it is the host's."""
    with tempfile.TemporaryDirectory() as folder:
        program = f"{folder}/wakeup"
        source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "wakeup.c")
        subprocess.run(["cc", "-std=gnu17", "-O2", "-o", program, source], check=True)
        return float(subprocess.run([program, "20"], check=True, capture_output=True, text=True).stdout) / 1000


def case_pace():
    """One inference a second of a camera of 30 frames."""
    with Daemon(frames(""), "--rate", "1", "--motion", "off", "--threads", "1", *options.extra.split()) as daemon:
        subscriber = Subscriber(daemon)
        time.sleep(3)
        count = len(subscriber.results)
        cpu, wakes, threads = daemon.watch(options.seconds)
        results = subscriber.results[count:]
        work = sum(sum(result["ms"][key] for key in ("decode", "prepare", "infer")) for result in results) / len(results)
        for name, (ms, switches) in sorted(threads.items(), key=lambda item: -item[1][0]):
            note(f"{name}: {ms:.3f} ms and {switches:.1f} wake-ups a second")
        note(f"{len(results)} results; decoding, preparing, inferring {work:.3f} ms each as the results say; {wakes:.1f} wake-ups")
        price = price_of_waking()
        note(f"an empty wake-up costs {price:.3f} ms here; without that: {(cpu - wakes * price) / work:.2f}")
        limit("one a second: CPU time a second over decoding, preparing and inferring", cpu / work, 1.10)
        subscriber.close()
        conserved(daemon)


def case_stop():
    """`idle = stop`: the camera is closed and comes back with a subscriber."""
    global failures
    with Daemon(frames(""), "--idle", "stop") as daemon:
        end = time.monotonic() + 20
        while time.monotonic() < end and [line[0] for line in daemon.camera_log()] != ["open", "close"]:
            time.sleep(0.1)
        log = daemon.camera_log()
        is_met = [line[0] for line in log] == ["open", "close"]
        failures += not is_met
        took = (int(log[-1][1]) - int(log[0][1])) / 1000 if is_met else 0
        print(f"{'ok  ' if is_met else 'FAIL'} nobody subscribed: the camera is closed after {took:.1f} s")
        cpu, wakes, _ = daemon.watch(10)
        limit("the camera closed: wake-ups a second", wakes, 5)
        note(f"{cpu / 10:.4f} % of a core")
        subscriber = Subscriber(daemon)
        end = time.monotonic() + 10
        while subscriber.first is None and time.monotonic() < end:
            time.sleep(0.01)
        first = (subscriber.first or end) - subscriber.asked
        limit("from the subscription to the first result, in s", first, 1)
        subscriber.close()
        conserved(daemon)


def case_gate():
    """A still scene with sensor noise, and somebody who walks through it, every frame of 30 a second."""
    for name, prefix in (("still", "still-"), ("walk", "walk-")):
        cpu = {}
        for motion in ("off", "medium"):
            with Daemon(frames(prefix), "--rate", "max", "--motion", motion, "--threads", "1", "--idle", "keep") as daemon:
                subscriber = Subscriber(daemon)
                time.sleep(4)
                count = len(subscriber.results)
                cpu[motion], wakes, _ = daemon.watch(options.seconds)
                rate = (len(subscriber.results) - count) / options.seconds
                note(f"{name}, motion {motion}: {rate:.1f} inferences a second, {cpu[motion]:.1f} ms a second, {wakes:.0f} wake-ups")
                subscriber.close()
                conserved(daemon)
                if (name, motion) == ("still", "medium"):
                    limit("a still scene: inferences a second", rate, 1.5)
        note(f"{name}: {cpu['medium'] / cpu['off']:.2f} of the CPU time without the gate")
    with Daemon(frames("still-"), "--rate", "max", "--motion", "medium", "--threads", "1") as daemon:
        subscriber = Subscriber(daemon)
        time.sleep(13)
        cpu_rest, wakes, _ = daemon.watch(options.seconds)
        note(f"still for more than ten seconds, looked at 5 times a second: {cpu_rest:.1f} ms a second, {wakes:.0f} wake-ups")
        subscriber.close()
        conserved(daemon)


def rate_over(subscriber, seconds):
    count = len(subscriber.results)
    time.sleep(seconds)
    return (len(subscriber.results) - count) / seconds


def case_neighbour():
    """Others take every CPU, then a quota: the daemon, in a control group of its own, gives way. As root; not among those that run by
    themselves."""
    group = "/sys/fs/cgroup/unified/tarsier-bench" if os.path.isdir("/sys/fs/cgroup/unified") else "/sys/fs/cgroup/tarsier-bench"
    os.makedirs(group, exist_ok=True)
    others = []
    # The governor chooses its source of contention at the start: the group must be there before.
    command = options.program
    wrapper = f"{tempfile.gettempdir()}/tarsier-in-group"
    with open(wrapper, "w") as file:
        file.write(f'#!/bin/sh\necho $$ > {group}/cgroup.procs\nexec {os.path.abspath(command)} "$@"\n')
    os.chmod(wrapper, 0o755)
    options.program = wrapper
    try:
        with Daemon(frames(""), "--rate", "280", "--motion", "off", rate=300) as daemon:
            subscriber = Subscriber(daemon)
            time.sleep(5)
            note(f"alone: {rate_over(subscriber, 5):.0f} results a second; {open(group + '/cpu.pressure').readline().strip()}")
            begin = time.monotonic()
            for _ in range(os.cpu_count()):
                others.append(subprocess.Popen(["stress", "--cpu", "1", "--quiet"]))
            for until in (5, 10, 15, 20):
                rate = rate_over(subscriber, begin + until - time.monotonic())
                note(f"{os.cpu_count()} busy processes, {until} s: {rate:.0f} results a second; {open(group + '/cpu.pressure').readline().strip()}")
            for other in others:
                other.terminate()
            for at, event in subscriber.power:
                if at > begin:
                    note(f"after {at - begin:.0f} s: {event['threads']} threads, {event.get('rate')} a second: {event['cause']}")
            global failures
            gave_way = any(at > begin and event.get("kind") == "contention" for at, event in subscriber.power)
            failures += not gave_way
            print(f"{'ok  ' if gave_way else 'FAIL'} the daemon gives way to busy processes", flush=True)
            subscriber.close()
            conserved(daemon)
    finally:
        options.program = command
        for other in others:
            if other.poll() is None:
                other.kill()
            other.wait()
        os.unlink(wrapper)
        os.rmdir(group)


parser = argparse.ArgumentParser()
parser.add_argument("program")
parser.add_argument("standin")
parser.add_argument("frames")
parser.add_argument("--extra", default="", help="further options of `tarsier run` in the case pace, such as a mask of slower kernels")
parser.add_argument("--check", action="store_true")
parser.add_argument("--seconds", type=float, default=20)
parser.add_argument("cases", nargs="*", default=[])
options = parser.parse_intermixed_args()
for case in options.cases or ["latency", "idle", "pace", "stop", "gate"]:
    print(f"== {case}", flush=True)
    globals()[f"case_{case}"]()
if options.check and failures:
    sys.exit(1)
