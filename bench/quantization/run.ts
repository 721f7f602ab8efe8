/**
 * What quantisation costs, and what training for it gives back.
 *
 *     npm run bench quantization -- --scenario decoder [--steps 100] [--held-out 1000]     the bundled decoder, recipes/nano-4bit
 *     npm run bench quantization -- --scenario images [--rounds 5] [--runs 100]            a ResNet-18, recipes/quantized-images
 *     npm run bench quantization -- --scenario cost [--rounds 5] [--steps 10]              a step in fp32 and quantised, beside PyTorch's
 *
 * `decoder` trains what it lacks under `--folder` (runs/nano-4bit), and goes on where it was stopped; it needs the data of
 * recipes/nano. `images` reads what `recipes/quantized-images` left in runs/. Results go to bench/reports/<date>-quantization-<scenario>.
 */

import { parseArgs } from 'node:util'

const { values: flags } = parseArgs({
  options: {
    scenario: { type: 'string', default: 'decoder' },
    steps: { type: 'string' },
    'held-out': { type: 'string', default: '1000' },
    folder: { type: 'string', default: 'runs/nano-4bit' },
    threads: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '5' },
    runs: { type: 'string', default: '100' },
    data: { type: 'string', default: '/usr/share/datasets/fashion-mnist' },
  },
})
const scenarios: Readonly<Record<string, () => Promise<void>>> = {
  decoder: async () =>
    (await import('./scenarios/decoder.ts')).decoder({
      steps: Number(flags.steps ?? 100),
      heldOut: Number(flags['held-out']),
      folder: flags.folder,
      threads: Number(flags.threads),
    }),
  images: async () =>
    (await import('./scenarios/images.ts')).images({
      rounds: Number(flags.rounds),
      data: flags.data,
      runs: Number(flags.runs),
    }),
  cost: async () =>
    (await import('./scenarios/cost.ts')).cost({
      rounds: Number(flags.rounds),
      steps: Number(flags.steps ?? 10),
    }),
}
const scenario = Object.hasOwn(scenarios, flags.scenario) ? scenarios[flags.scenario] : undefined
if (!scenario)
  throw new Error(`there is no scenario "${flags.scenario}"; there are ${Object.keys(scenarios).join(', ')}`)
await scenario()
