"""LiteRT (TensorFlow Lite) on a float weights file: full int8 with per-channel weights, run by its own interpreter.

    python3 litert_peer.py WEIGHTS PHOTOS RESULTS.json      (after onnx_peers.py, which keeps the float logits)
"""
import sys
import time
from pathlib import Path

import numpy as np
import tensorflow as tf

from judge import record
from network import layers


def to_keras(weights):
    x = inputs = tf.keras.Input((224, 224, 3), batch_size=1)
    values = [x]
    for kind, weight, bias, stride, clamped, skip in layers(weights):
        if kind == "dense":
            x = tf.keras.layers.GlobalAveragePooling2D()(x)
            dense = tf.keras.layers.Dense(weight.shape[0])
            x = dense(x)
            dense.set_weights([weight.T, bias])
            continue
        padding = weight.shape[2] // 2
        y = tf.keras.layers.ZeroPadding2D(padding)(x) if padding else x
        if kind == "depthwise":
            layer = tf.keras.layers.DepthwiseConv2D(weight.shape[2], stride, "valid")
            arranged = weight.transpose(2, 3, 0, 1)
        else:
            layer = tf.keras.layers.Conv2D(weight.shape[0], weight.shape[2], stride, "valid")
            arranged = weight.transpose(2, 3, 1, 0)
        y = layer(y)
        layer.set_weights([arranged, bias])
        if skip is not None:
            y = tf.keras.layers.Add()([y, values[-skip]])
        x = tf.keras.layers.ReLU(6.0)(y) if clamped else y
        values.append(x)
    return tf.keras.Model(inputs, x)


def main(weights, folder, results):
    pixels = {split: np.load(Path(folder) / f"{split}.npy", mmap_mode="r") for split in ("calib", "test")}
    labels = np.load(Path(folder) / "test-labels.npy")
    as_input = lambda picture: (picture.astype(np.float32)[None] - 128) / 64

    begin = time.time()
    converter = tf.lite.TFLiteConverter.from_keras_model(to_keras(weights))
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([as_input(picture)] for picture in pixels["calib"])
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    model = converter.convert()
    seconds = time.time() - begin

    interpreter = tf.lite.Interpreter(model_content=model, num_threads=2)
    interpreter.allocate_tensors()
    source, target = interpreter.get_input_details()[0]["index"], interpreter.get_output_details()[0]["index"]
    logits = []
    for picture in pixels["test"]:
        interpreter.set_tensor(source, as_input(picture))
        interpreter.invoke()
        logits.append(interpreter.get_tensor(target)[0].copy())
    expected = np.load(Path(folder) / f"float-{Path(weights).stem.split('.')[0]}.npy")
    record(results, weights, "LiteRT", np.stack(logits), expected, labels, seconds=round(seconds, 1))


if __name__ == "__main__":
    main(*sys.argv[1:4])
