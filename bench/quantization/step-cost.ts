/**
 * One step of training of eight convolutions with norms: `step-cost.ts plain|quantized|frozen STEPS`; or of rounding a million weights:
 * `step-cost.ts Q4_K tensors|writer STEPS`. Prints `{ "cpuMs", "wallMs" }`, medians.
 */

import { median } from '@hadal/base'
import { decodeFloats, encodeTensor } from '@hadal/formats'
import {
  BatchNorm2d,
  Conv2d,
  convNorm,
  FakeQuantization,
  initializeLayers,
  int8Weights,
  Module,
  QuantPoint,
  roundToFormat,
  setTraining,
  uint8Activations,
  type WeightFormat,
} from '@hadal/nn'
import { grad, manualSeed, scope, setNumThreads, type Tensor, torch } from '@hadal/tensor'

const [kind, ...rest] = process.argv.slice(2)
const steps = Number(rest.at(-1))
const [width, layers] = [64, 8]
setNumThreads(1)
manualSeed(0)

class Layer extends Module {
  readonly conv: Conv2d = new Conv2d(width, width, 3, 'float32', { padding: 1, bias: false })
  readonly norm: BatchNorm2d = new BatchNorm2d(width, 'float32')
  readonly point: QuantPoint = new QuantPoint()

  forward(x: Tensor): Tensor {
    return this.point.forward(convNorm(this.conv, this.norm, x).relu())
  }
}

class Net extends Module {
  readonly input: QuantPoint = new QuantPoint()
  readonly layers: readonly Layer[] = Array.from({ length: layers }, () => new Layer())

  forward(x: Tensor): Tensor {
    return this.layers.reduce((at, layer) => layer.forward(at), this.input.forward(x))
  }
}

function training(): () => void {
  const net = new Net()
  initializeLayers(net)
  setTraining(net, true)
  const parameters = [...net.parameters().values()]
  const x = torch.randn([32, width, 16, 16])
  const step = (): void => scope(() => void grad(net.forward(x).square().sum(), parameters))
  if (kind === 'plain') return step
  const weights = { ...int8Weights, observer: 'moving-average' } as const
  const quantization = new FakeQuantization(net, { weights, activations: uint8Activations })
  quantization.setObserving(true)
  quantization.setQuantizing(true)
  if (kind !== 'frozen') return step
  step()
  quantization.setObserving(false)
  quantization.freezeNorms(true)
  return step
}

function rounding(format: WeightFormat): () => void {
  const shape = [1024, 1024]
  const weight = torch.randn(shape).mul(0.02)
  if (rest[0] === 'tensors') return () => scope(() => void roundToFormat(weight, format))
  const data = weight.toTypedArray() as Float32Array
  return () => void decodeFloats('w', format, encodeTensor({ name: 'w', shape, type: format, data }))
}

const isTraining = kind === 'plain' || kind === 'quantized' || kind === 'frozen'
const step = isTraining ? training() : rounding(kind as WeightFormat)
const cpuMs = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
const found: { cpuMs: number; wallMs: number }[] = []
for (let at = 0; at < 2 + steps; at += 1) {
  const [cpu, wall] = [cpuMs(), performance.now()]
  step()
  if (at >= 2) found.push({ cpuMs: cpuMs() - cpu, wallMs: performance.now() - wall })
}
const medianOf = (of: 'cpuMs' | 'wallMs'): number => median(found.map((each) => each[of]))
console.log(JSON.stringify({ cpuMs: medianOf('cpuMs'), wallMs: medianOf('wallMs') }))
