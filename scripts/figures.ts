/** `npm run figures` draws the figures of docs/concepts with the product's own functions; with `--check` it only says which are out of date. */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { batchSizes, staticAndContinuous } from './figures/batching.ts'
import { requestFlow, trainingStepFlow } from './figures/data-flow.ts'
import { prefixTree } from './figures/prefix-tree.ts'
import { epsilonOverSteps, noiseForEpsilon } from './figures/privacy.ts'
import { roundingErrors, staircase } from './figures/rounding.ts'

const folder = join(dirname(dirname(fileURLToPath(import.meta.url))), 'docs/concepts/figures')
const figures: Readonly<Record<string, () => string>> = {
  'batch-sizes.svg': batchSizes,
  'epsilon-over-steps.svg': epsilonOverSteps,
  'noise-for-epsilon.svg': noiseForEpsilon,
  'prefix-tree.svg': prefixTree,
  'request-flow.svg': requestFlow,
  'rounding-errors.svg': roundingErrors,
  'staircase.svg': staircase,
  'static-and-continuous.svg': staticAndContinuous,
  'training-step-flow.svg': trainingStepFlow,
}

const stale: string[] = []
for (const [name, draw] of Object.entries(figures)) {
  const file = join(folder, name)
  const drawn = draw()
  if (existsSync(file) && readFileSync(file, 'utf8') === drawn) continue
  if (process.argv.includes('--check')) stale.push(name)
  else {
    mkdirSync(folder, { recursive: true })
    writeFileSync(file, drawn)
  }
}
if (stale.length > 0) {
  console.log(`Out of date: ${stale.join(', ')}. Run: npm run figures`)
  process.exitCode = 1
}
