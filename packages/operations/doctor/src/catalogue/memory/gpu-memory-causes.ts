/** GPU out-of-memory errors: PyTorch's message in its six kinds, and those of vLLM and llama.cpp. */

import { formatBytes } from '@hadal/base'
import { advice, plainly, withFigure } from '../advice.ts'
import type { Cause, Figures, LogLine, Sighting } from '../cause.ts'
import { llamaCode, sglangTuning, torchMemory, vllmMemory } from '../sources.ts'
import { kindOfOom, type OomKind, type OomReport, otherBytes, readOomReports } from './oom-report.ts'

/** What a program says and does after it. */
const brings: readonly string[] = [
  'cuda_out_of_memory',
  'cublas_alloc_failed',
  'nccl_watchdog_timeout',
  'nccl_unhandled_cuda_error',
  'nccl_peer_gone',
  'torch_child_failed',
  'vllm_engine_died',
  'process_aborted',
]

const whoHolds = 'nvidia-smi --query-compute-apps=pid,process_name,used_memory --format=csv'

const kinds: readonly (Pick<Cause, 'title' | 'says' | 'fix'> & { readonly kind: OomKind })[] = [
  {
    kind: 'plain',
    title: 'GPU memory is full',
    says: (figures) =>
      `${asked(figures)}${withFigure(figures.allocated, (bytes) => ` PyTorch holds ${bytes} in tensors.`)} The work itself needs more than the GPU has.`,
    fix: advice(
      'Take a smaller batch with gradient accumulation, checkpoint activations, shorten sequences or context, or use a smaller type; for serving, a lower share of memory or fewer sequences at once.',
      'nvidia-smi --query-gpu=index,memory.total,memory.used --format=csv',
    ),
  },
  {
    kind: 'other_process',
    title: 'Another process holds the GPU memory',
    says: (figures) =>
      `${asked(figures)} ${withFigure(figures.otherPid, (pid) => `Process ${pid} and others outside this one hold`) || 'Other processes hold'} ${figures.others ?? 'the rest'}.`,
    fix: ({ otherPid }) => ({
      text: 'End the other process if it is not meant to be there, or give each its share (vLLM: --gpu-memory-utilization) or its GPU (CUDA_VISIBLE_DEVICES).',
      command: otherPid === undefined ? whoHolds : `${whoHolds}; ps -o pid,user,etime,args -p ${otherPid}`,
    }),
  },
  {
    kind: 'private_pools',
    title: 'CUDA graphs hold the GPU memory',
    says: (figures) =>
      `${asked(figures)} ${figures.privatePools ?? 'Much'} lies in private pools of CUDA graphs, which nothing else may use.`,
    fix: advice(
      'Capture fewer sizes of batches, let graphs share a pool, or go without them (vLLM: --enforce-eager or fewer cudagraph_capture_sizes).',
      'vllm serve MODEL --enforce-eager',
    ),
  },
  {
    kind: 'fragmented',
    title: 'GPU memory is fragmented',
    says: (figures) =>
      `${asked(figures)} PyTorch had ${figures.unallocated ?? 'more'} reserved and not in use, but in no piece that is large enough.`,
    fix: advice(
      'Let segments grow. PyTorch prints this hint even when the setting is on: if it is, keep sizes of batches alike, or free the cache between phases.',
      'export PYTORCH_CUDA_ALLOC_CONF=expandable_segments:True',
    ),
  },
  {
    kind: 'above_capacity',
    title: 'More was asked for than the GPU has',
    says: (figures) =>
      `${asked(figures)} One allocation is larger than the whole GPU, so nothing that is freed would help.`,
    fix: advice(
      'Look for a wrong size: a whole attention matrix, a batch dimension multiplied twice, logits of a long sequence for the whole vocabulary. Split the work or use an attention that does not keep the matrix.',
    ),
  },
  {
    kind: 'ample_free',
    title: 'GPU memory was free, yet the allocation failed',
    says: (figures) =>
      `${asked(figures)} So much was free, and it still failed: another process took and gave it back meanwhile, a limit is set, or the free memory is not in one piece.`,
    fix: advice(
      'See whether a share is set (set_per_process_memory_fraction), whether MIG or a container limits it, and who uses the GPU at the same moment; then try expandable segments.',
      `${whoHolds}; nvidia-smi -L; export PYTORCH_CUDA_ALLOC_CONF=expandable_segments:True`,
    ),
  },
]

