import { describe, expect, it } from 'vitest'
import { isEcho, isSaidCalmly, isSourceLine, isSpokenOf } from './is-mentioned.ts'

/** The match stands between the two bars. */
const isOnlySaid = (marked: string): boolean => {
  const [before = '', match = '', after = ''] = marked.split('¦')
  return isSpokenOf({ text: before + match + after, from: before.length, to: before.length + match.length })
}

describe('isSpokenOf', () => {
  it.each([
    'If you see ¦CUDA out of memory¦, lower the batch size.',
    'Set this to avoid ¦CUDA out of memory¦',
    'retries on ¦connection refused¦ up to 5 times',
    'health: no ¦Xid¦',
    'Worker exit type: SYSTEM_ERROR. There are some potential root causes. (1) The process is ¦killed by SIGKILL¦ by the OOM killer.',
    'sample 0: {"instruction": "What is exit code 137?", "output": "The container was ¦OOMKilled¦."}',
    'If a pod is ¦OOMKilled¦, raise its limit.',
    '3. When the pod shows ¦OOMKilled¦, raise its limit.',
    'In Kubernetes, `¦OOMKilled¦` with exit code 137 means that the limit was reached.',
    '  - ¦ncclSystemError¦ no longer hides the reason',
    'finished without any ¦NCCL timeout¦',
    '0 ¦CUDA errors¦',
    'Xid check: ¦Xid¦: none',
    'this may cause ¦CUDA out of memory¦ on small cards',
    'recovered from ¦connection reset¦ after 2 tries',
    'handles ¦ECONNRESET¦ of clients',
    'the cause was not "¦No space left on device¦"',
    '- Fixed "CUDA error: ¦an illegal memory access¦" in the sampler',
    'handles `error: ¦ECONNRESET¦`',
    'user: my friend says his pod was ¦OOMKilled¦, what does it mean?',
    'user: why is my pod ¦OOMKilled¦ at night?',
    'checked 8 GPUs, 0 ¦Xid errors¦',
    'srv response: {"choices":[{"message":{"role":"assistant","content":"Your pod was ¦OOMKilled¦: raise its limit."}}]}',
    "{'role': 'user', 'content': 'I see ¦CUDA out of memory¦'}",
    '{"prompt": "Explain \\"¦No space left on device¦',
    'Last week a colleague had "¦NCCL error¦" elsewhere. Should we raise the limit? We saw none so far.',
    'There were no incidents. We raised the limit after the ¦OOMKilled¦ pods of September.',
  ])('only speaks of it: %s', (line) => {
    expect(isOnlySaid(line)).toBe(true)
  })

  it.each([
    'RuntimeError: ¦CUDA out of memory¦. Tried to allocate 2.00 GiB',
    'OSError: [Errno 28] ¦No space left on device¦',
    '0/3 nodes are available: 3 ¦Insufficient nvidia.com/gpu¦.',
    'error: ¦no CUDA-capable device¦ is detected',
    'Error: listen ¦EADDRINUSE¦: address already in use :::8080',
    'Last State: Terminated, Reason: ¦OOMKilled¦, Exit Code: 137',
    'worker 0 failed: ¦CUDA error¦: an illegal memory access was encountered',
    'cudaErrorNoDevice: ¦no CUDA-capable device is detected¦',
    'Failed to load model: ¦invalid magic characters¦',
    'NVRM: Xid (PCI:0000:9b:00): ¦79¦, pid=1, GPU has fallen off the bus.',
    'Container engine failed liveness probe, ¦will be restarted¦',
    'rank 0: ¦NCCL error¦: not handled here',
    'uncorrectable ECC: ¦ECC error¦: 1',
    'could not connect: ¦Connection refused¦. Is the server running?',
    '¦EADDRINUSE¦: is another instance running?',
    'the state cannot be fixed: ¦CUDA error¦',
    'error="worker 3: ¦CUDA out of memory¦"',
    '¦libcudart.so.12: cannot open shared object file¦: No such file or directory',
    'rank 0 ¦CUDA out of memory¦',
    'engine-0   0/1   ¦OOMKilled¦   0   5m',
    '¦Killed process 42 (python3)¦, file-rss:1024kB, shmem-rss:0kB, UID:0 pgtables:7kB',
    'terminate called after throwing an instance of ¦std::bad_alloc¦',
    'Failed to handle the request, then: ¦CUDA out of memory¦',
    'Error trying to reproduce it: ¦NCCL error¦',
    "version ¦GLIBCXX_3.4.32¦' not found",
    'The process was ¦Killed¦',
    'failed when allocating: ¦CUDA out of memory¦',
    '¦Signal 9¦ received. This usually means that memory ran out.',
    '{"messages":[{"role":"user","content":"hi"}],"error":"¦CUDA out of memory¦"}',
    "OSError: We couldn't connect to the hub: ¦Connection refused¦. Check the network.",
    '{"role":"engine","message":"¦CUDA out of memory¦"}',
    'Unexpected error. Did you run some cuda functions before? ¦Error 802¦: system not yet initialized',
  ])('reports it: %s', (line) => {
    expect(isOnlySaid(line)).toBe(false)
  })
})

