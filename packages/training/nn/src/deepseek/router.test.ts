import { noGrad, scope, torch } from '@hadal/tensor'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { expectClose } from '../../../tensor/test/expect-close.ts'
import type { RouterConfig } from './config.ts'
import { Router } from './router.ts'

interface Routing {
  readonly config: RouterConfig
  /** One row a token. */
  readonly logits: readonly (readonly number[])[]
  readonly bias: readonly number[]
}

interface Route {
  readonly experts: readonly number[]
  readonly weights: readonly number[]
}

/** Distinct within a row, and without the symmetry that would make sums of sigmoids tie. */
const numbers = (count: number): fc.Arbitrary<number[]> =>
  fc
    .uniqueArray(fc.integer({ min: -400, max: 600 }), { minLength: count, maxLength: count })
    .map((row) => row.map((value) => Math.cbrt(value + 0.25) / 3))

const routing: fc.Arbitrary<Routing> = fc
  .record({
    n_group: fc.integer({ min: 1, max: 4 }),
    perGroup: fc.integer({ min: 2, max: 4 }),
    topk_method: fc.constantFrom('greedy', 'group_limited_greedy', 'noaux_tc'),
    scoring_func: fc.constantFrom('softmax', 'sigmoid'),
    norm_topk_prob: fc.boolean(),
    routed_scaling_factor: fc.constantFrom(1, 2.5, 16),
  })
  .chain(({ perGroup, ...rest }) =>
    fc.integer({ min: 1, max: rest.n_group }).chain((topk_group) =>
      fc.integer({ min: 1, max: topk_group * perGroup }).chain((num_experts_per_tok) => {
        const n_routed_experts = rest.n_group * perGroup
        return fc.record({
          config: fc.constant({ ...rest, topk_group, num_experts_per_tok, n_routed_experts }),
          logits: fc.array(numbers(n_routed_experts), { minLength: 1, maxLength: 5 }),
          bias: numbers(n_routed_experts).map((row) => row.map((value) => value / 10)),
        })
      }),
    ),
  )

/** A router with an identity weight: tokens are their own logits. */
function route({ config, logits, bias }: Routing): Route[] {
  return noGrad(() =>
    scope(() => {
      const count = config.n_routed_experts
      const router = new Router(count, config, 'float32')
      router.weight.copy_(torch.eye(count))
      router.eScoreCorrectionBias?.copy_(torch.tensor([...bias]))
      const { experts_nk, weights_nk } = router.forward(torch.tensor(logits.map((row) => [...row])))
      const weights = weights_nk.toArray() as number[][]
      return (experts_nk.toArray() as number[][]).map((experts, n) => ({ experts, weights: weights[n]! }))
    }),
  )
}

function scoresOf({ scoring_func }: RouterConfig, logits: readonly number[]): number[] {
  if (scoring_func === 'sigmoid') return logits.map((value) => 1 / (1 + Math.exp(-value)))
  const total = logits.reduce((sum, value) => sum + Math.exp(value), 0)
  return logits.map((value) => Math.exp(value) / total)
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
const descending = (a: number, b: number): number => b - a

it('a token goes to different experts of no more groups than it may', () => {
  fc.assert(
    fc.property(routing, (drawn) => {
      const { n_routed_experts, num_experts_per_tok, topk_method, n_group, topk_group } = drawn.config
      for (const { experts } of route(drawn)) {
        expect(new Set(experts).size).toBe(num_experts_per_tok)
        expect(experts.every((expert) => expert >= 0 && expert < n_routed_experts)).toBe(true)
        const groups = new Set(experts.map((expert) => Math.floor((expert * n_group) / n_routed_experts)))
        if (topk_method !== 'greedy') expect(groups.size).toBeLessThanOrEqual(topk_group)
      }
    }),
  )
})

it('to the best of the best groups, where the correction counts', () => {
  fc.assert(
    fc.property(routing, (drawn) => {
      const { config, logits, bias } = drawn
      const perGroup = config.n_routed_experts / config.n_group
      const corrects = config.topk_method === 'noaux_tc'
      route(drawn).forEach(({ experts }, n) => {
        const scores = scoresOf(config, logits[n]!).map((score, e) => score + (corrects ? bias[e]! : 0))
        const groupOf = (expert: number): number => Math.floor(expert / perGroup)
        const groupScores = Array.from({ length: config.n_group }, (_, group) => {
          const best = scores.filter((_, expert) => groupOf(expert) === group).sort(descending)
          return corrects ? best[0]! + best[1]! : best[0]!
        })
        const threshold = [...groupScores].sort(descending)[config.topk_group - 1]!
        const open = scores.flatMap((score, expert) =>
          config.topk_method === 'greedy' || groupScores[groupOf(expert)]! >= threshold ? [score] : [],
        )
        const wanted = open.sort(descending).slice(0, config.num_experts_per_tok)
        experts.forEach((expert, k) => {
          expect(scores[expert]).toBeCloseTo(wanted[k]!, 5)
        })
      })
    }),
  )
})

it('with the weight of its score, where the correction does not count', () => {
  fc.assert(
    fc.property(routing, (drawn) => {
      const { config, logits } = drawn
      route(drawn).forEach(({ experts, weights }, n) => {
        const scores = scoresOf(config, logits[n]!)
        const chosen = experts.map((expert) => scores[expert]!)
        const unit = config.norm_topk_prob ? sum(chosen) : 1
        const [factor, closeness] = [config.routed_scaling_factor, { roundings: 50 }]
        const wanted = chosen.map((score) => (factor * score) / unit)
        expectClose(weights, wanted, closeness)
        if (config.norm_topk_prob) expectClose(sum(weights), factor, closeness)
      })
    }),
  )
})

it('expert choice does not depend on the other tokens in the batch', () => {
  fc.assert(
    fc.property(routing, (drawn) => {
      const together = route(drawn)
      drawn.logits.forEach((row, n) => {
        expect(route({ ...drawn, logits: [row] })[0]!.experts).toEqual(together[n]!.experts)
      })
    }),
  )
})

it('and to an expert whose correction is large, always', () => {
  fc.assert(
    fc.property(routing, fc.nat(), (drawn, number) => {
      const favourite = number % drawn.config.n_routed_experts
      const bias = drawn.bias.map((value, expert) => (expert === favourite ? 100 : value))
      const config = { ...drawn.config, topk_method: 'noaux_tc' as const }
      for (const { experts } of route({ ...drawn, config, bias })) expect(experts[0]).toBe(favourite)
    }),
  )
})