export const gpuMemoryCauses: readonly Cause[] = [
  ...kinds.map(
    ({ kind, ...texts }): Cause => ({
      id: `cuda_oom_${kind}`,
      family: 'memory',
      severity: 'error',
      weight: 5,
      // What repeats the message without its figures counts as plain.
      explains:
        kind === 'plain' ? ['cuda_oom_bare', ...brings] : ['cuda_oom_plain', 'cuda_oom_bare', ...brings],
      shows: (lines) => sightingsOf(kind, lines),
      source: torchMemory,
      ...texts,
    }),
  ),
  {
    id: 'cuda_oom_bare',
    family: 'memory',
    title: 'GPU memory ran out',
    severity: 'error',
    weight: -1,
    shows: [
      /\b(?:torch\.(?:cuda\.)?)?OutOfMemoryError: CUDA out of memory\.?$/,
      /\bRESOURCE_EXHAUSTED: (?:XLA:TPU |XLA:GPU )?Out of memory(?: while trying to allocate (?<requested>\d{1,18}) bytes)?/,
      /\bOOM when allocating tensor with shape/,
      /CUDA out of memory occurred when warming up/,
      /MPS backend out of memory .{0,200}Tried to allocate (?<wanted>[\d.]{1,9} [KMG]i?B)/,
      /kIOGPUCommandBufferCallbackErrorOutOfMemory/,
    ],
    explains: brings,
    says: ({ requested, wanted }) =>
      `The GPU had not enough memory${withFigure(requested, (bytes) => ` for ${formatBytes(Number(bytes))} more`)}${withFigure(wanted, (amount) => ` for ${amount} more`)}; the message does not say who holds it.`,
    fix: advice('See who holds the memory, then ask for less or free it.', whoHolds),
    source: torchMemory,
  },
  {
    id: 'vllm_memory_taken',
    family: 'memory',
    title: 'vLLM finds less free GPU memory than its share',
    severity: 'error',
    weight: 5,
    shows: [
      /Free memory on device (?:\S{1,12} )?\((?<free>[\d.]{1,9})\/(?<total>[\d.]{1,9}) GiB\) on startup is less than desired GPU memory utilization \((?<share>[\d.]{1,6}), (?<wanted>[\d.]{1,9}) GiB\)/,
    ],
    explains: brings,
    says: ({ free, total, share, wanted }) =>
      `vLLM wants ${wanted ?? '?'} GiB (${share ?? '?'} of the GPU), and only ${free ?? '?'} of ${total ?? '?'} GiB are free: something else holds the rest.`,
    fix: ({ free, total }) => ({
      text: 'End what holds the memory, often an earlier engine that has not ended, or give vLLM a share that is free.',
      command: `${whoHolds}; vllm serve MODEL --gpu-memory-utilization ${freeShare(free, total)}`,
    }),
    source: vllmMemory,
  },
  {
    id: 'vllm_no_cache_memory',
    family: 'memory',
    title: 'No GPU memory is left for the KV cache',
    severity: 'error',
    weight: 5,
    shows: [
      /No available memory for the cache blocks/,
      /Not enough memory\. Please try (?:increasing|to increase) (?<sglang>--mem-fraction-static)/,
    ],
    explains: brings,
    says: plainly(
      'The weights fill the share of GPU memory that vLLM or SGLang may use, so nothing is left for the KV cache.',
    ),
    fix: ({ sglang }) => ({
      text: 'Raise the share, quantise the model, or spread it over more GPUs.',
      command:
        sglang === undefined
          ? 'vllm serve MODEL --gpu-memory-utilization 0.95 --tensor-parallel-size 2'
          : 'python3 -m sglang.launch_server --model-path MODEL --mem-fraction-static 0.9 --tp 2',
    }),
    source: vllmMemory,
  },
  {
    id: 'sglang_cache_full',
    family: 'memory',
    title: "SGLang's pool for tokens or requests is full",
    severity: 'error',
    weight: 5,
    shows: [
      /\b(?:Prefill|Decode) out of memory\. Try to lower your batch size/,
      /\balloc_(?:req|token|paged_token|extend|decode)_?\w{0,20} runs out of memory/,
    ],
    explains: ['exit_137', ...brings],
    says: plainly(
      'More tokens or requests ran at once than the pool holds, and the scheduler of SGLang ended itself.',
    ),
    fix: advice(
      'Let fewer requests run at once, admit them more carefully, or give the pool a larger share (--mem-fraction-static).',
      'python3 -m sglang.launch_server --model-path MODEL --max-running-requests N --schedule-conservativeness 1.3',
    ),
    source: sglangTuning,
  },
  {
    id: 'vllm_context_above_cache',
    family: 'memory',
    title: "The model's context does not fit in vLLM's KV cache",
    severity: 'error',
    weight: 5,
    shows: [
      /model's max seq len \((?<context>\d{1,9})\) is larger than the maximum number of tokens that can be stored in KV cache \((?<fits>\d{1,9})\)/,
      /To serve at least one request with the models?'s max seq len \((?<context>\d{1,9})\), \(?(?<needed>[\d.]{1,9}) GiB KV cache is needed, which is larger than the available KV cache memory \((?<available>[\d.]{1,9}) GiB\)(?:.{0,200}estimated maximum model length is (?<fits>\d{1,9}))?/,
    ],
    explains: brings,
    says: ({ context, fits, needed, available }) =>
      `A single request of ${context ?? 'the longest'} tokens does not fit in the KV cache${withFigure(needed, (gib) => `: it needs ${gib} GiB and ${available ?? '?'} GiB are there`)}${withFigure(fits, (tokens) => `; ${tokens} tokens would fit`)}.`,
    fix: ({ fits }) => ({
      text: 'Serve a shorter context, raise the share of memory, or keep the cache in fp8.',
      command: `vllm serve MODEL --max-model-len ${fits ?? 'TOKENS'}`,
    }),
    source: vllmMemory,
  },
  {
    id: 'llama_gpu_allocation',
    family: 'memory',
    title: 'llama.cpp could not allocate GPU memory',
    severity: 'error',
    weight: 5,
    shows: [
      /allocating (?<requested>[\d.]{1,12} MiB) on device (?<gpu>\d{1,2}): cudaMalloc failed: out of memory/,
      /ggml_gallocr_reserve_n(?:_impl)?: failed to allocate (?<device>CUDA\d{1,2}|Vulkan\d{1,2}|ROCm\d{1,2}|Metal) buffer of size (?<bytes>\d{1,18})/,
      /failed to allocate (?<device>CUDA\d{1,2}|Vulkan\d{1,2}|ROCm\d{1,2}|Metal) buffer of size (?<bytes>\d{1,18})/,
      /unable to allocate (?<device>CUDA\d{1,2}|Vulkan\d{1,2}|ROCm\d{1,2}|Metal) buffer/,
      /ggml_vulkan: (?:Device memory allocation of size (?<bytes>\d{1,18}) failed|Failed to allocate)/,
    ],
    explains: [
      'llama_kv_cache_allocation',
      'llama_compute_buffers',
      'llama_load_failed',
      'llama_context_failed',
      ...brings,
    ],
    says: ({ requested, bytes, gpu, device }) =>
      `llama.cpp asked for ${requested ?? withFigure(bytes, (count) => formatBytes(Number(count)))}${withFigure(gpu ?? device, (name) => ` on GPU ${name}`)}, and so much is not free.`,
    fix: advice(
      'Put fewer layers on the GPU, take a shorter context or a quantised KV cache, or a smaller quantisation; see first who else holds memory.',
      `${whoHolds}; llama-server -m MODEL --n-gpu-layers N --ctx-size N`,
    ),
    source: llamaCode,
  },
]

