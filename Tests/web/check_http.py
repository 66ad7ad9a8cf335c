#!/usr/bin/env python3
"""The page's server from outside: who gets what, what is refused, what slow and hostile clients cost, what programs read."""

import json
import os
import socket
import time

from harness import PROGRAM, WEB, Scratch, Tally, ask, daemon, get, program, unchunk, wait, web

TOKEN = "correct-horse-battery"


def headers_are_strict(stage):
    """every answer forbids scripts, frames and sources of others"""
    for path in ["/", "/page.js", "/page.css", "/icon.svg", "/metrics", "/healthz", "/card.json", "/nothing"]:
        status, headers, body = get(stage.port, path)
        assert status == (404 if path == "/nothing" else 200), f"{path}: {status} {body[:200]}"
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none'") and "frame-ancestors 'none'" in policy, policy
        assert "unsafe" not in policy and "http" not in policy, policy
        assert headers["x-content-type-options"] == "nosniff" and headers["referrer-policy"] == "no-referrer"
        assert int(headers["content-length"]) == len(body.encode())
    page = get(stage.port)[2]
    assert "//" not in page.split("<head>")[1].replace("<!--", ""), "the page names nothing outside"


def strangers_are_refused(stage):
    """names of others, pages of others, other methods, bodies: refused, each with its status"""
    port = stage.port
    assert get(port, host="127.0.0.1", headers=["Origin: http://evil.example"])[0] == 403
    assert get(port, "/events", ["Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: cors"])[0] == 403
    for raw, status in [
            ("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421), ("GET / HTTP/1.1\r\n\r\n", 421),
            ("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc", 405),
            ("GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc", 413),
            ("GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
            ("GET /" + "a" * 3000 + " HTTP/1.1\r\nHost: localhost\r\n\r\n", 414),
            ("GET / HTTP/1.1\r\nHost: localhost\r\nX: " + "a" * 40000 + "\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nHost: localhost\r\n" + "".join(f"X{i}: a\r\n" for i in range(200)) + "\r\n", 400),
            ("\x16\x03\x01\x02\x00\x01\x00", 400), ("GET\r\n\r\n", 400)]:
        answer = ask(port, raw)
        assert answer.startswith(f"HTTP/1.1 {status} ".encode()), f"{raw[:40]!r}: {answer[:80]!r}"


def head_and_keepalive(stage):
    """HEAD has no body, and a connection takes one request after another"""
    status, headers, body = get(stage.port, method="HEAD")
    assert status == 200 and body == "" and int(headers["content-length"]) > 1000
    one = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with socket.create_connection(("127.0.0.1", stage.port), timeout=20) as connection:
        for _ in range(3):
            connection.sendall(one.encode())
            assert connection.recv(65536).startswith(b"HTTP/1.1 200")


def slow_heads_are_cut(stage):
    """who sends its request byte by byte is hung up on in time"""
    begin = time.monotonic()
    with socket.create_connection(("127.0.0.1", stage.port), timeout=40) as connection:
        connection.settimeout(0.3)
        for byte in "GET / HTTP/1.1\r\n" + "X: y\r\n" * 1000:
            try:
                connection.sendall(byte.encode())
                if connection.recv(1) == b"":
                    break
            except (TimeoutError, socket.timeout):
                continue
            except (ConnectionResetError, BrokenPipeError):
                break
        else:
            raise AssertionError("it was listened to for ever")
    assert time.monotonic() - begin < 30


def readers_that_do_not_read(stage):
    """pages that take nothing are hung up on, and others notice nothing of them"""
    first = results(stage.port, 3)
    second = results(stage.port, 3)
    assert second[0]["seq"] > first[-1]["seq"]
    def gone():
        with open(f"/proc/{stage.web.process.pid}/net/tcp") as file:
            lines = [line.split() for line in file if f":{stage.port:04X} " in line]
        return sum(1 for line in lines if line[3] == "01" and line[1].endswith(f":{stage.port:04X}")) == 0
    wait(gone, "the end of connections that are not read", 90)
    for connection in stage.deaf:
        connection.close()


def deaf_reader(port):
    """Asks for everything and takes nothing."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    connection.connect(("127.0.0.1", port))
    connection.sendall(b"GET /events?picture=1 HTTP/1.1\r\nHost: localhost\r\n\r\n")
    return connection


def results(port, count):
    """So many results from a stream of our own."""
    found, buffer = [], b""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        while len(found) < count:
            data = connection.recv(65536)
            assert data, "the stream has ended"
            buffer += data
            text = unchunk(buffer.partition(b"\r\n\r\n")[2]).decode(errors="replace")
            found = [json.loads(block.split("data: ", 1)[1]) for block in text.split("\n\n")[:-1] if block.startswith("event: result\n")]
    return found


def crowds_are_limited(stage):
    """more connections than there may be are told so, and room comes back"""
    crowd = [socket.create_connection(("127.0.0.1", stage.port), timeout=20) for _ in range(256)]
    try:
        assert ask(stage.port, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").startswith(b"HTTP/1.1 503")
    finally:
        for connection in crowd:
            connection.close()
    wait(lambda: get_status(stage.port) == 200, "room again")


def get_status(port):
    try:
        return get(port)[0]
    except (OSError, ValueError, IndexError):
        return 0


def metrics_pass_the_strict_parser(stage):
    """the metrics pass the strict parser of OpenMetrics, and agree with each other"""
    from prometheus_client.openmetrics.parser import text_string_to_metric_families
    status, headers, text = get(stage.port, "/metrics")
    assert status == 200 and headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")
    families = {family.name: family for family in text_string_to_metric_families(text)}
    assert {"tarsier_camera_ok", "tarsier_frames_captured", "tarsier_stage_seconds", "tarsier_build_info"} <= set(families)
    value = lambda name: sum(sample.value for sample in families[name].samples)
    under_way = value("tarsier_frames_captured") - value("tarsier_inferences") - value("tarsier_frames_skipped")
    assert 0 <= under_way <= 2, under_way
    assert value("tarsier_camera_ok") == 1
    for family in families.values():
        assert family.documentation and family.type in ("counter", "gauge")
    try:
        list(text_string_to_metric_families(text.replace("# EOF\n", "")))
    except ValueError:
        return
    raise AssertionError("the parser is not strict")


def health(stage):
    """healthz is good while the camera is, and says why it is not"""
    assert get(stage.port, "/healthz")[::2] == (200, "ok\n")
    plug = f"{stage.socket}.unplugged"
    with socket.create_connection(("127.0.0.1", stage.port), timeout=60) as watcher:
        watcher.sendall(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        open(plug, "w").close()
        wait(lambda: get(stage.port, "/healthz")[0] == 503, "ill health")
        wait(lambda: "lost" in get(stage.port, "/healthz")[2], "a reason")
        assert 'tarsier_camera_ok 0' in get(stage.port, "/metrics")[2]
        os.remove(plug)
        wait(lambda: get(stage.port, "/healthz")[0] == 200, "health")
    with web(f"{stage.socket}.nowhere") as lonely:
        status, _, text = get(lonely.port, "/healthz")
        assert status == 503 and "no daemon listens on" in text, text
        assert get(lonely.port, "/metrics")[0] == 503
        assert get(lonely.port, "/")[0] == 200


def tokens(stage):
    """a token keeps everybody else out; the address with it becomes a cookie"""
    path = stage.scratch.file("token", TOKEN + "\n")
    with web(stage.socket, "--token-file", path) as server:
        port = server.port
        for target in ["/", "/page.js", "/events", "/metrics", "/healthz", "/card.json", "/report"]:
            assert get(port, target)[0] == 401, target
            assert get(port, target, ["Authorization: Bearer wrong-wrong-wrong-wrong"])[0] == 401, target
        status, _, body = get(port, "/", ["Accept: text/html"])
        assert status == 401 and 'name="token"' in body
        assert get(port, "/metrics", [f"Authorization: Bearer {TOKEN}"])[0] == 200
        status, headers, _ = get(port, f"/?token={TOKEN}")
        cookie = headers["set-cookie"]
        assert status == 303 and headers["location"] == "/", headers
        assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and "Path=/" in cookie
        assert get(port, "/", [f"Cookie: {cookie.split(';')[0]}"])[0] == 200
        assert get(port, "/?token=wrong")[0] == 401
        assert TOKEN not in server.said


def report_is_caged(stage):
    """the calibration report is shown without scripts and without an origin"""
    path = stage.scratch.file("report.html", "<!doctype html><script>alert(1)</script>")
    assert get(stage.port, "/report")[0] == 404
    with web(stage.socket, "--report", path) as server:
        status, headers, body = get(server.port, "/report")
        assert status == 200 and "alert" in body
        assert "sandbox" in headers["content-security-policy"] and "script-src" not in headers["content-security-policy"]
        assert json.loads(get(server.port, "/card.json")[2])["report"] is True


def bad_input(stage):
    """wrong options end with the documented codes and one line"""
    short = stage.scratch.file("short", "short\n")
    good = stage.scratch.file("good", TOKEN)
    taken = f"127.0.0.1:{stage.port}"
    for arguments, code, word in [
            (["--listen", "nonsense"], 64, "--listen nonsense"), (["--listen", "127.0.0.1:99999"], 64, "must be ADDRESS:PORT"),
            (["--listen", "0.0.0.0:0"], 78, "takes a token"), (["--listen", "[::]:0"], 78, "takes a token"),
            (["--token-file", "/nowhere"], 66, "/nowhere"), (["--token-file", short], 78, "5 characters"),
            (["--report", "/nowhere"], 66, "/nowhere"), (["--listen", taken], 69, "is in use"),
            (["--listen", "192.0.2.1:0", "--token-file", good], 69, "is no address of this machine"), (["--colour"], 64, "colour")]:
        status, output, complaint = program(WEB, *arguments)
        assert status == code and word in complaint and output == "", f"{arguments}: {status} {complaint}"
        if code != 64 or word != "colour":
            assert len(complaint.strip().split("\n")) == 1, complaint
    status, _, complaint = program(WEB, environment={"TARSIER_WEB_LISTEN": "0.0.0.0:0"})
    assert status == 78, complaint
    assert program(WEB, "--version")[1].startswith("tarsier-web ")


def hundred_pages(stage):
    """a hundred open pages are one subscription, and each gets every result of it"""
    pages = []
    for _ in range(100):
        connection = socket.create_connection(("127.0.0.1", stage.port), timeout=60)
        connection.sendall(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        pages.append(connection)
    try:
        texts = [b""] * 100
        def done():
            import select
            for connection in select.select(pages, [], [], 0.05)[0]:
                data = connection.recv(65536)
                assert data, "the server hung up on a page that reads"
                texts[pages.index(connection)] += data
            return all(text.count(b"event: result\n") >= 10 for text in texts)
        wait(done, "ten results on each page")
        status = json.loads(program(PROGRAM, "status", "--socket", stage.socket, "--json")[1])
        assert status["clients"]["subscribed"] <= 2, status["clients"]
        numbers = []
        for text in texts:
            blocks = unchunk(text.partition(b"\r\n\r\n")[2]).decode(errors="replace").split("\n\n")[:-1]
            numbers.append([json.loads(b.split("data: ", 1)[1])["seq"] for b in blocks if b.startswith("event: result\n")])
        # The one subscription asks for ten results a second at most, so the numbers may have holes: the same for every page.
        first, last = max(n[0] for n in numbers), min(n[-1] for n in numbers)
        published = {number for n in numbers for number in n if first <= number <= last}
        assert len(published) >= 3, f"only {len(published)} results were seen by all"
        for n in numbers:
            assert n == sorted(set(n)), f"results came twice or out of order: {n}"
            missed = published - set(n)
            assert not missed, f"a page missed {sorted(missed)} of {first}...{last}"
    finally:
        for connection in pages:
            connection.close()


def no_picture_unless_allowed(stage):
    """without picture = on the daemon hands out no picture, and the page says why"""
    other = f"{stage.scratch.path}/private.sock"
    with daemon(other), web(other) as server:
        with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
            connection.sendall(b"GET /events?picture=1 HTTP/1.1\r\nHost: localhost\r\n\r\n")
            text = b""
            while b"event: picture\n" not in text or not text.endswith(b"\n\n\r\n"):
                data = connection.recv(65536)
                assert data, f"the server hung up: {text[-200:]}"
                text += data
        line = text.split(b"event: picture\n", 1)[1].split(b"\n")[0]
        assert b"pictures are off" in line and b"jpeg" not in line, line


class Stage:
    def __init__(self, scratch):
        self.scratch, self.socket = scratch, f"{scratch.path}/tarsier.sock"
        self.daemon = daemon(self.socket, "--picture", "on")
        self.web = web(self.socket)
        self.port = self.web.port
        # Their end takes a while, in which the other tests run.
        self.deaf = [deaf_reader(self.port) for _ in range(5)]
        # The first frame makes the camera well.
        wait(lambda: get(self.port, "/healthz")[0] == 200, "health")


def main():
    tally = Tally()
    with Scratch() as scratch:
        stage = Stage(scratch)
        try:
            for test in [headers_are_strict, strangers_are_refused, head_and_keepalive, metrics_pass_the_strict_parser, health,
                         tokens, report_is_caged, bad_input, no_picture_unless_allowed, hundred_pages, slow_heads_are_cut,
                         readers_that_do_not_read, crowds_are_limited]:
                tally.run(test, stage)
            tally.run(ends, stage)
        finally:
            stage.web.stop()
            stage.daemon.stop()
    tally.close()


def ends(stage):
    """SIGTERM ends it with status 0"""
    assert stage.web.stop() == 0, stage.web.said


if __name__ == "__main__":
    main()
