#!/usr/bin/env python3
"""The page in a browser, as a person sees it: real daemon, rendered scenes, headless Chromium. TARSIER_BUILD names the build."""

import os
import time

from chromium import Chromium
from harness import PROGRAM, Scratch, Tally, daemon, program, wait, web

LABEL = "document.querySelector('#label').textContent"
LOG = "[...document.querySelectorAll('#log li span')].map(e => e.textContent)"

# Contrast of text with what is behind it, as WCAG 2 computes it, for every element that has text of its own.
CONTRAST = """(() => {
  const parse = text => { const n = text.match(/[\\d.]+/g).map(Number); return n.length > 3 ? n : [...n, 1]; };
  const light = ([r, g, b]) => [r, g, b].map(v => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const behind = element => { for (; element; element = element.parentElement) {
    const c = parse(getComputedStyle(element).backgroundColor); if (c[3] > .5) return c; } return [255, 255, 255, 1]; };
  const poor = [];
  for (const element of document.body.querySelectorAll('*')) {
    if (!element.checkVisibility() || ![...element.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
    const style = getComputedStyle(element);
    const [a, b] = [light(parse(style.color)), light(behind(element))];
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.7 && style.fontWeight >= 700);
    if (ratio < (large ? 3 : 4.5)) poor.push(`${element.tagName} "${element.textContent.trim().slice(0, 30)}" ${ratio.toFixed(2)}`);
  }
  return poor;
})()"""


class Stage:
    """Daemon, page server and browser that the tests share."""

    def __init__(self, browser, folder):
        self.browser, self.socket = browser, f"{folder}/tarsier.sock"
        self.daemon = self.start()
        self.web = web(self.socket)
        self.page = browser.page(self.web.url)

    def start(self):
        # A label holds at once: a slow machine looks at a view a few times only.
        return daemon(self.socket, "--picture", "on", "--stable", "1", "--smooth", "none")


def labels_change(stage):
    """labels change, with scores, the best five and a history"""
    page = stage.page
    page.wait("document.body.dataset.link === 'live' && document.body.dataset.camera === 'ok'")
    first = page.wait(f"{LABEL} !== '–' && {LABEL} !== 'unknown' && {LABEL}")
    page.wait(f"{LABEL} !== '{first}' && {LABEL} !== 'unknown'", "another label")
    assert page.js("document.querySelectorAll('#top li:not([hidden])').length") == 5
    assert page.js("parseFloat(document.querySelector('#top .bar span').style.width)") > 0
    page.wait(f"{LOG}.some(text => text.includes(' came (')) && {LOG}.some(text => text.includes(' went after '))", "comings and goings")
    wait(lambda: page.js("document.querySelector('#ribbon canvas').ariaLabel").count(",") >= 1, "two labels in the ribbon")


def picture_moves(stage):
    """the live picture is shown and moves, and is switched off"""
    page = stage.page
    first = page.wait("document.querySelector('#picture').naturalWidth === 320 && document.querySelector('#picture').src")
    page.wait(f"document.querySelector('#picture').src !== {first!r}", "another picture")
    page.js("document.querySelector('#picture-switch').click()")
    page.wait("document.querySelector('#picture').hidden && document.querySelector('#picture-note').textContent.includes('switched off')")
    page.wait("document.body.dataset.link === 'live'")
    page.js("document.querySelector('#picture-switch').click()")
    page.wait("!document.querySelector('#picture').hidden")


def law_holds(stage):
    """frames by fate add up"""
    page = stage.page
    page.wait("document.querySelector('#law').textContent.includes('Captured')")
    numbers = page.js("document.querySelector('#law').textContent.match(/[\\d,]+/g).map(t => Number(t.replaceAll(',', '')))")
    assert numbers[0] == sum(numbers[1:]), numbers
    page.wait("document.querySelector('#fate canvas').ariaLabel.includes('inferred')")
    page.wait("document.querySelector('#latency canvas').ariaLabel.includes('network')")
    page.wait("/^[\\d.]+ ms$/.test(document.querySelector('#tile-infer').textContent)")


def camera_lost_and_found(stage):
    """a lost camera is told at once, and its return"""
    page, plug = stage.page, f"{stage.socket}.unplugged"
    open(plug, "w").close()
    page.wait("document.body.dataset.camera === 'lost'", "the loss")
    page.wait("!document.querySelector('#banner').hidden && document.querySelector('#banner').textContent.includes('unplugged')")
    assert page.js("document.querySelector('#camera').textContent") == "camera lost"
    os.remove(plug)
    page.wait("document.body.dataset.camera === 'ok' && document.querySelector('#banner').hidden", "the return")
    log = page.js(LOG)
    assert any("camera lost: unplugged" in line for line in log) and any(line.startswith("camera ok") for line in log), log


