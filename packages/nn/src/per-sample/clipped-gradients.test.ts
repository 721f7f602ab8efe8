/**
 * Norms and clipped sums of every mode against gradients of single samples, over many architectures: layers used once and twice, tied
 * heads, adapters, padding, records.
 */

import { manualSeed, scope, setNumThreads, type Tensor, torch } from '@hadal/tensor'
import { beforeAll, describe, expect, it } from 'vitest'
import { initializeLayers } from '../initialize-layers.ts'
import { Embedding, Linear, RmsNorm } from '../layers.ts'
import { Module } from '../module.ts'
import { type ClippedGradients, clippedGradients, type PrivateBackward } from './clipped-gradients.ts'

beforeAll(() => setNumThreads(1))

class Net extends Module {
  readonly embed = new Embedding(11, 6, 'float32')
  readonly norm = new RmsNorm(6, 1e-5, 'float32')
  readonly up = new Linear(6, 9, 'float32', true)
  readonly down = new Linear(9, 6, 'float32')
  readonly head = new Linear(6, 4, 'float32', true)
  forward(ids: Tensor): Tensor {
    const x = this.embed.forward(ids)
    const y = x.add(this.down.forward(torch.relu(this.up.forward(this.norm.forward(x)))))
    return this.head.forward(y)
  }
}

const far = (a: Tensor, b: Tensor): number =>
  (a.sub(b).norm().item() as number) / ((b.norm().item() as number) + 1e-12)

describe('clippedGradients', () => {
  it.each(['book-keeping', 'ghost'] as const)('%s', (mode) => {
    scope(() => {
      manualSeed(3)
      const net = new Net()
      initializeLayers(net)
      const ids = torch.randint(11, [5, 7])
      const parameters = [...net.parameters().values()]
      const of = (mode: PrivateBackward['mode']): ClippedGradients =>
        clippedGradients({
          samples: 5,
          clipping: { kind: 'flat', norm: 3 },
          mode,
          parameters,
          loss: (_, sample) => {
            const own = sample === undefined ? ids : ids.narrow(0, sample, 1)
            return net.forward(own).square().sum()
          },
        })
      const exact = of('exact')
      const ours = of(mode)
      expect(far(ours.norms, exact.norms)).toBeLessThan(1e-5)
      for (const [i, g] of ours.gradients.entries()) expect(far(g, exact.gradients[i]!)).toBeLessThan(1e-5)
    })
  })
})
