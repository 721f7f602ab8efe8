/**
 * A long run of a tiny model through the real loop, in a process of its own that says what it holds on the way. Run by the
 * memory scenario, with --expose-gc: memory-run.ts <folder> <steps> <threads>. Prints one JSON line a sample, and at last what is left.
 */

import { readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { packStream } from '@hadal/nn'
import { leaks, memory, setNumThreads } from '@hadal/tensor'
import { defineRun, metricsLog, train } from '@hadal/train'

export interface MemorySample {
  readonly step: number
  readonly residentMiB: number
  /** Resident or swapped out, without the pages of files, which the kernel takes and gives back as it likes. */
  readonly ownMiB: number
  /** Of JavaScript, in use. */
  readonly heapMiB: number
  readonly liveTensors: number
  /** That libtorch holds. */
  readonly tensorMiB: number
}

export interface MemoryEnd {
  readonly leftTensors: number
  readonly leftBytes: number
}

const [folder, stepCount, threads] = process.argv.slice(2) as [string, string, string]
const steps = Number(stepCount)
const sampleEvery = Math.max(1, Math.floor(steps / 200))
const everySteps = Math.max(1, Math.floor(steps / 20))
const mebi = 1024 ** 2
const say = (line: MemorySample | MemoryEnd): void => void writeSync(1, `${JSON.stringify(line)}\n`)

setNumThreads(Number(threads))
const text = Array.from({ length: 512 * 32 }, (_, index) => (index * 7919) % 512)
const data = packStream([text], 32, 0)
const run = defineRun({
  name: 'memory',
  folder,
  model: {
    vocab_size: 512,
    hidden_size: 64,
    intermediate_size: 128,
    num_hidden_layers: 2,
    num_attention_heads: 2,
    num_key_value_heads: 1,
    max_position_embeddings: 32,
    rms_norm_eps: 1e-5,
    rope_theta: 10_000,
    tie_word_embeddings: true,
  },
  data: { train: data, valid: data },
  batch: { windows: 4, accumulate: 2 },
  schedule: { peak: 1e-3, warmupSteps: 10, totalSteps: steps, floorFraction: 0.1 },
  evaluate: { everySteps },
  checkpoint: { everySteps, keep: 3 },
})
await train(run, {
  listeners: [
    metricsLog(join(folder, 'metrics.jsonl')),
    (event) => {
      if (event.type !== 'step' || event.step % sampleEvery !== 0) return
      // What JavaScript no longer needs is not held: without this, tens of MiB come and go as V8 likes.
      globalThis.gc!()
      const { rss, heapUsed } = process.memoryUsage()
      const { liveTensors, currentBytes } = memory()
      say({
        step: event.step,
        residentMiB: rss / mebi,
        ownMiB: ownMiB(),
        heapMiB: heapUsed / mebi,
        liveTensors,
        tensorMiB: currentBytes / mebi,
      })
    },
  ],
})
const { count, bytes } = leaks()
say({ leftTensors: count, leftBytes: bytes })

function ownMiB(): number {
  const status = readFileSync('/proc/self/status', 'utf8')
  const kibi = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1])
  return (kibi('RssAnon') + kibi('VmSwap')) / 1024
}
