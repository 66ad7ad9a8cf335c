#!/bin/sh
# Prints time, label and score whenever the label changes.
set -eu
socket=${TARSIER_SOCKET:-/run/tarsier/tarsier.sock}
socat -u "UNIX-CONNECT:$socket" - |
    jq --unbuffered -r 'select(.type == "result") | "\(.ts) \(.label) \(.score)"'
