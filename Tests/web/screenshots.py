#!/usr/bin/env python3
"""Pictures of the page as it is now: screenshots.py URL FOLDER. Desktop and phone, light and dark."""

import sys

from chromium import Chromium

url, folder = sys.argv[1:3]
with Chromium() as browser:
    for name, width, height, dark, scale in [
            ("desktop-light", 1280, 900, False, 1), ("desktop-dark", 1280, 900, True, 1),
            ("phone-light", 390, 844, False, 2), ("phone-dark", 390, 844, True, 2)]:
        page = browser.page(url, width, height, dark, scale=scale)
        page.wait("document.querySelector('#picture').naturalWidth > 0", "a picture")
        page.wait("document.querySelectorAll('#top li:not([hidden])').length === 5", "results")
        whole = page.js("document.documentElement.scrollHeight")
        page.resize(width, whole, scale)
        page.js("new Promise(done => setTimeout(done, 1500))")
        page.screenshot(f"{folder}/{name}.png")
        for complaint in page.complaints():
            print(f"{name}: {complaint}", file=sys.stderr)
        page.close()
