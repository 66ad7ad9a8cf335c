"""A camera's frame to a 224x224 network input: Tarsier beside OpenCV, in turns, in CPU time of one thread.

usage: compare.py TARSIER_IMAGING FRAMES_DIR [ROUNDS]

OpenCV does what its users write: decode or convert the whole frame, cut the centred square, resize. INTER_AREA is the
resize that, as ours, lets every pixel of the camera count; INTER_LINEAR reads four and is what its users get by default.
"""

import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import cv2
import numpy

SIDE = 224
RUNS = 100


def centre(picture):
    height, width = picture.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return picture[top : top + side, left : left + side]


def median_ms(work):
    samples = []
    for _ in range(RUNS):
        begin = time.thread_time_ns()
        work()
        samples.append((time.thread_time_ns() - begin) / 1e6)
    return statistics.median(samples)


def ours(program, *arguments):
    run = subprocess.run([program, "--runs", str(RUNS), *arguments], check=True, capture_output=True, text=True)
    return json.loads(run.stdout)["median_ms"]


def jpeg_work(data, interpolation):
    return lambda: cv2.resize(centre(cv2.imdecode(data, cv2.IMREAD_COLOR)), (SIDE, SIDE), interpolation=interpolation)


def yuyv_work(frame, interpolation):
    return lambda: cv2.resize(
        centre(cv2.cvtColor(frame, cv2.COLOR_YUV2RGB_YUYV)), (SIDE, SIDE), interpolation=interpolation
    )


def nv12_work(frame, interpolation):
    return lambda: cv2.resize(
        centre(cv2.cvtColor(frame, cv2.COLOR_YUV2RGB_NV12)), (SIDE, SIDE), interpolation=interpolation
    )


def main():
    program, frames = sys.argv[1], pathlib.Path(sys.argv[2])
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 5
    cv2.setNumThreads(1)
    cases = []
    for size in ("1280x720", "640x480"):
        file = frames / f"{size}-1.jpg"
        data = numpy.frombuffer(file.read_bytes(), numpy.uint8)
        cases.append((f"{size} MJPEG", [str(file)], lambda how, data=data: jpeg_work(data, how)))
    with tempfile.TemporaryDirectory() as folder:
        picture = cv2.imread(str(frames / "640x480-1.jpg"))
        yuyv = cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_YUYV)
        raw = pathlib.Path(folder, "yuyv")
        raw.write_bytes(yuyv.tobytes())
        arguments = [str(raw), "--format", "yuyv", "--size", "640x480"]
        cases.append(("640x480 YUYV", arguments, lambda how: yuyv_work(yuyv, how)))
        i420 = cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420)
        chroma = i420[480:].reshape(2, -1).T.reshape(240, 640)
        nv12 = numpy.vstack([i420[:480], chroma])
        other = pathlib.Path(folder, "nv12")
        other.write_bytes(nv12.tobytes())
        arguments = [str(other), "--format", "nv12", "--size", "640x480"]
        cases.append(("640x480 NV12", arguments, lambda how: nv12_work(nv12, how)))
        print(f"OpenCV {cv2.__version__}, one thread, median CPU ms a frame, median of {rounds} rounds")
        print(f"{'frame':16}{'tarsier':>9}{'area':>9}{'share':>8}{'linear':>9}{'share':>8}")
        for name, arguments, work in cases:
            ways = [lambda: ours(program, *arguments)]
            ways += [lambda how=how: median_ms(work(how)) for how in (cv2.INTER_AREA, cv2.INTER_LINEAR)]
            figures = [statistics.median(column) for column in zip(*[[way() for way in ways] for _ in range(rounds)])]
            mine, area, linear = figures
            print(f"{name:16}{mine:9.3f}{area:9.3f}{mine / area:8.2f}{linear:9.3f}{mine / linear:8.2f}")


if __name__ == "__main__":
    main()
