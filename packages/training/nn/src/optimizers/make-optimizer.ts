/** Creates an optimizer from plain data, as in a run's configuration. The only file that knows every kind. */

import type { Tensor } from '@hadal/tensor'
import { Adafactor, type AdafactorOptions, adafactorDefaults } from './adafactor.ts'
import { AdamW, type AdamWOptions, adamWDefaults } from './adamw.ts'
import { AdamW8bit, type AdamW8bitOptions, adamW8bitDefaults } from './adamw-8bit.ts'
import { Lion, type LionOptions, lionDefaults } from './lion.ts'
import { Muon, type MuonOptions, muonDefaults } from './muon.ts'
import { type Optimizer, oneRate, type RateFactor } from './optimizer.ts'
import { Sgd, type SgdOptions, sgdDefaults } from './sgd.ts'

/** Missing options have the kind's defaults. The default kind is fused AdamW. */
export type OptimizerChoice =
  | ({ readonly kind?: 'adamw' } & Partial<AdamWOptions>)
  | ({ readonly kind: 'adamw-8bit' } & Partial<AdamW8bitOptions>)
  | ({ readonly kind: 'sgd' } & Partial<SgdOptions>)
  | ({ readonly kind: 'lion' } & Partial<LionOptions>)
  | ({ readonly kind: 'adafactor' } & Partial<AdafactorOptions>)
  | ({ readonly kind: 'muon' } & Partial<MuonOptions>)

/** @internal */
export type OptimizerKind = NonNullable<OptimizerChoice['kind']>

/**
 * `parameters` are fp32 and are updated in place. The choice is to be free of `optimizerIssues`.
 *
 * @example
 * ```ts
 * import { Linear, makeOptimizer } from '@hadal/nn'
 * import { torch } from '@hadal/tensor'
 *
 * const model = new Linear(16, 8, 'float32')
 * const optimizer = makeOptimizer(model.parameters(), { kind: 'lion', weightDecay: 0.1 })
 * optimizer.update([...model.parameters().values()].map((parameter) => torch.onesLike(parameter)), 1e-4)
 * ```
 */
export function makeOptimizer(
  parameters: ReadonlyMap<string, Tensor>,
  choice: OptimizerChoice,
  rateFactor: RateFactor = oneRate,
): Optimizer {
  switch (choice.kind) {
    case 'adamw-8bit':
      return new AdamW8bit(parameters, { ...adamW8bitDefaults, ...choice }, rateFactor)
    case 'sgd':
      return new Sgd(parameters, { ...sgdDefaults, ...choice }, rateFactor)
    case 'lion':
      return new Lion(parameters, { ...lionDefaults, ...choice }, rateFactor)
    case 'adafactor':
      return new Adafactor(parameters, { ...adafactorDefaults, ...choice }, rateFactor)
    case 'muon':
      return new Muon(parameters, { ...muonDefaults, ...choice }, rateFactor)
    default:
      return new AdamW(parameters, { ...adamWDefaults, ...choice }, rateFactor)
  }
}
