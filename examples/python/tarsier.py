#!/usr/bin/env python3
"""A client of the Tarsier daemon with nothing but the standard library.

    for event in tarsier.events(events=["presence"], labels=["cat"]):
        print(event["type"], event["label"])

Connections that end are made again. State events (power, camera, enter, leave) are asked for from where the last
connection stopped, so none is lost while the daemon runs.
"""

import json
import os
import socket
import sys
import time

PATH = os.environ.get("TARSIER_SOCKET", "/run/tarsier/tarsier.sock")


def connection(path, **subscription):
    """The messages of one connection as dictionaries, until it ends. Raises OSError when there is no daemon."""
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(path)
        client.sendall(json.dumps({"op": "subscribe", **subscription}).encode() + b"\n")
        for line in client.makefile(encoding="utf-8", newline="\n"):
            yield json.loads(line)


def events(path=PATH, **subscription):
    """Messages over as many connections as it takes; the keywords are the fields of `subscribe`."""
    run, seen, pause = None, 0, 0.25
    while True:
        resume = {"resume": {"run": run, "state_seq": seen}} if run else {}
        try:
            for message in connection(path, **subscription, **resume):
                kind, pause = message["type"], 0.25
                if kind == "hello":
                    if message["run"] != run:
                        run, seen = message["run"], message["state_seq"]
                elif kind == "reply":
                    if not message["ok"]:
                        raise ValueError(message["error"]["message"])
                    continue
                elif "state_seq" in message:
                    seen = max(seen, message["state_seq"])
                yield message
        except OSError:
            pass  # no daemon, or no more: try again
        time.sleep(pause)
        pause = min(5, pause * 2)


def main():
    wanted = {"labels": sys.argv[1:]} if len(sys.argv) > 1 else {}
    for event in events(events=["presence"], **wanted):
        if event["type"] == "enter":
            print(event["ts"], event["label"], "came", flush=True)
        elif event["type"] == "leave":
            print(event["ts"], event["label"], f"went after {event['duration_ms'] / 1000:.1f} s", flush=True)


if __name__ == "__main__":
    try:
        main()
    except (KeyboardInterrupt, BrokenPipeError):
        sys.exit(0)
    except ValueError as error:
        sys.exit(f"tarsier.py: {error}")
