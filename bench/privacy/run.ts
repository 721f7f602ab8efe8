/**
 * What private training costs: steps a second and memory, against plain training here and against what PyTorch does by hand.
 * Fresh processes in turns, one thread each unless said.
 *
 *     npm run bench privacy -- [--rounds 5] [--threads 1] [--only mlp]                  speed and memory
 *     npm run bench privacy -- --scenario membership [--seeds 5]                        who was in the training data
 *     npm run bench privacy -- --scenario images [--seeds 5]                            recipes/private-images beside its plain twin
 *     npm run bench privacy -- --scenario text [--seeds 5]                              recipes/private-text beside its plain twin
 *
 * Results go to bench/reports/<date>-privacy-<scenario>.json and .md.
 */

import { parseArgs } from 'node:util'

const { values: flags } = parseArgs({
  options: {
    scenario: { type: 'string', default: 'speed' },
    rounds: { type: 'string', default: '5' },
    threads: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '5' },
    only: { type: 'string', default: '' },
  },
})
const seeds = Array.from({ length: Number(flags.seeds) }, (_, index) => index + 1)
const accuracy = async (subject: 'images' | 'text'): Promise<void> =>
  (await import('./scenarios/accuracy.ts')).accuracy(subject, seeds)
const scenarios: Readonly<Record<string, () => Promise<void>>> = {
  speed: async () =>
    (await import('./scenarios/speed.ts')).speed({
      rounds: Number(flags.rounds),
      threads: Number(flags.threads),
      only: flags.only,
    }),
  membership: async () => (await import('./scenarios/membership.ts')).membership(seeds),
  images: () => accuracy('images'),
  text: () => accuracy('text'),
}
const scenario = Object.hasOwn(scenarios, flags.scenario) ? scenarios[flags.scenario] : undefined
if (!scenario)
  throw new Error(`there is no scenario "${flags.scenario}"; there are ${Object.keys(scenarios).join(', ')}`)
await scenario()