describe('isEcho', () => {
  it.each([
    '$ grep "CUDA out of memory" train.log',
    '+ echo CUDA out of memory',
    'root@gpu-7:/# dmesg | grep Xid',
    '(venv) me@gpu-7:~/work$ dmesg | grep Xid',
    'PS C:\\logs> findstr OOMKilled *.log',
    '  --oom-retries N   how often to try again after CUDA out of memory',
    'usage: train [--oom-retries N]',
    'tests: "137 when OOMKilled" ... ok',
    '✓ says that CUDA is out of memory',
    'tests/test_oom.py::test_cuda_out_of_memory PASSED [ 12%]',
    'ok 12 - ECONNREFUSED is tried again',
    '    raise RuntimeError("CUDA out of memory")',
    '  throw new Error("EADDRINUSE")',
    'except torch.cuda.OutOfMemoryError as error:',
    '// CUDA out of memory',
    'src/scheduler.py:88:        except torch.cuda.OutOfMemoryError as e:',
    'src/errors.go:12:var ErrNoSpace = errors.New("no space left on device")',
    'test/xid.py:3:LINE = "NVRM: Xid (PCI:0000:01:00): 48, pid=1"',
    '10.0.0.1 - - [29/Nov/2026:10:00:02 +0000] "GET /search?q=ECONNREFUSED HTTP/1.1" 200 812 "-"',
    "INFO 11-29 logger.py:39] Received request cmpl-1: prompt: 'CUDA out of memory', params: SamplingParams(",
    '  - Do not exit with code 137 when the container is OOMKilled',
    ' 1013  dmesg -T | grep -i "out of memory"',
    '[x] say what OOMKilled means',
    'kubectl get pods | grep -q OOMKilled && echo "a pod was OOMKilled"',
    '  echo "NVRM: Xid (PCI:0000:01:00): 79 was seen" >&2',
    'A: It prints "Out of memory: Killed process 4242 (python3)".',
    "LOG:  statement: INSERT INTO events (message) VALUES ('pod was OOMKilled')",
    'data: {"type":"text_delta","text":"Out of memory: Killed process 12 (node)."}',
    '-rw-r--r-- 1 root root  812 Jan  1 00:00 CUDA out of memory.txt',
    "  12:5  warning  'ECONNREFUSED' is assigned a value but never used  no-unused-vars",
    'msgid "No space left on device"',
    'c3d4e5f Do not crash with ENOSPC: no space left on device',
    '  out_of_memory: "CUDA out of memory. Tried to allocate {size}"',
    'assistant: NVRM: Xid (PCI:0000:01:00): 79 means that the GPU is lost.',
    'Step 4/9 : RUN python -c "raise MemoryError"',
  ])('was typed, or is a text about programs: %s', (line) => {
    expect(isEcho(line)).toBe(true)
  })

  it.each([
    'RuntimeError: CUDA out of memory',
    '# Fatal error in , line 0',
    '  Warning  Failed  2m  kubelet  Error: ErrImagePull',
    '- 0/3 nodes are available: 3 Insufficient nvidia.com/gpu.',
    'assertion failed: CUDA out of memory',
    'Assertion `srcIndex < srcSelectDimSize` failed.',
    'error: while loading shared libraries: libcuda.so.1: cannot open shared object file',
    'if [ -f x ]; then cat: No space left on device',
    'terminate called after throwing an instance of std::bad_alloc',
    'FAILED tests/test_oom.py - RuntimeError: CUDA out of memory',
    'catch: CUDA out of memory',
    "  message: '0/3 nodes are available: 3 Insufficient nvidia.com/gpu.'",
    'lastErrorMessage: "CUDA out of memory"',
    'deadbeef: CUDA out of memory',
    'gguf.cpp:780: GGML_ASSERT(ctx->kv[key_id].get_type() != GGUF_TYPE_STRING) failed',
    'ggml-cuda.cu:70: CUDA error',
    'connect() failed (111: Connection refused), request: "GET / HTTP/1.1", upstream: "http://a/"',
  ])('was said: %s', (line) => {
    expect(isEcho(line)).toBe(false)
  })
})

describe('isSourceLine', () => {
  it('is a line of a stack that shows the source', () => {
    const place = '  File "/a/train.py", line 12, in step'
    expect(isSourceLine(place, '    fail("CUDA out of memory")', undefined)).toBe(true)
    expect(isSourceLine(place, 'torch.OutOfMemoryError: CUDA out of memory', undefined)).toBe(false)
    expect(isSourceLine('/app/server.js:12', 'throw new Error("x")', undefined)).toBe(true)
    expect(isSourceLine(undefined, 'x', '    ^^^^^^^')).toBe(true)
    expect(isSourceLine('    loss.backward()', '  x', 'next')).toBe(false)
  })
})

describe('isSaidCalmly', () => {
  it.each(['2026-11-29 14:02:03 INFO client left', '[DEBUG] x', 'I1129 14:02:03.1 1 a.go:1] x'])(
    '%s',
    (line) => {
      expect(isSaidCalmly(line)).toBe(true)
    },
  )

  it.each(['ERROR see INFO below', 'E1129 14:02:03.1 1 a.go:1] x', 'reset by peer', 'INFORMATION'])(
    'not: %s',
    (line) => {
      expect(isSaidCalmly(line)).toBe(false)
    },
  )
})
