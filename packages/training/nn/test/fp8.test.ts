/** Linear layers in 8-bit floats with delayed scaling, alongside the recipe written down in PyTorch. */

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import {
  Decoder,
  Fp8Linears,
  type Fp8Options,
  fp8Defaults,
  initializeDecoder,
  Linear,
  Module,
} from '@hadal/nn'
import { grad, manualSeed, noGrad, scope, setNumThreads, type Tensor, torch } from '@hadal/tensor'
import { describe, expect, it } from 'vitest'
import { expectClose } from '../../tensor/test/expect-close.ts'
import { hasTorch } from './reference/torch-installed.ts'

setNumThreads(1)

type Matrix = number[][]
interface PassValues {
  readonly x: Matrix
  readonly weight: Matrix
  readonly gradient: Matrix
}
interface RunValues extends Fp8Options {
  readonly steps: readonly (readonly PassValues[])[]
}

class OneLayer extends Module {
  readonly only: Linear = new Linear(4, 3, 'float32')
}

const matrix = (values: Matrix): Tensor => torch.tensor(values)

/** Values whose size changes from step to step, by several powers of ten. */
function drawn(seed: number, stepCount: number, passes: number): RunValues['steps'] {
  manualSeed(seed)
  const draw = (rows: number, columns: number, size: number): Matrix =>
    torch.randn([rows, columns]).mul(size).toArray() as Matrix
  return scope(() =>
    Array.from({ length: stepCount }, (_, step) =>
      Array.from({ length: passes }, () => ({
        x: draw(5, 4, 10 ** Math.sin(step)),
        weight: draw(3, 4, 0.02 * (step + 1)),
        gradient: draw(5, 3, 10 ** (-5 + 2 * Math.sin(2 * step))),
      })),
    ),
  )
}

const runs: readonly RunValues[] = [
  { ...fp8Defaults, steps: drawn(1, 6, 1) },
  { historySteps: 3, margin: 0, steps: drawn(2, 9, 2) },
  { historySteps: 1, margin: 2, steps: drawn(3, 4, 1) },
]

function ours({ steps, ...options }: RunValues): { passes: Matrix[][]; scales: number[] }[] {
  return scope(() => {
    const model = new OneLayer()
    const fp8 = new Fp8Linears(model, options)
    return steps.map((passes) => {
      const seen = passes.map(({ x, weight, gradient }) => {
        noGrad(() => model.only.weight.copy_(matrix(weight)))
        const input = matrix(x).requiresGrad_()
        const y = model.only.forward(input)
        const gradients = grad(y, [input, model.only.weight], { gradOutputs: [matrix(gradient)] })
        return [y, ...gradients].map((tensor) => tensor.toArray() as Matrix)
      })
      fp8.update()
      return { passes: seen, scales: fp8.state().get('scales')!.toArray() as number[] }
    })
  })
}

if (!hasTorch()) console.warn('skipped: comparing 8-bit layers with PyTorch needs python3-torch')

describe.skipIf(!hasTorch())('compared with PyTorch', () => {
  it('has the same outputs, gradients and scales, step after step', () => {
    const script = fileURLToPath(new URL('./reference/fp8.py', import.meta.url))
    const { stdout, stderr } = spawnSync('/usr/bin/python3', [script], {
      input: JSON.stringify(runs),
      encoding: 'utf8',
    })
    expect(stderr).toBe('')
    const theirs = JSON.parse(stdout) as ReturnType<typeof ours>[]
    for (const [at, run] of runs.entries())
      for (const [step, { passes, scales }] of ours(run).entries()) {
        const wanted = theirs[at]![step]!
        expect(scales).toEqual(wanted.scales)
        for (const [pass, matrices] of passes.entries())
          for (const [which, values] of matrices.entries()) {
            expectClose(values.flat(), wanted.passes[pass]![which]!.flat(), { roundings: 20 })
          }
      }
  })
})

const config = {
  vocab_size: 32,
  hidden_size: 16,
  intermediate_size: 24,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  max_position_embeddings: 8,
  rms_norm_eps: 1e-5,
  rope_theta: 1000,
  tie_word_embeddings: false,
}

describe('a decoder in 8-bit floats', () => {
  const made = (): { model: Decoder; fp8: Fp8Linears } => {
    manualSeed(1)
    const model = new Decoder(config, 'bfloat16')
    initializeDecoder(model.parameters(), config.num_hidden_layers)
    return { model, fp8: new Fp8Linears(model) }
  }
  const ids = (): Tensor => torch.tensor([[1, 2, 3, 4, 5, 6, 7, 8]], { dtype: 'int64' })
  const gradients = (model: Decoder): Tensor[] => {
    const parameters = [...model.parameters().values()]
    return grad(model.forward(ids()).float().square().sum(), parameters)
  }

  it('computes its layers so and leaves its head alone', () => {
    scope(() => {
      const { model, fp8 } = made()
      expect(fp8.state().get('scales')!.shape).toEqual([3 * 7 * config.num_hidden_layers])
      const hidden = torch.randn([1, 8, 16]).bfloat16()
      expect(model.logits(hidden).equal(torch.linear(hidden, model.lmHead!.weight))).toBe(true)
      const layer = model.model.layers[0]!.mlp.upProj
      expect(layer.forward(hidden).equal(torch.linear(hidden, layer.weight))).toBe(false)
      expect(layer.isPlain).toBe(false)
    })
  })

  it('comes near the gradients of bf16, and remembers every tensor', () => {
    scope(() => {
      const { model, fp8 } = made()
      const plain = scope(() => {
        manualSeed(1)
        const same = new Decoder(config, 'bfloat16')
        initializeDecoder(same.parameters(), config.num_hidden_layers)
        return gradients(same)
      })
      for (const [at, gradient] of gradients(model).entries()) {
        const norm = (tensor: Tensor): number => tensor.float().square().sum().item() as number
        expect(norm(gradient.sub(plain[at]!)) / norm(plain[at]!)).toBeLessThan(0.05)
      }
      fp8.update()
      expect(fp8.state().get('scales')!.gt(0).all().item()).toBe(true)
      expect(fp8.state().get('history')!.get(0).gt(0).all().item()).toBe(true)
      expect(fp8.state().get('history')!.get(1).any().item()).toBe(false)
    })
  })

  it('counts a pass once that runs again, and none that was given up or is only read', () => {
    scope(() => {
      const { model, fp8 } = made()
      noGrad(() => model.forward(ids()))
      gradients(model)
      fp8.update()
      const once = fp8.state().get('history')!.clone()
      fp8.state().get('history')!.zero_()
      fp8.state().get('scales')!.zero_()
      gradients(model)
      model.forward(ids())
      fp8.update()
      expect(fp8.state().get('history')!.equal(once)).toBe(true)
      const scales = fp8.state().get('scales')!.clone()
      gradients(model)
      fp8.forget()
      fp8.update()
      expect(fp8.state().get('history')!.get(0).any().item()).toBe(false)
      expect(fp8.state().get('scales')!.equal(scales)).toBe(true)
    })
  })

  it('keeps its scales where something was not finite', () => {
    scope(() => {
      const { model, fp8 } = made()
      gradients(model)
      fp8.update()
      const scales = fp8.state().get('scales')!.clone()
      noGrad(() => model.model.embedTokens.weight.fill_(Number.NaN))
      gradients(model)
      fp8.update()
      expect(fp8.state().get('scales')!.equal(scales)).toBe(true)
    })
  })
})
