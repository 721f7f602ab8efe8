/**
 * Hadal's side: so many steps of the real loop, `train()`, in a process of its own. hadal.ts <network> <way> <steps> <warm-up>;
 * prints one line of JSON, as peer.py does.
 */

import { readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DecoderConfig, ImageClassifierConfig, Windows } from '@hadal/nn'
import { memory, resetPeakMemory, setNumThreads } from '@hadal/tensor'
import { defineRun, type LabelledImages, type Run, train } from '@hadal/train'
import { freshWeights } from '../training/task.ts'
import { batchOf, decoderWays, imageRows, imageWays, type NetworkName, networks, type Way } from './cases.ts'

const [network, wayName, steps, warmUp] = process.argv.slice(2) as [NetworkName, string, string, string]
const wanted = Number(steps) + Number(warmUp)
setNumThreads(Number(process.env.OMP_NUM_THREADS))
const ways = network === 'decoder' ? decoderWays : imageWays
const run = makeRun(ways.find(({ name }) => name === wayName)!)
let made = 0
let [wallStart, cpuStart, residentBefore] = [0, process.cpuUsage(), 0]
await train(run, {
  listeners: [
    (event, control) => {
      if (event.type === 'started') {
        residentBefore = resident('VmRSS')
        resetPeakMemory()
      }
      if (event.type !== 'step') return
      made += 1
      if (made === Number(warmUp)) [wallStart, cpuStart] = [performance.now(), process.cpuUsage()]
      if (made !== wanted) return
      const seconds = (performance.now() - wallStart) / 1000
      const { user, system } = process.cpuUsage(cpuStart)
      const peaks = { peakBytes: memory().peakBytes, peakGrowthBytes: resident('VmHWM') - residentBefore }
      const rates = {
        stepsPerSecond: Number(steps) / seconds,
        stepsPerCpuSecond: Number(steps) / ((user + system) / 1e6),
      }
      console.log(JSON.stringify({ ...rates, ...peaks }))
      control.stop('measured')
    },
  ],
})
rmSync(run.folder, { recursive: true, force: true })

function makeRun({ privacy, checkpointing }: Way): Run {
  const often = wanted + 1
  const common = {
    name: 'bench-privacy',
    folder: join(tmpdir(), `hadal-bench-privacy-${process.pid}`),
    batch: { windows: batchOf[network], accumulate: 1 },
    schedule: { peak: 0.05, warmupSteps: 0, totalSteps: often, floorFraction: 1 },
    guard: false as const,
    evaluate: { everySteps: often },
    checkpoint: { everySteps: often, keep: 1 },
    ...(privacy && { privacy }),
    ...(checkpointing && { checkpointing }),
  }
  if (network !== 'decoder') {
    const model = networks[network] as ImageClassifierConfig
    const data = { train: images(imageRows, model), valid: images(16, model) }
    return defineRun({ ...common, model, data, optimizer: { kind: 'sgd', momentum: 0 } })
  }
  const model = networks.decoder as DecoderConfig
  const data = { train: windows(1024, model), valid: windows(8, model) }
  const adapter = { rank: 8 }
  return defineRun({ ...common, model, data, adapter, startFrom: freshWeights(model, 1), optimizer: {} })
}

function images(count: number, { input, classes }: ImageClassifierConfig): LabelledImages {
  const shape = 'features' in input ? [input.features] : [input.channels, input.height, input.width]
  const pixels = Uint8Array.from({ length: count * 784 }, (_, at) => Math.imul(at, 2654435761) >>> 24)
  return { shape, pixels, labels: Int32Array.from({ length: count }, (_, row) => row % classes) }
}

function windows(count: number, model: DecoderConfig): Windows {
  const length = model.max_position_embeddings
  const token = (at: number): number => (Math.imul(at, 2654435761) >>> 8) % model.vocab_size
  const inputs = Int32Array.from({ length: count * length }, (_, at) => token(at))
  const targets = Int32Array.from({ length: count * length }, (_, at) => token(at + 1))
  return { count, length, inputs, targets }
}

function resident(field: string): number {
  const line = new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(readFileSync('/proc/self/status', 'utf8'))
  return Number(line![1]) * 1024
}
