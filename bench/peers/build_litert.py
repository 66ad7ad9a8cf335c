"""Writes FOLDER/NAME.tflite (int8 in and out) and NAME.float.tflite for each network, from build.py's NAME.npz.

    build_litert.py FOLDER

Needs TensorFlow. Its "same" padding puts the odd row of a stride-2 layer below and right, ours above and left. Turning
the picture and every kernel by 180 degrees makes the one into the other exactly, without a padding operator that the
other engines do not have to run: the files written here take a picture turned by 180 degrees.
"""
import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
import numpy as np
import tensorflow as tf

import network as net


def keras_model(network, tensors):
    kinds = tf.keras.layers
    picture = kinds.Input((net.EXTENT, net.EXTENT, 3), batch_size=1, name="input")
    values, filled = {"input": picture}, []
    for layer in net.layers(network):
        if isinstance(layer, net.Add):
            values[layer.name] = kinds.Add()([values[layer.source], values[layer.other]])
            continue
        weight = tensors[f"{layer.name}.weight"][:, :, ::-1, ::-1]
        if layer.depthwise:
            module = kinds.DepthwiseConv2D(layer.kernel, layer.stride, "same")
        else:
            module = kinds.Conv2D(layer.outputs, layer.kernel, layer.stride, "same")
        order = (2, 3, 0, 1) if layer.depthwise else (2, 3, 1, 0)
        value = module(values[layer.source])
        values[layer.name] = kinds.ReLU(6.0)(value) if layer.active else value
        filled.append((module, weight.transpose(order), tensors[f"{layer.name}.bias"]))
    classifier = kinds.Dense(net.CLASSES)
    logits = classifier(kinds.GlobalAveragePooling2D()(values[layer.name]))
    filled.append((classifier, tensors["classifier.weight"].T, tensors["classifier.bias"]))
    model = tf.keras.Model(picture, logits)
    for module, weight, bias in filled:
        module.set_weights([weight, bias])
    return model


def convert(folder, quantized):
    converter = tf.lite.TFLiteConverter.from_saved_model(folder)
    if quantized:
        turned = net.normalised(net.pictures(32, seed=3)).transpose(0, 2, 3, 1)[:, ::-1, ::-1]
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = lambda: ([np.ascontiguousarray(picture[None])] for picture in turned)
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = converter.inference_output_type = tf.int8
    return converter.convert()


def main():
    folder = Path(sys.argv[1])
    for network in net.NETWORKS:
        print(f"bench-peers: converting {network} for LiteRT", flush=True)
        with np.load(folder / f"{network}.npz") as tensors, tempfile.TemporaryDirectory() as saved:
            keras_model(network, tensors).export(saved, verbose=False)
            (folder / f"{network}.float.tflite").write_bytes(convert(saved, False))
            (folder / f"{network}.tflite").write_bytes(convert(saved, True))


if __name__ == "__main__":
    main()
