#!/usr/bin/env python3
"""What open pages cost: CPU of daemon and page server, and what inference notices. measure.py [SECONDS]; two minutes with 15."""

import json
import os
import socket
import sys
import threading
import time

from harness import Scratch, daemon, web

SECONDS = float(sys.argv[1]) if len(sys.argv) > 1 else 15


class Subscriber:
    """Every result, as a program gets it from the socket."""

    def __init__(self, path):
        self.results, self.stream = [], socket.socket(socket.AF_UNIX)
        self.stream.connect(path)
        self.stream.sendall(b'{"op":"subscribe","mode":"every"}\n')
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.stream.makefile():
            message = json.loads(line)
            if message["type"] == "result":
                self.results.append(message)

    def close(self):
        self.stream.shutdown(socket.SHUT_RDWR)
        self.stream.close()


class Pages:
    """So many event streams that are read and thrown away."""

    def __init__(self, port, count, picture):
        self.open, self.bytes = [], 0
        for _ in range(count):
            connection = socket.create_connection(("127.0.0.1", port), timeout=60)
            connection.sendall(f"GET /events?picture={int(picture)} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            self.open.append(connection)
        self.is_open = True
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        import select
        while self.is_open:
            for connection in select.select(self.open, [], [], 0.1)[0]:
                self.bytes += len(connection.recv(1 << 20))

    def close(self):
        self.is_open = False
        time.sleep(0.3)
        for connection in self.open:
            connection.close()


def share(values, part):
    return sorted(values)[min(len(values) - 1, int(len(values) * part))] if values else float("nan")


def by_thread(process):
    """CPU time of each of its threads so far, in seconds, by name: what serves clients apart from what looks."""
    times = {}
    for task in os.listdir(f"/proc/{process.process.pid}/task"):
        try:
            with open(f"/proc/{process.process.pid}/task/{task}/comm") as comm, open(f"/proc/{process.process.pid}/task/{task}/schedstat") as stat:
                name = comm.read().strip()
                times[name] = times.get(name, 0) + int(stat.read().split()[0]) / 1e9
        except FileNotFoundError:
            continue
    return times


def phase(name, server, page, path, port, subscriber=True, pages=0, picture=False):
    listener = Subscriber(path) if subscriber else None
    crowd = Pages(port, pages, picture) if pages else None
    time.sleep(3)
    if listener:
        listener.results.clear()
    threads = by_thread(server)
    begin, used, used_page = time.monotonic(), server.cpu_seconds(), page.cpu_seconds()
    time.sleep(SECONDS)
    took = time.monotonic() - begin
    used, used_page = (server.cpu_seconds() - used) / took * 100, (page.cpu_seconds() - used_page) / took * 100
    after = by_thread(server)
    serving = {n: (after[n] - threads.get(n, 0)) / took * 100 for n in after if n.startswith(("NIO", "tarsier-picture"))}
    results = list(listener.results) if listener else []
    infer, age = [r["ms"]["infer"] for r in results], [r["ms"]["age"] for r in results]
    print(f"{name:34}  daemon {used:5.2f} %, of it serving {sum(serving.values()):5.3f} %  page {used_page:5.2f} %  {len(results) / took:6.2f}/s"
          f"  infer p50 {share(infer, .5):6.3f} p99 {share(infer, .99):6.3f} ms  age p50 {share(age, .5):6.2f} p99 {share(age, .99):6.2f} ms", flush=True)
    for one in (listener, crowd):
        if one:
            one.close()
    time.sleep(1)


with Scratch() as scratch:
    path = f"{scratch.path}/s"
    with daemon(path, "--picture", "on", "--rate", "10") as server, web(path) as page:
        at = (server, page, path, page.port)
        phase("nobody", *at, subscriber=False)
        phase("subscriber", *at)
        phase("subscriber, 1 page", *at, pages=1)
        phase("subscriber, 1 page with pictures", *at, pages=1, picture=True)
        phase("subscriber, 100 pages", *at, pages=100)
        phase("subscriber, 100 with pictures", *at, pages=100, picture=True)
        phase("subscriber again", *at)
        phase("nobody again", *at, subscriber=False)