def governor_step(stage):
    """a step of the governor is shown with its cause, and marked in the charts"""
    page = stage.page
    status, _, complaint = program(PROGRAM, "set", "--socket", stage.socket, "rate=0.5")
    assert status == 0, complaint
    # A machine without time to spare may make the governor go below what was asked for.
    page.wait("[...document.querySelectorAll('#decisions li')].some(e => /at most 0\\.\\d+ a second/.test(e.textContent))", "the step")
    page.wait("/at most 0\\.\\d+ a second: ./.test(document.querySelector('#point').textContent)")
    page.wait(f"{LOG}.some(text => /at most 0\\.\\d+ a second: ./.test(text))")
    page.js("document.querySelector('#threads canvas').focus()")
    page.key("ArrowLeft")
    page.wait("/thread.* – .*at most/.test(document.querySelector('#threads .readout').textContent) || "
              "(document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowLeft'})), false)", "the mark")
    page.key("Escape")
    program(PROGRAM, "set", "--socket", stage.socket, "rate=10")


def keyboard(stage):
    """everything can be reached by keyboard, and charts are read with the arrow keys"""
    page = stage.page
    page.js("document.activeElement.blur(); window.scrollTo(0, 0)")
    seen = []
    for _ in range(14):
        page.key("Tab")
        seen.append(page.js("(document.activeElement.closest('[id]') ?? document.activeElement).id || document.activeElement.className"))
    for wanted in ["picture-switch", "latency", "fate", "threads", "log"]:
        assert wanted in seen, f"{wanted} in {seen}"
    page.js("document.querySelector('#fate canvas').focus()")
    page.key("ArrowLeft")
    page.wait("/\\d\\d:\\d\\d:\\d\\d.*frames\\/s/.test(document.querySelector('#fate .readout').textContent)", "a reading")
    outline = page.js("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid", outline
    page.key("Escape")
    page.wait("document.querySelector('#fate .readout').textContent === ''")


def looks(stage):
    """phone and desktop, light and dark: contrast, no sideways scrolling, no motion where none is wanted"""
    for width, dark in [(1280, False), (1280, True), (390, False), (390, True), (320, False)]:
        page = stage.browser.page(stage.web.url, width, 844, dark, reduced=True)
        try:
            page.wait("document.querySelectorAll('#top li:not([hidden])').length === 5")
            page.wait("!!document.querySelector('#card dd')")
            poor = page.js(CONTRAST)
            assert poor == [], f"{width} {dark}: {poor}"
            wide = page.js("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wide <= 0, f"{width}: {wide} pixels too wide"
            assert page.js("getComputedStyle(document.querySelector('.bar span')).transitionDuration") == "0s"
        finally:
            page.close()


def daemon_restarts(stage):
    """after a restart of the daemon the page goes on by itself"""
    page = stage.page
    stage.daemon.stop()
    page.wait("document.body.dataset.link === 'gone'", "the loss of the daemon")
    assert page.js("document.querySelector('#banner').hidden") is False
    stage.daemon = stage.start()
    page.wait("document.body.dataset.link === 'live' && document.querySelector('#banner').hidden", "the daemon again")
    before = page.js(LABEL)
    page.wait(f"{LABEL} !== {before!r}", "labels again")
    assert any("daemon there" in line for line in page.js(LOG))


def server_restarts(stage):
    """after a restart of the page's server the page goes on by itself"""
    page, port = stage.page, stage.web.port
    stage.web.stop()
    page.wait("document.querySelector('#link').textContent === 'page server gone'")
    stage.web = web(stage.socket, "--listen", f"127.0.0.1:{port}")
    page.wait("document.body.dataset.link === 'live'", "the server again")
    page.wait("document.querySelectorAll('#top li:not([hidden])').length === 5")


def nothing_while_closed(stage):
    """nothing of the daemon is used while no page is open or looked at"""
    page = stage.page
    clients = lambda: int(program(PROGRAM, "status", "--socket", stage.socket, "--json")[1].split('"connected":')[1].split(",")[0])
    wait(lambda: clients() == 4, "events, samples, pictures and this question")
    stage.browser.call("Target.createTarget", url="about:blank")
    page.go("about:blank")
    wait(lambda: clients() == 1, "only this question")


def quiet_console(stage):
    """nothing went wrong in the page's scripts, and nothing broke its policy"""
    expected = ("ERR_CONNECTION_REFUSED", "ERR_INCOMPLETE_CHUNKED_ENCODING", "ERR_EMPTY_RESPONSE", "503 (Service Unavailable)")
    wrong = [text for text in stage.page.complaints() if not any(one in text for one in expected)]
    assert wrong == [], wrong


def main():
    tally = Tally()
    with Scratch() as scratch, Chromium() as browser:
        stage = Stage(browser, scratch.path)
        try:
            for test in [labels_change, picture_moves, law_holds, camera_lost_and_found, governor_step, keyboard, looks,
                         daemon_restarts, server_restarts, quiet_console, nothing_while_closed]:
                tally.run(test, stage)
        finally:
            stage.web.stop()
            stage.daemon.stop()
    tally.close()


if __name__ == "__main__":
    main()
