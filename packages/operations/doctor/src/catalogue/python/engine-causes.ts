/** Engines and workers of Python that do not start or have ended: vLLM and the processes of PyTorch. */

import { advice, plainly, withFigure } from '../advice.ts'
import type { Cause } from '../cause.ts'
import { endedJobs } from '../consequences.ts'
import { torchData, vllmTroubleshooting } from '../sources.ts'

export const pythonEngineCauses: readonly Cause[] = [
  {
    id: 'gpu_feature_missing',
    family: 'python',
    title: 'The GPU is too old for what was asked',
    severity: 'error',
    weight: 5,
    shows: [
      /Bfloat16 is only supported on GPUs with compute capability of at least (?<needed>[\d.]{1,5})\. Your (?<gpu>.{1,60}?) GPU has compute capability (?<found>[\d.]{1,5})/,
      /FlashAttention only supports (?<needed>\w{1,20}) GPUs or newer/,
      /The quantization method (?<method>\w{1,30}) is not supported for the current GPU\. Minimum capability: (?<needed>\d{1,3})/,
    ],
    explains: endedJobs,
    says: ({ needed, gpu, found }) =>
      `This GPU${withFigure(gpu, (name) => ` (${name})`)}${withFigure(found, (text) => ` has compute capability ${text} and`)} lacks it: ${needed ?? 'a newer one'} is needed.`,
    fix: advice('Use half precision or another attention, or a newer GPU.', 'vllm serve MODEL --dtype=half'),
    source: vllmTroubleshooting,
  },
  {
    id: 'vllm_parallel_size',
    family: 'python',
    title: 'The model cannot be split over so many GPUs',
    severity: 'error',
    weight: 5,
    shows: [
      /Total number of attention heads \((?<heads>\d{1,5})\) must be divisible by tensor parallel size \((?<size>\d{1,4})\)/,
      /The number of required GPUs exceeds the total number of available GPUs/,
      /World size \((?<size>\d{1,5})\) is larger than the number of available GPUs \((?<gpus>\d{1,5})\)/,
    ],
    explains: endedJobs,
    says: ({ heads, size, gpus }) =>
      heads === undefined
        ? `More GPUs are asked for${withFigure(size, (text) => ` (${text})`)} than are there${withFigure(gpus, (text) => ` (${text})`)}.`
        : `${heads} attention heads cannot be shared out among ${size ?? '?'} GPUs.`,
    fix: advice(
      'Choose a number of GPUs that divides the heads and is there; use pipeline parallelism for the rest.',
      'nvidia-smi -L; vllm serve MODEL --tensor-parallel-size N --pipeline-parallel-size M',
    ),
    source: vllmTroubleshooting,
  },
  {
    id: 'vllm_no_platform',
    family: 'python',
    title: 'vLLM finds no device that it can use',
    severity: 'error',
    weight: 1,
    shows: [/Failed to infer device type/, /No platform detected, vLLM is running on UnspecifiedPlatform/],
    explains: ['vllm_engine_died'],
    says: plainly('vLLM sees no GPU, or was installed for another platform.'),
    fix: advice(
      'See whether nvidia-smi and PyTorch see the GPU here.',
      'nvidia-smi -L; python3 -c "import torch; print(torch.cuda.is_available())"',
    ),
    source: vllmTroubleshooting,
  },
  {
    id: 'vllm_engine_died',
    family: 'python',
    title: 'The engine of vLLM ended',
    severity: 'error',
    weight: -1,
    shows: [
      /\b(?:Async)?EngineDeadError\b/,
      /Engine core initialization failed\. See root cause above/,
      /EngineCore (?:failed to start|encountered a fatal error|hit an exception)/,
    ],
    explains: ['k8s_container_failed', 'k8s_crash_loop', 'k8s_probe_failed'],
    says: plainly('The process that computes has ended; its own error stands earlier in the log.'),
    fix: advice(
      'Look for the first ERROR or Traceback before it.',
      'VLLM_LOGGING_LEVEL=DEBUG vllm serve MODEL',
    ),
    source: vllmTroubleshooting,
  },
  {
    id: 'python_worker_died',
    family: 'python',
    title: 'A worker process of Python ended',
    severity: 'error',
    weight: -1,
    shows: [
      /DataLoader worker \(pid(?:\(s\))? (?<pid>[\d, ]{1,80})\) (?:exited unexpectedly|is killed by signal: (?<signal>[\w ]{1,30}))/,
      /A process in the process pool was terminated abruptly/,
      /\bBrokenProcessPool\b/,
      // Ray
      /A worker died or was killed while executing a task/,
      /\b(?:RayActorError|ActorDiedError): The actor died unexpectedly/,
    ],
    explains: ['torch_child_failed', 'nccl_peer_gone'],
    says: ({ pid, signal }) =>
      `A worker${withFigure(pid, (id) => ` (${id.trim()})`)} ended${withFigure(signal, (name) => ` by signal ${name.trim()}`)}: mostly memory or /dev/shm ran out, or its own code crashed.`,
    fix: advice(
      'Run once with num_workers=0, which shows its error (Ray: read the log of the worker); look for the OOM killer in dmesg.',
      'sudo dmesg -T | grep -iE "out of memory|oom"; df -h /dev/shm',
    ),
    source: torchData,
  },
]
