"""Generates the models in this folder: python3 models.py (Debian's python3-onnx). Each is a minimal model of one case."""

from pathlib import Path

import numpy as np
from onnx import TensorProto as T
from onnx import checker, helper, numpy_helper, save

here = Path(__file__).parent


def write(name, nodes, inputs, outputs, weights=None, metadata=None, check=True):
    initializers = [numpy_helper.from_array(value, key) for key, value in (weights or {}).items()]
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes, name, [value(*each) for each in inputs], [value(*each) for each in outputs], initializers
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    helper.set_model_props(model, metadata or {})
    if check:
        checker.check_model(model, full_check=True)
    save(model, here / f"{name}.onnx")


node = helper.make_node
random = np.random.default_rng(7)
f32 = lambda *shape: random.standard_normal(shape).astype(np.float32) / 4

# A small image model: [n, 1, 4, 4] to the logits of three classes, with Hadal's metadata of preprocessing and classes.
write(
    "vision",
    [
        node("Conv", ["input", "kernel", "bias"], ["c"], pads=[1, 1, 1, 1]),
        node("Relu", ["c"], ["r"]),
        node("GlobalAveragePool", ["r"], ["p"]),
        node("Flatten", ["p"], ["f"]),
        node("Gemm", ["f", "weight", "offset"], ["logits"], transB=1),
    ],
    [("input", T.FLOAT, ["batch", 1, 4, 4])],
    [("logits", T.FLOAT, ["batch", 3])],
    {"kernel": f32(4, 1, 3, 3), "bias": f32(4), "weight": f32(3, 4), "offset": f32(3)},
    {
        "hadal.input": '{"shape":[1,4,4],"scale":0.00392156862745098,"mean":[0.5],"std":[0.25]}',
        "hadal.classes": '["shirt","boot","bag"]',
    },
)
# Triton's example: the sum and the difference of two rows of 16 integers.
write(
    "simple",
    [node("Add", ["INPUT0", "INPUT1"], ["OUTPUT0"]), node("Sub", ["INPUT0", "INPUT1"], ["OUTPUT1"])],
    [("INPUT0", T.INT32, ["", 16]), ("INPUT1", T.INT32, ["", 16])],
    [("OUTPUT0", T.INT32, ["", 16]), ("OUTPUT1", T.INT32, ["", 16])],
)
# Every type that onnxruntime-node supports, passed through unchanged, in rows of two.
types = dict(
    bool=T.BOOL, uint8=T.UINT8, uint16=T.UINT16, uint32=T.UINT32, uint64=T.UINT64, int8=T.INT8, int16=T.INT16,
    int32=T.INT32, int64=T.INT64, float16=T.FLOAT16, float32=T.FLOAT, float64=T.DOUBLE, string=T.STRING,
)  # fmt: skip
write(
    "types",
    [node("Identity", [name], [f"{name}_out"]) for name in types],
    [(name, kind, ["n", 2]) for name, kind in types.items()],
    [(f"{name}_out", kind, ["n", 2]) for name, kind in types.items()],
)
# A free dimension after the batch: [n, length, 2] to sums over the length.
write(
    "sequence",
    [node("ReduceSum", ["x", "axes"], ["y"], keepdims=0)],
    [("x", T.FLOAT, ["batch", "length", 2])],
    [("y", T.FLOAT, ["batch", 2])],
    {"axes": np.array([1], dtype=np.int64)},
)
# A fixed batch of four rows.
write(
    "fixed",
    [node("MatMul", ["x", "w"], ["y"])],
    [("x", T.FLOAT, [4, 3])],
    [("y", T.FLOAT, [4, 2])],
    {"w": f32(3, 2)},
)
# A fixed batch of one row.
write(
    "single",
    [node("MatMul", ["x", "w"], ["y"])],
    [("x", T.FLOAT, [1, 3])],
    [("y", T.FLOAT, [1, 2])],
    {"w": f32(3, 2)},
)
# No batch dimension: two vectors of different lengths.
write(
    "unbatched",
    [node("MatMul", ["x", "w"], ["y"])],
    [("x", T.FLOAT, [3])],
    [("y", T.FLOAT, [2])],
    {"w": f32(3, 2)},
)
# Looks batched but is not: every row is divided by the maximum over all rows.
write(
    "coupled",
    [node("ReduceMax", ["x"], ["m"], keepdims=0), node("Div", ["x", "m"], ["y"])],
    [("x", T.FLOAT, ["batch", 3])],
    [("y", T.FLOAT, ["batch", 3])],
)
# Looks up rows of a table of four: an index out of range must fail only the request that sent it.
write(
    "lookup",
    [node("Gather", ["table", "index"], ["y"])],
    [("index", T.INT64, ["batch"])],
    [("y", T.FLOAT, ["batch", 2])],
    {"table": np.arange(8, dtype=np.float32).reshape(4, 2)},
)
# An operator that no runtime supports.
write(
    "unknown-operator",
    [node("Levitate", ["x"], ["y"])],
    [("x", T.FLOAT, ["n", 3])],
    [("y", T.FLOAT, ["n", 3])],
    check=False,
)
# A type that onnxruntime-node does not support.
write(
    "bfloat16",
    [node("Identity", ["x"], ["y"])],
    [("x", T.BFLOAT16, ["n", 3])],
    [("y", T.BFLOAT16, ["n", 3])],
)
# Slow on purpose: each step squares a matrix, so the number of steps determines the duration of a run.
size = 64
body = helper.make_graph(
    [
        node("MatMul", ["before", "turn"], ["after"]),
        node("Identity", ["go"], ["on"]),
    ],
    "body",
    [
        helper.make_tensor_value_info("step", T.INT64, []),
        helper.make_tensor_value_info("go", T.BOOL, []),
        helper.make_tensor_value_info("before", T.FLOAT, [size, size]),
    ],
    [
        helper.make_tensor_value_info("on", T.BOOL, []),
        helper.make_tensor_value_info("after", T.FLOAT, [size, size]),
    ],
)
write(
    "busy",
    [
        node("ConstantOfShape", ["shape"], ["seed"], value=numpy_helper.from_array(np.zeros(1, dtype=np.float32))),
        node("EyeLike", ["seed"], ["turn"], dtype=T.FLOAT),
        node("Loop", ["steps", "", "seed"], ["last"], body=body),
        node("ReduceMean", ["last"], ["mean"], keepdims=0),
    ],
    [("steps", T.INT64, [])],
    [("mean", T.FLOAT, [])],
    {"shape": np.array([size, size], dtype=np.int64)},
)
# Classifies an image by the dominant one of three colours.
write(
    "colours",
    [
        node("GlobalAveragePool", ["input"], ["p"]),
        node("Flatten", ["p"], ["f"]),
        node("Mul", ["f", "ten"], ["logits"]),
    ],
    [("input", T.FLOAT, ["batch", 3, 4, 4])],
    [("logits", T.FLOAT, ["batch", 3])],
    {"ten": np.array([10], dtype=np.float32)},
    {
        "hadal.input": '{"shape":[3,4,4],"scale":0.00392156862745098}',
        "hadal.classes": '["red","green","blue"]',
    },
)
