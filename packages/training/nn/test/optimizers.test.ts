/**
 * The optimizers against PyTorch and the papers: `reference/optimizers.py` computes in float64 what
 * `reference/optimizers.json` holds; where PyTorch is installed, the file itself is checked too.
 */

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import {
  AdamW,
  AdamW8bit,
  adamW8bitDefaults,
  adamWDefaults,
  loadOptimizer,
  makeOptimizer,
  type Optimizer,
  type OptimizerChoice,
  optimizerIssues,
  type RateFactor,
  saveOptimizer,
  WeightAverage,
} from '@hadal/nn'
import { grad, manualSeed, memory, scope, setNumThreads, type Tensor, torch } from '@hadal/tensor'
import { beforeAll, describe, expect, it } from 'vitest'
import { expectClose } from '../../tensor/test/expect-close.ts'
import { flatten } from './reference/flatten.ts'
import { hasTorch } from './reference/torch-installed.ts'

interface Trajectory {
  readonly choice: OptimizerChoice
  /** After each step. */
  readonly parameters: readonly (readonly (readonly number[])[])[]
}

interface Expected {
  readonly trajectories: readonly Trajectory[]
  /** With a rate for each parameter. */
  readonly layered: {
    readonly factors: Readonly<Record<string, number>>
    readonly trajectories: readonly Trajectory[]
  }
}

const reference = (name: string): string => fileURLToPath(new URL(`./reference/${name}`, import.meta.url))
const expected = JSON.parse(readFileSync(reference('optimizers.json'), 'utf8')) as Expected

/** Tensors are small here: threads would only wait for each other. */
beforeAll(() => setNumThreads(1))

const shapes = { tall: [6, 3], vector: [4], wide: [3, 5], embed_tokens: [4, 3] }

/** `formula` in optimizers.py. */
function formula(shape: readonly number[], seed: number): Tensor {
  const count = shape.reduce((product, size) => product * size, 1)
  const values = Float32Array.from({ length: count }, (_, i) => 0.5 * Math.sin(0.37 * i * i + 1.1 * i + seed))
  return torch.tensor(values, { shape: [...shape] })
}

const begin = (): Map<string, Tensor> =>
  new Map(Object.entries(shapes).map(([name, shape], seed) => [name, formula(shape, seed)]))

const gradientsOf = (step: number): Tensor[] =>
  Object.values(shapes).map((shape, seed) => formula(shape, 10 * step + 3 * seed + 5))

const rate = (step: number): number => 0.1 / (step + 1)

/** Makes the steps of the reference; the rate of each parameter is multiplied with its factor. */
function follow({ choice, parameters: trajectory }: Trajectory, rateFactor?: RateFactor): void {
  expect(optimizerIssues(choice)).toEqual([])
  scope(() => {
    const parameters = begin()
    const optimizer = makeOptimizer(parameters, choice, rateFactor)
    trajectory.forEach((wanted, step) => {
      optimizer.update(gradientsOf(step), rate(step))
      ;[...parameters].forEach(([name, parameter], index) => {
        // A few operations on each number, and products of small matrices.
        expectClose(
          parameter,
          wanted[index]!,
          { roundings: 20 * (step + 1) },
          `${name} after step ${step + 1}`,
        )
      })
    })
  })
}

const named = (trajectories: readonly Trajectory[]): (readonly [string, Trajectory])[] =>
  trajectories.map((each) => [JSON.stringify(each.choice), each] as const)

describe('the trajectory of the reference', () => {
  it.each(named(expected.trajectories))('%s', (_, trajectory) => follow(trajectory))
})

const { factors, trajectories: layered } = expected.layered

describe('the trajectory of the reference with a rate for each parameter', () => {
  it.each(named(layered))('%s', (_, trajectory) => follow(trajectory, (name) => factors[name]!))
})

const choices: readonly OptimizerChoice[] = [
  {},
  { kind: 'adamw' },
  { kind: 'adamw-8bit', leastValues: 10 },
  { kind: 'sgd' },
  { kind: 'sgd', momentum: 0.5, nesterov: true, weightDecay: 0.1 },
  { kind: 'lion' },
  { kind: 'adafactor' },
  { kind: 'adafactor', relativeStep: false },
  { kind: 'muon' },
]

const bytesOf = (tensors: ReadonlyMap<string, Tensor>): Map<string, Uint8Array> =>
  new Map([...tensors].map(([name, tensor]) => [name, tensor.bytes()]))

