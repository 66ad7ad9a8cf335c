"""Float weights in a safetensors file: the names of the PyTorch modules, fp32, OIHW, and what an engine must know."""
import json
import os
from pathlib import Path

import torch
from safetensors.torch import save_file

PREPROCESSING = {"width": 224, "height": 224, "crop": "center", "resize": "triangle",
                 "mean": [128, 128, 128], "std": [64, 64, 64]}


def export(path, state, network, labels, temperature, unknown_threshold, source):
    """Replaces the file in one step, so that a reader never meets half of one."""
    tensors = {name: tensor.detach().to("cpu", torch.float32).contiguous()
               for name, tensor in state.items() if not name.endswith("num_batches_tracked")}
    metadata = {"format": "tarsier-float-1", "network": network, "labels": json.dumps(labels),
                "preprocessing": json.dumps(PREPROCESSING), "temperature": json.dumps(round(temperature, 4)),
                "unknown_threshold": json.dumps(round(unknown_threshold, 4)), "source": source}
    temporary = Path(f"{path}.part")
    save_file(tensors, temporary, metadata)
    temporary.chmod(0o644)
    os.replace(temporary, path)


def write_json(path, value):
    temporary = Path(f"{path}.part")
    temporary.write_text(json.dumps(value, indent=2) + "\n")
    os.replace(temporary, path)
