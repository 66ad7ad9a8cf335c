"""One peer, one network, one measurement; prints one line of JSON.

    worker.py FOLDER ENGINE NETWORK --threads N --runs N --warm-up N [--rate FPS]      latency and CPU time
    worker.py FOLDER ENGINE NETWORK --check                                           logits of some pictures

Every engine gets its input in the form that costs it least and keeps it in place between inferences.
"""
import argparse
import gc
import json
import os
import resource
import statistics
import sys
import time

import numpy as np

import network as net


class OpenVINO:
    def __init__(self, path, threads, bytes_in):
        import openvino as ov
        self.version = ov.__version__.split("-")[0]
        core = ov.Core()
        model = core.read_model(path)
        self.bytes_in = bytes_in
        if bytes_in:  # the camera's bytes; layout and normalisation become part of the network
            steps = ov.preprocess.PrePostProcessor(model)
            steps.input().tensor().set_element_type(ov.Type.u8).set_layout(ov.Layout("NHWC"))
            steps.input().model().set_layout(ov.Layout("NCHW"))
            steps.input().preprocess().convert_element_type(ov.Type.f32).mean(float(net.MEAN)).scale(float(net.STD))
            model = steps.build()
        options = {"PERFORMANCE_HINT": "LATENCY", "NUM_STREAMS": "1", "INFERENCE_NUM_THREADS": str(threads)}
        if not path.endswith(".int8.onnx"):
            options["INFERENCE_PRECISION_HINT"] = "f32"
        self.request = core.compile_model(model, "CPU", options).create_infer_request()
        self.run, self.tensor = self.request.infer, ov.Tensor

    def take(self, picture):
        self.picture = picture if self.bytes_in else net.normalised(picture)
        self.request.set_input_tensor(self.tensor(self.picture, shared_memory=True))

    def logits(self):
        return self.request.get_output_tensor(0).data.ravel()


class ONNXRuntime:
    def __init__(self, path, threads, spins=True):
        import onnxruntime as ort
        self.version, self.ort = ort.__version__, ort
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        options.add_session_config_entry("session.intra_op.allow_spinning", "1" if spins else "0")
        self.session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        self.binding = self.session.io_binding()
        self.output = ort.OrtValue.ortvalue_from_numpy(np.zeros((1, net.CLASSES), np.float32))
        self.binding.bind_ortvalue_output("logits", self.output)

    def take(self, picture):
        self.picture = self.ort.OrtValue.ortvalue_from_numpy(net.normalised(picture))
        self.binding.bind_ortvalue_input("input", self.picture)

    def run(self):
        self.session.run_with_iobinding(self.binding)

    def logits(self):
        return self.output.numpy().ravel()


class LiteRT:
    def __init__(self, path, threads):
        import ai_edge_litert
        from ai_edge_litert.interpreter import Interpreter
        self.version = ai_edge_litert.__version__
        self.interpreter = Interpreter(model_path=path, num_threads=threads)
        self.interpreter.allocate_tensors()
        self.input = self.interpreter.get_input_details()[0]
        self.output = self.interpreter.get_output_details()[0]
        self.run = self.interpreter.invoke

    def take(self, picture):  # turned: see build_litert.py
        picture = np.ascontiguousarray(net.normalised(picture).transpose(0, 2, 3, 1)[:, ::-1, ::-1])
        if self.input["dtype"] == np.int8:
            scale, zero = self.input["quantization"]
            picture = np.clip(np.rint(picture / scale) + zero, -128, 127).astype(np.int8)
        self.interpreter.set_tensor(self.input["index"], picture)

    def logits(self):
        logits = self.interpreter.get_tensor(self.output["index"]).astype(np.float32)
        if self.output["dtype"] == np.int8:
            scale, zero = self.output["quantization"]
            logits = (logits - zero) * scale
        return logits.ravel()


ENGINES = {
    "openvino": lambda base, threads: OpenVINO(f"{base}.int8.onnx", threads, bytes_in=True),
    "openvino-floats-in": lambda base, threads: OpenVINO(f"{base}.int8.onnx", threads, bytes_in=False),
    "openvino-float": lambda base, threads: OpenVINO(f"{base}.onnx", threads, bytes_in=False),
    "onnxruntime": lambda base, threads: ONNXRuntime(f"{base}.int8.onnx", threads),
    "onnxruntime-no-spinning": lambda base, threads: ONNXRuntime(f"{base}.int8.onnx", threads, spins=False),
    "onnxruntime-float": lambda base, threads: ONNXRuntime(f"{base}.onnx", threads),
    "litert": lambda base, threads: LiteRT(f"{base}.tflite", threads),
    "litert-float": lambda base, threads: LiteRT(f"{base}.float.tflite", threads),
}


def measure(engine, runs, warm_up, rate):
    now, period = time.perf_counter_ns, int(1e9 / rate) if rate else 0
    for _ in range(warm_up):
        engine.run()
    gc.disable()
    times, cpu, due = [], time.process_time_ns(), now()
    for _ in range(runs):
        if period:
            due += period
            time.sleep(max(0, due - now()) / 1e9)
        begin = now()
        engine.run()
        times.append(now() - begin)
    cpu = time.process_time_ns() - cpu
    return {"min": min(times) / 1e6, "p50": statistics.median(times) / 1e6, "cpu_ms": cpu / runs / 1e6,
            "rss_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("engine", choices=ENGINES)
    parser.add_argument("network", choices=net.NETWORKS)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--warm-up", type=int, default=10)
    parser.add_argument("--rate", type=float)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    begin = time.perf_counter()
    engine = ENGINES[options.engine](f"{options.folder}/{options.network}", options.threads)
    pictures = net.pictures(8, seed=4)
    engine.take(pictures[:1])
    engine.run()
    result = {"version": engine.version, "load_ms": (time.perf_counter() - begin) * 1e3}
    if options.check:
        result["logits"] = []
        for picture in pictures:
            engine.take(picture[None])
            engine.run()
            result["logits"].append([float(value) for value in engine.logits()])
    else:
        result.update(measure(engine, options.runs, options.warm_up, options.rate))
    print(json.dumps(result), flush=True)
    os._exit(0)  # how an engine tidies up is not measured, and some hang in it


if __name__ == "__main__":
    sys.exit(main())
