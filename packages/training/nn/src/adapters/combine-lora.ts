/**
 * Combines several adapters into one, Σ share · scale · B A, within its rank.
 *
 * Shapes: i inputs, o outputs, r rank.
 */

import { noGrad, scope, type Tensor, torch } from '@hadal/tensor'
import { adaptersNotCombined } from './errors.ts'
import { type LoraOptions, loraDefaults, loraRank, loraScale } from './lora-options.ts'

export interface LoraPart {
  /** `<module>.lora_A.weight` and `<module>.lora_B.weight`; others are left out. */
  readonly weights: ReadonlyMap<string, Tensor>
  readonly options: LoraOptions
  /** Weight in the combination. */
  readonly share: number
}

export type Combination =
  /** A and B are added up, each times √(share · scale), as in PEFT: of the same rank, and not the sum of the products. */
  | { readonly kind: 'linear' }
  /** Exactly the sum; ranks add up. */
  | { readonly kind: 'concatenation' }
  /** The nearest of this rank in the sum of squares. */
  | { readonly kind: 'svd'; readonly rank: number }

export interface CombinedLora {
  /** fp32; they belong to the caller's scope. */
  readonly weights: ReadonlyMap<string, Tensor>
  readonly options: LoraOptions
}

type Factors = readonly [a_ri: Tensor, b_or: Tensor]

/**
 * Throws `nn_adapters_not_combined`. All modules have the same rank afterwards, filled up with zeros.
 *
 * @example
 * ```ts
 * import { torch } from '@hadal/tensor'
 * import { combineLora, loraDefaults } from '@hadal/nn'
 *
 * const one = { weights: new Map([['m.lora_A.weight', torch.ones([2, 8])], ['m.lora_B.weight', torch.ones([4, 2])]]), options: { ...loraDefaults, rank: 2, alpha: 2 }, share: 0.5 }
 * const { weights, options } = combineLora([one, one], { kind: 'concatenation' })
 * options.rank // → 4
 * ```
 */
export function combineLora(parts: readonly LoraPart[], how: Combination): CombinedLora {
  const modules = [...new Set(parts.flatMap(({ weights }) => [...weights.keys()].flatMap(moduleOfA)))]
  const issues = combineIssues(parts, modules, how)
  if (issues.length > 0) throw adaptersNotCombined(issues)
  return noGrad(() =>
    scope(() => {
      const combined = modules.map((module) => [module, combineModule(module, parts, how)] as const)
      const rank = how.kind === 'svd' ? how.rank : Math.max(...combined.map(([, [a_ri]]) => a_ri.shape[0]!))
      const weights = new Map<string, Tensor>()
      for (const [module, [a_ri, b_or]] of combined) {
        const missing = rank - a_ri.shape[0]!
        weights.set(`${module}.lora_A.weight`, torch.constantPadNd(a_ri, [0, 0, 0, missing]))
        weights.set(`${module}.lora_B.weight`, torch.constantPadNd(b_or, [0, missing]))
      }
      return { weights, options: { ...loraDefaults, rank, alpha: rank, targets: modules } }
    }),
  )
}

const moduleOfA = (name: string): string[] => /^(.*)\.lora_A\.weight$/.exec(name)?.slice(1) ?? []

function combineIssues(parts: readonly LoraPart[], modules: readonly string[], how: Combination): string[] {
  const issues: string[] = []
  if (modules.length === 0) issues.push('none of them has a lora_A')
  if (how.kind === 'svd' && !(Number.isSafeInteger(how.rank) && how.rank >= 1))
    issues.push(`rank is ${how.rank}; it must be a whole number of at least 1`)
  parts.forEach(({ options, share }, index) => {
    if (options.dora)
      issues.push(`number ${index + 1} is a DoRA adapter, whose update depends on the base weights`)
    if (!Number.isFinite(share)) issues.push(`the share of number ${index + 1} is ${share}`)
  })
  for (const module of modules) {
    const beside = parts.filter(({ weights }) => weights.has(`${module}.lora_A.weight`))
    const sizes = beside.map(({ weights }) => {
      const [a, b] = ['A', 'B'].map((each) => weights.get(`${module}.lora_${each}.weight`)?.shape)
      return `[${b?.[0]}, ${a?.[1]}]`
    })
    if (new Set(sizes).size > 1) issues.push(`${module} is ${[...new Set(sizes)].join(' and ')}`)
    const ranks = new Set(beside.map(({ options }) => loraRank(module, options)))
    if (how.kind === 'linear' && ranks.size > 1)
      issues.push(`${module} has ranks ${[...ranks].join(' and ')}`)
  }
  return issues
}

function combineModule(module: string, parts: readonly LoraPart[], how: Combination): Factors {
  const given = parts.flatMap(({ weights, options, share }) => {
    const [a_ri, b_or] = ['A', 'B'].map((each) => weights.get(`${module}.lora_${each}.weight`)?.float())
    return a_ri && b_or ? [{ a_ri, b_or, factor: share * loraScale(module, options) }] : []
  })
  if (how.kind === 'linear') {
    const roots = given.map(({ factor }) => Math.sqrt(Math.abs(factor)))
    const sum = (terms: readonly Tensor[]): Tensor => terms.reduce((all, each) => all.add(each))
    return [
      sum(given.map(({ a_ri }, i) => a_ri.mul(roots[i]!))),
      sum(given.map(({ b_or, factor }, i) => b_or.mul(roots[i]! * Math.sign(factor)))),
    ]
  }
  const a_ri = torch.cat(given.map((each) => each.a_ri))
  const b_or = torch.cat(
    given.map((each) => each.b_or.mul(each.factor)),
    1,
  )
  return how.kind === 'svd' ? nearestOfRank(a_ri, b_or, how.rank) : [a_ri, b_or]
}

/**
 * The best approximation of B A (Eckart and Young 1936), computed on factors no larger than their rank; each singular value is
 * split evenly between both factors.
 */
function nearestOfRank(a_ri: Tensor, b_or: Tensor, rank: number): Factors {
  const [qB_or, rB_rr] = torch.linalgQr(b_or) as [Tensor, Tensor]
  const [qA_ir, rA_rr] = torch.linalgQr(a_ri.t()) as [Tensor, Tensor]
  const [u_rr, s_r, v_rr] = torch.linalgSvd(rB_rr.matmul(rA_rr.t()), false) as [Tensor, Tensor, Tensor]
  const kept = Math.min(rank, s_r.numel)
  const roots_k = s_r.narrow(0, 0, kept).sqrt()
  const b_ok = qB_or.matmul(u_rr.narrow(1, 0, kept)).mul(roots_k)
  const a_ki = v_rr.narrow(0, 0, kept).matmul(qA_ir.t()).mul(roots_k.unsqueeze(1))
  return [a_ki, b_ok]
}
