"""Writes the GGUF files beside this file; needs numpy 2.4.6 and gguf 0.19.0 (pip install gguf)."""

import pathlib
import struct

import gguf
import numpy as np
from gguf import GGMLQuantizationType as Type
from gguf import GGUFValueType as Value

HERE = pathlib.Path(__file__).parent
random = np.random.default_rng(3)


def finish(writer):
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def every_value():
    writer = gguf.GGUFWriter(HERE / "every-value.gguf", "llama")
    writer.add_key_value("u8", 255, Value.UINT8)
    writer.add_key_value("i8", -128, Value.INT8)
    writer.add_key_value("u16", 65535, Value.UINT16)
    writer.add_key_value("i16", -32768, Value.INT16)
    writer.add_key_value("u32", 4294967295, Value.UINT32)
    writer.add_key_value("i32", -2147483648, Value.INT32)
    writer.add_key_value("u64", 9223372036854775807, Value.UINT64)
    writer.add_key_value("u64.large", 18446744073709551615, Value.UINT64)
    writer.add_key_value("i64", -9223372036854775808, Value.INT64)
    writer.add_key_value("f32", 0.1, Value.FLOAT32)
    writer.add_key_value("f64", 0.1, Value.FLOAT64)
    writer.add_bool("yes", True)
    writer.add_bool("no", False)
    writer.add_string("text", "gr\u00fc\u00df Gott \U0001f600")
    writer.add_array("strings", ["a", "", "\u2581b"])
    writer.add_array("numbers", [1, -2, 3])
    writer.add_array("floats", [0.5, -1.5])
    writer.add_array("flags", [True, False, True])
    finish(writer)


def every_type():
    writer = gguf.GGUFWriter(HERE / "every-type.gguf", "llama")
    for name in "F32 F16 BF16 Q4_0 Q4_1 Q5_0 Q5_1 Q8_0 Q2_K Q3_K Q4_K Q5_K Q6_K IQ4_NL IQ4_XS MXFP4".split():
        kind = Type[name]
        elements, size = gguf.GGML_QUANT_SIZES[kind]
        blocks = 3 if elements == 1 else 1
        raw = random.integers(0, 64, (2, blocks * size), dtype=np.uint8)
        writer.add_tensor(f"blk.0.{name}", raw, raw_dtype=kind)
    for name, dtype in (("I8", np.int8), ("I16", np.int16), ("I32", np.int32), ("I64", np.int64), ("F64", np.float64)):
        writer.add_tensor(name, np.arange(-3, 3).reshape(1, 2, 3).astype(dtype))
    finish(writer)


def split():
    for part in range(3):
        writer = gguf.GGUFWriter(HERE / f"split-{part + 1:05}-of-00003.gguf", "llama")
        if part == 0:
            writer.add_uint32("llama.block_count", 2)
        writer.add_uint16("split.no", part)
        writer.add_uint16("split.count", 3)
        writer.add_int32("split.tensors.count", 2)
        if part > 0:
            writer.add_tensor(f"blk.{part - 1}.weight", np.arange(6, dtype=np.float32).reshape(2, 3) * part)
        finish(writer)


def aligned():
    writer = gguf.GGUFWriter(HERE / "aligned-64.gguf", "llama")
    writer.add_custom_alignment(64)
    writer.add_tensor("a", np.float32([1, 2, 3]))
    writer.add_tensor("b", np.float16([[4], [5]]))
    finish(writer)


def version_2():
    bytes3 = bytearray((HERE / "aligned-64.gguf").read_bytes())
    bytes3[4:8] = struct.pack("<I", 2)
    (HERE / "version-2.gguf").write_bytes(bytes3)


def big_endian():
    writer = gguf.GGUFWriter(HERE / "big-endian.gguf", "llama", endianess=gguf.GGUFEndian.BIG)
    writer.add_uint32("llama.block_count", 2)
    finish(writer)


every_value()
every_type()
split()
aligned()
version_2()
big_endian()
