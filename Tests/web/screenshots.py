#!/usr/bin/env python3
"""Makes the pictures of the documents: screenshots.py FOLDER [SECONDS]. A daemon on rendered scenes with three minutes of history, in which
the governor is told to slow down, and the camera is unplugged for a moment."""

import os
import sys
import time

from chromium import Chromium
from harness import PROGRAM, Process, Scratch, program, web


def main():
    folder, seconds = sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 180
    with Scratch() as scratch, Chromium() as browser:
        path = f"{scratch.path}/tarsier.sock"
        source = "scene:unplugged-by=plug"
        running = Process(PROGRAM, "run", "--source", source, "--socket", path, "--picture", "on", cwd=scratch.path)
        with running.wait_for("results on"), web(path) as server:
            watching = browser.page(server.url)
            watching.wait("document.querySelectorAll('#top li:not([hidden])').length === 5")
            begin = time.monotonic()
            until = lambda share: time.sleep(max(0, begin + share * seconds - time.monotonic()))
            until(0.4)
            program(PROGRAM, "set", "--socket", path, "rate=5")
            until(0.55)
            program(PROGRAM, "set", "--socket", path, "rate=10")
            until(0.7)
            scratch.file("plug")
            until(0.74)
            os.remove(f"{scratch.path}/plug")
            until(1)
            # A page that is opened later is told what was before.
            for name, width, height, dark, scale in [
                    ("page-desktop", 1280, 900, False, 1), ("page-desktop-dark", 1280, 900, True, 1),
                    ("page-phone", 390, 844, False, 2), ("page-phone-dark", 390, 844, True, 2)]:
                page = browser.page(server.url, width, height, dark, scale=scale)
                page.wait("document.querySelector('#picture').naturalWidth > 0", "a picture")
                page.wait("document.querySelectorAll('#top li:not([hidden])').length === 5 && !!document.querySelector('#card dd')")
                if width > 600:
                    page.resize(width, page.js("document.documentElement.scrollHeight"), scale)
                    time.sleep(1.5)
                page.wait("parseFloat(document.querySelector('#score').textContent) > 85", "a clear label")
                page.screenshot(f"{folder}/{name}.png", full=False)
                if width < 600:
                    page.screenshot(f"{folder}/{name}-whole.png")
                page.close()


if __name__ == "__main__":
    main()
