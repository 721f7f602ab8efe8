/**
 * Training, against Debian's PyTorch on the same libtorch: processes that take turns, with the same threads, BLAS and
 * allocator settings, the same weights and the same batches.
 *
 *     npm run bench training -- [--scenario step] [--rounds 20] [--block-seconds 3] [--only d=256]     one training step
 *     npm run bench training -- --scenario recipe [--steps 400] [--rounds 10] [--seeds 3]     the default recipe against a plain script
 *     npm run bench training -- --scenario precision [--steps 100] [--rounds 5] [--only d=256]     fp32, bf16, fp16, fp8
 *     npm run bench training -- --scenario checkpointing [--steps 2] [--rounds 5] [--only bf16]     memory against time
 *     npm run bench training -- --scenario finetune [--minutes 20] [--seeds 3]     held-out losses at the end of a fine-tune
 *     npm run bench training -- --scenario memory [--steps 10000]            Hadal alone: what a long run holds
 *     npm run bench training -- --scenario plan [--only Llama]                Hadal alone: planned memory against measured
 *     npm run bench training -- --scenario shapes [--steps 8] [--rounds 3] [--only d320]     Hadal alone: speed by shape
 *     npm run bench training -- --scenario layered-rates [--steps 60] [--base-steps 600] [--seeds 3]     one rate against rates by layer
 *     npm run bench training -- --scenario tensor-parallel [--rounds 5] [--steps 6] [--only d=256]     layers divided by two processes
 *     npm run bench training -- --scenario data-parallel [--rounds 5] [--steps 6] [--only d=256]     batches divided by two processes
 *     npm run bench training -- --scenario lora --base-steps 80 [--steps 40] [--rounds 1] [--width 768] [--layers 14] [--windows 4] [--only QLoRA]
 *                                                                            adapters against full tuning; rounds are rates
 *
 * finetune, recipe, layered-rates and lora need the recipe's data: npx tsx --conditions=@hadal/source recipes/nano/data/build.ts
 * --threads for both sides; --allocator kept lets glibc keep what was freed. Results go to
 * bench/reports/<date>-training-<scenario>.json and .md.
 */

import { parseArgs } from 'node:util'
import { allocators } from './contenders.ts'
import type { Scenario } from './scenario.ts'
import { checkpointing } from './scenarios/checkpointing.ts'
import { dataParallel } from './scenarios/data-parallel.ts'
import { finetune } from './scenarios/finetune.ts'
import { layeredRates } from './scenarios/layered-rates.ts'
import { lora } from './scenarios/lora.ts'
import { memory } from './scenarios/memory.ts'
import { plan } from './scenarios/plan.ts'
import { precision } from './scenarios/precision.ts'
import { recipe } from './scenarios/recipe.ts'
import { shapes } from './scenarios/shapes.ts'
import { step } from './scenarios/step.ts'
import { tensorParallel } from './scenarios/tensor-parallel.ts'

const scenarios: Readonly<Record<string, Scenario>> = {
  step,
  recipe,
  precision,
  checkpointing,
  finetune,
  memory,
  plan,
  shapes,
  'layered-rates': layeredRates,
  lora,
  'tensor-parallel': tensorParallel,
  'data-parallel': dataParallel,
}

const { values: flags } = parseArgs({
  options: {
    scenario: { type: 'string', default: 'step' },
    threads: { type: 'string' },
    allocator: { type: 'string', default: 'glibc' },
    only: { type: 'string', default: '' },
    rounds: { type: 'string' },
    steps: { type: 'string' },
    'block-seconds': { type: 'string', default: '3' },
    minutes: { type: 'string', default: '20' },
    seeds: { type: 'string', default: '3' },
    'base-steps': { type: 'string', default: '600' },
    width: { type: 'string' },
    layers: { type: 'string' },
    windows: { type: 'string' },
  },
})

const known = (what: string, name: string, among: object): void => {
  if (!Object.hasOwn(among, name))
    throw new Error(`there is no ${what} "${name}"; there are ${Object.keys(among).join(', ')}`)
}
known('scenario', flags.scenario, scenarios)
known('allocator', flags.allocator, allocators)

const optional = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : Number(text)
await scenarios[flags.scenario]!({
  threads: optional(flags.threads),
  allocator: flags.allocator,
  only: flags.only,
  rounds: optional(flags.rounds),
  steps: optional(flags.steps),
  blockSeconds: Number(flags['block-seconds']),
  minutes: Number(flags.minutes),
  seeds: Number(flags.seeds),
  baseSteps: Number(flags['base-steps']),
  width: optional(flags.width),
  layers: optional(flags.layers),
  windows: optional(flags.windows),
})
