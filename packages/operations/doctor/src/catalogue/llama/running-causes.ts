/** Models that load and then do not run: llama.cpp's memory for contexts, its limits and its checks. */

import { advice, plainly, withFigure } from '../advice.ts'
import type { Cause } from '../cause.ts'
import { unloadedModels } from '../consequences.ts'
import { llamaCode } from '../sources.ts'

export const llamaRunningCauses: readonly Cause[] = [
  {
    id: 'llama_kv_cache_allocation',
    family: 'llama',
    title: 'No memory for the KV cache',
    severity: 'error',
    weight: 3,
    shows: [
      /failed to allocate buffer for kv cache/i,
      /llama_kv_cache_\w{1,30}: failed to allocate/,
      /failed to allocate \S{1,40} ?buffer for kv cache/,
    ],
    explains: ['llama_context_failed', ...unloadedModels],
    says: plainly(
      'The weights are loaded, and for the context no memory is left: it grows with its length and with the number of sequences at once.',
    ),
    fix: advice(
      'Take a shorter context, fewer parallel sequences, or a quantised KV cache.',
      'llama-server -m MODEL --ctx-size 4096 --parallel 1 --cache-type-k q8_0 --cache-type-v q8_0 --flash-attn on',
    ),
    source: llamaCode,
  },
  {
    id: 'llama_compute_buffers',
    family: 'llama',
    title: 'No memory for what llama.cpp computes with',
    severity: 'error',
    weight: 2,
    shows: [
      /failed to allocate compute (?:pp |tg )?buffers/,
      /graph allocation: failed to reserve memory/,
      /failed to allocate graph/,
    ],
    explains: ['llama_context_failed', ...unloadedModels],
    says: plainly('Weights and context fit, and what a pass needs beside them does not.'),
    fix: advice(
      'Take smaller physical batches or a shorter context, and flash attention.',
      'llama-server -m MODEL --ubatch-size 256 --ctx-size 4096 --flash-attn on',
    ),
    source: llamaCode,
  },
  {
    id: 'llama_context_full',
    family: 'llama',
    title: 'The request is longer than the context',
    severity: 'error',
    weight: 4,
    shows: [
      /request \((?<tokens>\d{1,9}) tokens\) exceeds the available context size \((?<context>\d{1,9}) tokens\)/,
      /failed to find a memory slot for batch of size (?<batch>\d{1,9})/,
      /\bfailed to find (?:free space in|available cells in) (?:the )?kv cache\b/i,
      /the request exceeds the available context size|context size (?:has been )?exceeded/i,
      /This model's maximum context length is (?<context>\d{1,9}) tokens\. However, you requested (?<tokens>\d{1,9}) tokens/,
    ],
    explains: ['llama_decode_failed'],
    says: ({ tokens, context }) =>
      `What was asked for${withFigure(tokens, (count) => ` (${count} tokens)`)} does not fit in the context${withFigure(context, (count) => ` of ${count}`)}. llama.cpp divides it among its slots.`,
    fix: advice(
      'Send less, or start with a longer context and fewer slots.',
      'llama-server -m MODEL --ctx-size 16384 --parallel 2',
    ),
    source: llamaCode,
  },
  {
    id: 'llama_mlock',
    family: 'llama',
    title: 'The weights could not be locked in memory',
    severity: 'warning',
    weight: 1,
    explains: ['malloc_failed'],
    shows: [/failed to mlock (?<bytes>\d{1,18})-byte buffer/],
    says: plainly(
      'The limit of locked memory is below the size of the model; it runs, and may be swapped out.',
    ),
    fix: advice('Raise the limit, or do without --mlock.', 'ulimit -l unlimited'),
    source: llamaCode,
  },
  {
    id: 'llama_assertion',
    family: 'llama',
    title: 'ggml refused its input',
    severity: 'error',
    shows: [
      /(?<place>[\w./-]{1,160}\.(?:c|cpp|cu|cuh|m|h)):(?<line>\d{1,6}): GGML_ASSERT\((?<check>.{1,160}?)\) failed/,
      /\bGGML_ASSERT\b.{0,200}\bfailed/,
      /\bGGML_ABORT\b/,
    ],
    explains: unloadedModels,
    says: ({ place, check }) =>
      `A check in ggml failed${withFigure(place, (file) => ` in ${file.split('/').at(-1)}`)}${withFigure(check, (text) => `: ${text}`)}, and the process ended.`,
    fix: advice(
      'Try a newer version; if it stays, report it with model, settings and the stack.',
      'llama-cli --version',
    ),
    source: llamaCode,
  },
  {
    id: 'llama_decode_failed',
    family: 'llama',
    title: 'llama.cpp could not compute a batch',
    severity: 'error',
    weight: -1,
    shows: [
      /failed to decode, ret = (?<code>-?\d{1,4})/,
      /llama_decode\(?\)? ?(?:failed|returned) ?:?(?<code>-?\d{0,4})/,
      /failed to compute graph, compute status: (?<code>-?\d{1,4})/,
    ],
    says: ({ code }) =>
      `A pass failed${withFigure(code, (number) => ` (${number})`)}; the line before says why.`,
    fix: advice('Look for what was logged before: memory, CUDA or the length of the context.'),
    source: llamaCode,
  },
  {
    id: 'llama_context_failed',
    family: 'llama',
    title: 'llama.cpp could not make a context',
    severity: 'error',
    weight: -1,
    shows: [
      /failed to create (?:context|llama_context)(?: with model)?/,
      /failed to initialize the context: (?<reason>.{1,120})/,
    ],
    explains: unloadedModels,
    says: ({ reason }) =>
      `The model is loaded, and its context is not made${withFigure(reason, (text) => `: ${text}`)}.`,
    fix: advice(
      'Take a shorter context, and look at the lines before it.',
      'llama-server -m MODEL --ctx-size 4096',
    ),
    source: llamaCode,
  },
]
