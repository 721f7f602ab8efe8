/** A training run as one typed, validated object. Independent of its execution. */

import { type GuardOptions, guardDefaults } from './divergence-guard.ts'
import { invalidRun } from './errors.ts'
import { dataFingerprint, fingerprintOf } from './fingerprint.ts'
import { kindOf } from './kinds/kind-of.ts'
import { privateDefaults, trainedModel } from './privacy/private-defaults.ts'
import type { AnyModelConfig, RunConfig } from './run-config.ts'
import { type Defaulted, runDefaults } from './run-defaults.ts'
import { runIssues } from './run-issues.ts'

/** What a recipe writes: `RunConfig` with optional defaults. */
export type RunOptions<Model extends AnyModelConfig = AnyModelConfig> = Omit<
  RunConfig<Model>,
  Defaulted | 'objective' | 'guard'
> &
  Partial<Pick<RunConfig, Defaulted | 'objective'>> & { readonly guard?: Partial<GuardOptions> | false }

export interface Run<Model extends AnyModelConfig = AnyModelConfig> extends RunConfig<Model> {
  /** Equal for runs that take the same course: a hash of all that decides the weights, data included. */
  readonly fingerprint: string
  /** Fingerprint of the held-out data, which does not affect the weights. */
  readonly heldOutFingerprint: string
}

/**
 * Fills in defaults and validates everything; throws `train_invalid_run` with every issue. A run may be derived from another:
 * `defineRun({ ...run, seed: 2 })`. `otherIssues` are reported with its own.
 *
 * @example
 * ```ts
 * import { packStream } from '@hadal/nn'
 * import { defineRun } from '@hadal/train'
 *
 * const data = packStream([Array.from({ length: 400 }, (_, index) => index ** 2 % 31)], 16, 31)
 * const run = defineRun({
 *   name: 'squares',
 *   folder: 'runs/squares', // started again, it goes on from its newest checkpoint
 *   model: { vocab_size: 32, hidden_size: 32, intermediate_size: 64, num_hidden_layers: 2, num_attention_heads: 4, num_key_value_heads: 2, max_position_embeddings: 16, rms_norm_eps: 1e-5, rope_theta: 1_000, tie_word_embeddings: true },
 *   data: { train: data, valid: data },
 *   batch: { windows: 8, accumulate: 1 },
 *   schedule: { peak: 0.01, warmupSteps: 10, totalSteps: 100, floorFraction: 0.1 },
 *   evaluate: { everySteps: 50 },
 * })
 * run.precision // → 'fp32'
 * ```
 */
export function defineRun<Model extends AnyModelConfig>(
  options: RunOptions<Model> | Run<Model>,
  otherIssues: readonly string[] = [],
): Run<Model> {
  const {
    fingerprint: _,
    heldOutFingerprint: __,
    ...given
  } = { fingerprint: '', heldOutFingerprint: '', ...options }
  const usual = { ...runDefaults, guard: {}, ...privateDefaults(given) }
  const said = given.guard ?? usual.guard
  const guard = said !== false && { ...guardDefaults, ...said }
  const objective = given.objective ?? kindOf(given.model).usualObjective(given.model)
  const adapter = withUsualTargets(given)
  const config: RunConfig<Model> = {
    ...usual,
    ...given,
    model: trainedModel(given),
    objective,
    guard,
    ...(adapter && { adapter }),
  }
  const issues = [...otherIssues, ...runIssues(config)]
  // Files that are no TypeScript may leave anything out.
  const name: string | undefined = config.name
  if (issues.length > 0) throw invalidRun(name ?? '(no name)', issues)
  return {
    ...config,
    fingerprint: fingerprintOf(config),
    heldOutFingerprint: dataFingerprint(config.data.valid),
  }
}

/** Kinds of models with other module names than language models provide their default adapter targets here. */
function withUsualTargets({ adapter, model }: Pick<RunConfig, 'adapter' | 'model'>): RunConfig['adapter'] {
  const targets = adapter && adapter.targets === undefined ? kindOf(model).usualTargets?.(model) : undefined
  return targets ? { ...adapter, targets } : adapter
}