describe.each(choices.map((choice) => [JSON.stringify(choice), choice] as const))('%s', (_, choice) => {
  const steps = (optimizer: Optimizer, from: number, to: number): void => {
    for (let step = from; step < to; step += 1) scope(() => optimizer.update(gradientsOf(step), rate(step)))
  }

  it('goes on from a saved state as if it had never stopped, to the bit', () => {
    scope(() => {
      const parameters = begin()
      const optimizer = makeOptimizer(parameters, choice)
      steps(optimizer, 0, 3)
      const saved = saveOptimizer(optimizer)
      const resumed = new Map([...parameters].map(([name, parameter]) => [name, parameter.clone()]))
      steps(optimizer, 3, 8)
      const again = makeOptimizer(resumed, choice)
      loadOptimizer(again, saved)
      steps(again, 3, 8)
      expect(bytesOf(resumed)).toEqual(bytesOf(parameters))
      expect(bytesOf(again.state())).toEqual(bytesOf(optimizer.state()))
    })
  })

  it('leaves gradients as they are, records no graph, and nothing behind', () => {
    scope(() => {
      const parameters = begin()
      for (const parameter of parameters.values()) parameter.requiresGrad_()
      const optimizer = makeOptimizer(parameters, choice)
      const gradients = gradientsOf(1)
      const before = gradients.map((gradient) => gradient.bytes())
      const live = memory().liveTensors
      for (let step = 0; step < 3; step += 1) optimizer.update(gradients, 0.1)
      expect(memory().liveTensors).toBe(live)
      expect(gradients.map((gradient) => gradient.bytes())).toEqual(before)
      for (const tensor of optimizer.state().values()) expect(tensor.requiresGrad).toBe(false)
    })
  })
})

describe('loadOptimizer', () => {
  it('names every tensor that does not fit, and writes none', () => {
    scope(() => {
      const optimizer = makeOptimizer(begin(), { kind: 'lion' })
      optimizer.update(gradientsOf(0), 0.1)
      const before = bytesOf(optimizer.state())
      const saved = saveOptimizer(makeOptimizer(begin(), { kind: 'lion' }))
      saved.set('momentum.tall', { ...saved.get('momentum.tall')!, shape: [3, 6] })
      saved.set('momentum.wide', { ...saved.get('momentum.wide')!, dtype: 'uint8' })
      saved.delete('momentum.vector')
      saved.set('step', saved.get('momentum.embed_tokens')!)
      let thrown: unknown
      try {
        loadOptimizer(optimizer, saved)
      } catch (error) {
        thrown = error
      }
      expect(thrown).toMatchObject({
        code: 'nn_optimizer_state_mismatch',
        message: [
          'the saved state does not match the optimizer:',
          '  - momentum.tall is float32[3,6], the optimizer has float32[6,3]',
          '  - momentum.vector is missing',
          '  - momentum.wide is uint8[3,5], the optimizer has float32[3,5]',
          '  - step is unknown to the optimizer',
        ].join('\n'),
      })
      expect(bytesOf(optimizer.state())).toEqual(before)
    })
  })
})

const fitSteps = 100

/** Regression with a hidden layer: [512, 32] to [512, 8] by weights [128, 32] and [8, 128]. */
function fit(make: (parameters: Map<string, Tensor>) => Optimizer): {
  losses: number[]
  weights: Tensor
  travelled: Tensor
} {
  return scope(() => {
    manualSeed(5)
    const x_bi = torch.randn([512, 32])
    const y_bo = x_bi
      .matmul(torch.randn([32, 8]))
      .div(4)
      .sin()
    const hidden_hi = torch.randn([128, 32]).mul(0.2).requiresGrad_()
    const out_oh = torch.randn([8, 128]).mul(0.1).requiresGrad_()
    const optimizer = make(
      new Map([
        ['hidden', hidden_hi],
        ['out', out_oh],
      ]),
    )
    const start = torch.cat([hidden_hi.flatten(), out_oh.flatten()]).detach()
    const losses: number[] = []
    for (let step = 0; step < fitSteps; step += 1) {
      scope(() => {
        const guess_bo = torch.tanh(x_bi.matmul(hidden_hi.t())).matmul(out_oh.t())
        const loss = torch.mseLoss(guess_bo, y_bo)
        losses.push(loss.item() as number)
        optimizer.update(grad(loss, [hidden_hi, out_oh]), 4e-3 * (1 - step / fitSteps))
      })
    }
    const weights = torch.cat([hidden_hi.flatten(), out_oh.flatten()]).detach()
    return { losses, weights, travelled: weights.sub(start).norm() }
  })
}

