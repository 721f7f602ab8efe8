"""The same image tower in plain PyTorch, one image at a time in a loop: no HTTP, no decoding. Prints milliseconds of the processor an image.

    /usr/bin/python3 peer.py <width> <layers> <heads> <feed-forward> <seconds> <threads> [batch]
"""
import sys, time
import torch

width, layers, heads, feed = map(int, sys.argv[1:5])
seconds, threads = float(sys.argv[5]), int(sys.argv[6])
batch = int(sys.argv[7]) if len(sys.argv) > 7 else 1
torch.set_num_threads(threads)
torch.manual_seed(1)
patches = torch.nn.Conv2d(3, width, 32, 32, bias=False)
layer = torch.nn.TransformerEncoderLayer(width, heads, feed, 0.0, lambda x: x * torch.sigmoid(1.702 * x), batch_first=True, norm_first=True)
tower = torch.nn.TransformerEncoder(layer, layers, enable_nested_tensor=False).eval()
project = torch.nn.Linear(width, 256, bias=False)
images = torch.rand(batch, 3, 224, 224)
marks = torch.zeros(batch, 1, width)

def embed():
    x = torch.cat([marks, patches(images).flatten(2).transpose(1, 2)], 1)
    return torch.nn.functional.normalize(project(tower(x)[:, 0]), dim=-1)

with torch.no_grad():
    for _ in range(3):
        embed()
    begin, before, count = time.perf_counter(), time.process_time(), 0
    while time.perf_counter() - begin < seconds:
        embed()
        count += batch
    print((time.process_time() - before) / count * 1000, count / (time.perf_counter() - begin))
