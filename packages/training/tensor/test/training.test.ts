import { grad, manualSeed, noGrad, scope, type Tensor, torch } from '@hadal/tensor'
import { expect, it } from 'vitest'

const adamw = {
  lr: 0.02,
  beta1: 0.9,
  beta2: 0.999,
  weightDecay: 0.01,
  eps: 1e-8,
  amsgrad: false,
  maximize: false,
}

it('trains a small network with the fused optimizer and clipped gradients', () => {
  manualSeed(1)
  const x = torch.randn([64, 8])
  const target = x.matmul(torch.randn([8, 1])).tanh()
  const weights = [[8, 16], [16], [16, 1]].map((shape) => torch.randn(shape).mul(0.3).requiresGrad_())
  const [w1, b1, w2] = weights as [Tensor, Tensor, Tensor]
  const first = weights.map((w) => torch.zerosLike(w))
  const second = weights.map((w) => torch.zerosLike(w))
  const steps = weights.map(() => torch.zeros([]))
  const losses: number[] = []
  for (let step = 0; step < 150; step++) {
    scope(() => {
      const loss = torch.mseLoss(torch.addmm(b1, x, w1).relu().matmul(w2), target)
      const gradients = grad(loss, weights)
      noGrad(() => {
        const norm = torch.stack(torch._foreachNorm(gradients)).norm()
        torch._foreachMul_(gradients, norm.reciprocal().clampMax(1))
        torch._foreachAdd_(steps, 1)
        torch._fusedAdamw_(weights, gradients, first, second, [], steps, adamw)
      })
      losses.push(loss.item() as number)
    })
  }
  expect(losses.at(-1)!).toBeLessThan(losses[0]! / 20)
  expect(steps[0]!.item()).toBe(150)
})

it('gives gradients through everything a decoder is made of', () => {
  manualSeed(2)
  const ids = torch
    .tensor([
      [1, 2, 3],
      [4, 5, 6],
    ])
    .long()
  const table = torch.randn([10, 32]).requiresGrad_()
  const gain = torch.ones([32]).requiresGrad_()
  const project = torch.randn([32, 32]).mul(0.2).requiresGrad_()
  const heads = (x: Tensor, n: number): Tensor => x.view([2, 3, n, 8]).transpose(1, 2)
  const h = torch.rmsNorm(torch.embedding(table, ids), [32], gain, { eps: 1e-5 })
  const q = heads(torch.linear(h, project), 4)
  const kv = heads(torch.linear(h, project.get([0, 16])), 2)
  const mixed = torch.scaledDotProductAttention(q, kv, kv, { isCausal: true, enableGqa: true })
  const logits = torch.linear(torch.silu(mixed.transpose(1, 2).reshape([2, 3, 32])), table)
  const loss = torch.crossEntropyLoss(logits.view([6, 10]), ids.view([6]), { labelSmoothing: 0.1 })
  const gradients = grad(loss, [table, gain, project])
  expect(gradients.map((g) => g.shape)).toEqual([[10, 32], [32], [32, 32]])
  for (const gradient of gradients) expect(gradient.abs().sum().item()).toBeGreaterThan(0)
})