describe('AdamW in 8 bits', () => {
  it('stays near AdamW in fp32, in a quarter of its memory', () => {
    scope(() => {
      const options = { ...adamW8bitDefaults, leastValues: 1024 }
      let bytes = 0
      const full = fit((parameters) => new AdamW(parameters, adamWDefaults))
      const small = fit((parameters) => {
        const optimizer = new AdamW8bit(parameters, options)
        for (const tensor of optimizer.state().values()) bytes += tensor.nbytes
        return optimizer
      })
      const distance = small.weights.sub(full.weights).norm().div(full.travelled).item()
      const apart = Math.max(...full.losses.map((loss, step) => Math.abs(small.losses[step]! - loss)))
      expect(full.losses.at(-1)!).toBeLessThan(full.losses[0]! / 5)
      expect(apart / full.losses[0]!).toBeLessThan(0.005)
      expect(distance).toBeLessThan(0.1)
      expect(bytes / full.weights.numel).toBeLessThan(2.05)
    })
  })

  it('is AdamW itself, to the bit, for tensors that stay in fp32', () => {
    scope(() => {
      const [one, other] = [begin(), begin()]
      const full = new AdamW(one, adamWDefaults)
      const small = new AdamW8bit(other, adamW8bitDefaults)
      for (let step = 0; step < 4; step += 1) {
        full.update(gradientsOf(step), rate(step))
        small.update(gradientsOf(step), rate(step))
      }
      expect(bytesOf(other)).toEqual(bytesOf(one))
    })
  })
})

it.each(choices.map((choice) => [JSON.stringify(choice), choice] as const))('%s learns', (_, choice) => {
  const { losses } = scope(() => fit((parameters) => makeOptimizer(parameters, choice)))
  expect(losses.at(-1)!).toBeLessThan(losses[0]! * 0.9)
})

describe('an average of weights', () => {
  it('is the exponential one, with less kept at first', () => {
    scope(() => {
      for (const warmup of [false, true]) {
        const parameters = new Map([['w', torch.tensor([1, -2])]])
        const average = new WeightAverage(parameters, { decay: 0.6, warmup })
        const wanted = [1, -2]
        for (let step = 1; step <= 12; step += 1) {
          parameters.get('w')!.mul_(1.5).sub_(1)
          average.update()
          const keep = warmup ? Math.min(0.6, (1 + step) / (10 + step)) : 0.6
          const now = parameters.get('w')!.toTypedArray() as Float32Array
          wanted.forEach((value, i) => {
            wanted[i] = keep * value + (1 - keep) * now[i]!
          })
        }
        expectClose(average.averages().get('w')!, wanted, { roundings: 3 * 12 })
      }
    })
  })

  it('changes places with the weights and back, to the bit', () => {
    scope(() => {
      const parameters = begin()
      const average = new WeightAverage(parameters)
      makeOptimizer(parameters, {}).update(gradientsOf(0), 0.1)
      average.update()
      const [weights, averages] = [bytesOf(parameters), bytesOf(average.averages())]
      expect(averages).not.toEqual(weights)
      average.swap()
      expect(bytesOf(parameters)).toEqual(averages)
      average.swap()
      expect(bytesOf(parameters)).toEqual(weights)
    })
  })

  it('goes on from a saved state to the bit', () => {
    scope(() => {
      const parameters = begin()
      const optimizer = makeOptimizer(parameters, {})
      const average = new WeightAverage(parameters)
      const step = (averages: readonly WeightAverage[]): void => {
        optimizer.update(gradientsOf(1), 0.1)
        for (const each of averages) each.update()
      }
      step([average])
      step([average])
      const again = new WeightAverage(begin())
      loadOptimizer(again, saveOptimizer(average))
      const resumed = new WeightAverage(parameters)
      loadOptimizer(resumed, saveOptimizer(again))
      step([average, resumed])
      expect(bytesOf(resumed.state())).toEqual(bytesOf(average.state()))
    })
  })
})