function sightingsOf(kind: OomKind, lines: readonly LogLine[]): Sighting[] {
  return readOomReports(lines)
    .filter(({ report }) => kindOfOom(report) === kind)
    .map(({ from, to, report }) => ({ from, to, figures: figuresOf(report) }))
}

function figuresOf(report: OomReport): Figures {
  const others = otherBytes(report)
  const [largest] = [...report.others].sort((a, b) => b.bytes - a.bytes)
  const sizes = {
    requested: report.requested,
    total: report.total,
    free: report.free,
    inUse: report.inUse,
    allocated: report.allocated,
    unallocated: report.unallocated,
    privatePools: report.privatePools,
    others: others > 0 ? others : undefined,
  }
  return {
    ...Object.fromEntries(
      Object.entries(sizes).flatMap(([name, bytes]) =>
        bytes === undefined ? [] : [[name, formatBytes(bytes)]],
      ),
    ),
    ...(report.gpu !== undefined && { gpu: report.gpu }),
    ...(largest && { otherPid: largest.pid }),
  }
}

const asked = ({ requested, gpu, free, total }: Figures): string =>
  `${requested ?? 'More memory'} was asked for${withFigure(gpu, (index) => ` on GPU ${index}`)}${withFigure(free, (bytes) => `, where ${bytes}${withFigure(total, (all) => ` of ${all}`)} is free`)}.`

/** What is free, less a little that is needed alongside it. */
const freeShare = (free: string | undefined, total: string | undefined): string => {
  const share = Math.floor((Number(free) / Number(total)) * 100 - 2) / 100
  return share > 0 && share < 1 ? String(share) : 'SHARE'
}
