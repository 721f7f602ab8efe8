"""Writes pytorch-trace.json.gz, a trace that PyTorch's profiler exports of two steps of a small model, and pytorch-averages.json, what
it says of them itself (key_averages).

    python3 pytorch-trace.py
"""

import gzip
import json
import os
import tempfile

import torch
from torch.profiler import ProfilerActivity, profile, schedule

torch.set_num_threads(1)
torch.manual_seed(0)
here = os.path.dirname(os.path.abspath(__file__))
model = torch.nn.Sequential(torch.nn.Linear(16, 32), torch.nn.ReLU(), torch.nn.Linear(32, 4))
optimizer = torch.optim.AdamW(model.parameters())


def step():
    x = torch.randn(8, 16)
    loss = torch.nn.functional.cross_entropy(model(x.t().contiguous().t()), torch.randint(4, (8,)))
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()


def write(profiler):
    path = os.path.join(tempfile.mkdtemp(), "trace.json")
    profiler.export_chrome_trace(path)
    trace = json.load(open(path))
    kept = {key: trace[key] for key in ("schemaVersion", "traceEvents", "baseTimeNanoseconds")}
    with gzip.GzipFile(os.path.join(here, "pytorch-trace.json.gz"), "wb", mtime=0) as file:
        file.write(json.dumps(kept, separators=(",", ":")).encode())
    averages = {
        event.key: {"count": event.count, "selfMicros": event.self_cpu_time_total, "totalMicros": event.cpu_time_total}
        for event in profiler.key_averages()
    }
    with open(os.path.join(here, "pytorch-averages.json"), "w") as file:
        json.dump({"torch": torch.__version__, "averages": averages}, file, indent=1)


steps = schedule(wait=0, warmup=1, active=2, repeat=1)
with profile(
    activities=[ProfilerActivity.CPU], record_shapes=True, profile_memory=True, schedule=steps, on_trace_ready=write
) as profiler:
    for _ in range(3):
        step()
        profiler.step()