describe('optimizerFaults', () => {
  it('names every issue at once', () => {
    const choice = { kind: 'sgd', momentum: 1, nesterov: 'yes', weightDecay: Number.NaN, momentun: 1 }
    expect(optimizerIssues(choice as unknown as OptimizerChoice)).toEqual([
      'momentum is 1; it must be from 0 to below 1',
      'nesterov is "yes"; it must be true or false',
      'weightDecay is NaN; it must be at least 0',
      'momentun is unknown; use one of momentum, nesterov, weightDecay',
    ])
    expect(optimizerIssues({ kind: 'adan' } as unknown as OptimizerChoice)).toEqual([
      'kind is "adan"; it must be one of adamw, adamw-8bit, sgd, lion, adafactor, muon',
    ])
  })

  it("looks into Muon's AdamW, which has no values of its own left out", () => {
    const adamW = { beta1: 0.9, beta2: 2, eps: 1e-8 }
    expect(optimizerIssues({ kind: 'muon', exclude: [''], adamW } as unknown as OptimizerChoice)).toEqual([
      'exclude is [""]; it must be a list of parts of names',
      'adamW.beta2 is 2; it must be from 0 to below 1',
      'adamW.weightDecay is missing',
    ])
    expect(optimizerIssues({ kind: 'muon', adamW: null } as unknown as OptimizerChoice)).toEqual([
      'adamW is null; it must be an object',
    ])
  })

  it.each(choices)('finds none in %j', (choice) => {
    expect(optimizerIssues(choice)).toEqual([])
  })
})

describe('a rate for each parameter', () => {
  it.each(choices.map((choice) => [JSON.stringify(choice), choice] as const))(
    'of %s: the same for all is another learning rate, to the bit',
    (_, choice) => {
      scope(() => {
        const [one, other] = [begin(), begin()]
        const half = makeOptimizer(one, choice, () => 0.5)
        const whole = makeOptimizer(other, choice)
        for (let step = 0; step < 4; step += 1) {
          half.update(gradientsOf(step), rate(step))
          whole.update(gradientsOf(step), rate(step) / 2)
        }
        expect(bytesOf(one)).toEqual(bytesOf(other))
      })
    },
  )
})

const torchInstalled = hasTorch()

it.skipIf(!torchInstalled)('optimizers.json is what PyTorch computes', () => {
  const { stdout } = spawnSync('/usr/bin/python3', [reference('optimizers.py')], {
    encoding: 'utf8',
    maxBuffer: 1 << 24,
  })
  const fresh = flatten(JSON.parse(stdout))
  expect([...fresh.keys()]).toEqual([...flatten(expected).keys()])
  for (const [path, value] of flatten(expected)) expect(fresh.get(path), path).toEqual(value)
})

describe.skipIf(!torchInstalled)('fp32 parameter groups of PyTorch', () => {
  const choiceOf = { adamw: { kind: 'adamw' }, sgd: { kind: 'sgd', weightDecay: 0.1 } } as const
  const kinds = ['adamw', 'sgd'] as const
  const steps = Array.from({ length: 6 }, (_, step) => step)
  const valuesOf = (tensor: Tensor): number[] => [...(tensor.toTypedArray() as Float32Array)]

  let theirs: readonly (readonly (readonly number[])[])[]
  beforeAll(() => {
    scope(() => {
      const parameters = begin()
      const task = {
        parameters: [...parameters.values()].map((tensor) => ({
          shape: tensor.shape,
          values: valuesOf(tensor),
        })),
        gradients: steps.map((step) => gradientsOf(step).map(valuesOf)),
        rates: steps.map((step) => [...parameters.keys()].map((name) => rate(step) * factors[name]!)),
      }
      const { stdout } = spawnSync('/usr/bin/python3', [reference('parameter_groups.py')], {
        encoding: 'utf8',
        input: JSON.stringify(kinds.map((kind) => ({ kind, ...task }))),
      })
      theirs = JSON.parse(stdout)
    })
  })

  it.each(kinds)('%s is the same to the bit', (kind) => {
    scope(() => {
      const parameters = begin()
      const optimizer = makeOptimizer(parameters, choiceOf[kind], (name) => factors[name]!)
      for (const step of steps) optimizer.update(gradientsOf(step), rate(step))
      expect([...parameters.values()].map(valuesOf)).toEqual(theirs[kinds.indexOf(kind)])
    })
  })
})
