"""Writes the reference blocks beside this file; needs numpy 2.4.6 and gguf 0.19.0 (pip install gguf)."""

import pathlib

import gguf
import numpy as np

HERE = pathlib.Path(__file__).parent
DECODED = "BF16 Q4_0 Q4_1 Q5_0 Q5_1 Q8_0 Q2_K Q3_K Q4_K Q5_K Q6_K IQ4_NL IQ4_XS MXFP4".split()
ENCODED = "BF16 Q4_0 Q4_1 Q5_0 Q5_1 Q8_0 MXFP4".split()
random = np.random.default_rng(20240611)


def power_edges():
    """Blocks whose largest magnitude is a power of two, the next float above it, and the next below it."""
    blocks = []
    for exponent in range(-24, 25, 4):
        power = np.float32(2.0**exponent)
        for largest in (power, np.nextafter(power, np.float32(9e9)), np.nextafter(power, np.float32(0))):
            blocks.append(np.concatenate([[largest], random.uniform(-power, power, 31) * 0.9]))
    return np.concatenate(blocks)


def values():
    return np.concatenate([
        random.standard_normal(512),
        random.standard_normal(256) * 1e-3,
        np.cos(np.arange(512)) * 2 + 0.1,
        np.zeros(32),
        random.integers(-8, 9, 256) / 8,
        random.integers(-127, 128, 256) / 2,
        random.standard_normal(256) * np.exp(random.standard_normal(256) * 4),
        random.random(256) + 5,
        -random.random(256) * 100,
        power_edges(),
    ]).astype("<f4")


for name in DECODED:
    kind = gguf.GGMLQuantizationType[name]
    elements, size = gguf.GGML_QUANT_SIZES[kind]
    blocks = random.integers(0, 256, (1024 // elements, size), dtype=np.uint8)
    blocks.tofile(HERE / f"{name}.random.blocks")
    with np.errstate(all="ignore"):
        gguf.quants.dequantize(blocks, kind).astype("<f4").tofile(HERE / f"{name}.random.f32")

given = values()
given.tofile(HERE / "values.f32")
for name in ENCODED:
    with np.errstate(all="ignore"):
        gguf.quants.quantize(given, gguf.GGMLQuantizationType[name]).tofile(HERE / f"{name}.values.blocks")
