"""Writes the ELF kernel inside a compressed x86 one, which QEMU starts without emulating the decompression.

usage: unpack-kernel.py VMLINUZ OUTPUT   (copies the file as it is when it holds none)
"""

import lzma
import subprocess
import sys
import zlib


def zstd(data: bytes) -> bytes:
    run = subprocess.run(["zstd", "-dcq"], input=data, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    return run.stdout


DECODERS = [
    (b"\xfd7zXZ\0", lambda data: lzma.LZMADecompressor().decompress(data)),
    (b"\x28\xb5\x2f\xfd", zstd),
    (b"\x1f\x8b\x08", lambda data: zlib.decompressobj(31).decompress(data)),
]


def unpack(image: bytes) -> bytes:
    for magic, decode in DECODERS:
        at = image.find(magic)
        while at >= 0:
            try:
                kernel = decode(image[at:])
            except (lzma.LZMAError, zlib.error, OSError):
                kernel = b""
            if kernel[:4] == b"\x7fELF":
                return kernel
            at = image.find(magic, at + 1)
    return image


with open(sys.argv[1], "rb") as source:
    content = unpack(source.read())
with open(sys.argv[2], "wb") as target:
    target.write(content)
