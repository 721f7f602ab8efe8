/**
 * What the guard catches, what it costs, and how long it holds.
 *
 *     npm run bench guard -- --scenario latency [--rounds 400]                  50 words through all default layers, and 100 kB of hostile input
 *     npm run bench guard -- --scenario scaling                                 the same input at growing sizes
 *     npm run bench guard -- --scenario held-out --data FOLDER [--also FILE] [--peers FOLDER]   each source by a guard that did not see it, beside other packages
 *     npm run bench guard -- --scenario triggers [--peers FOLDER]               benign texts full of the words that attacks are made of
 *     npm run bench guard -- --scenario views                                   attacks under transforms, with and without views
 *     npm run bench guard -- --scenario flat-cosine --data FOLDER --teacher FOLDER   what a flat cosine of 0.8 stops, by whose encoder
 *     npm run bench guard -- --scenario evasion [--queries 150]                 how many questions it takes to get past
 *
 * `--also` is trained on beside the data and not measured; `--evaluated` is what `hadal guard eval --json` wrote of the same data, and spares the hour.
 * `--data` is a folder of JSONL files (text, label, source, lang). `--peers` is a folder where npm has installed @andersmyrmel/vard and
 * llm_guardrail; `--teacher` one with the sentence encoder (`scripts/distill-encoder.ts` says how). Results go to bench/reports/<date>-guard-<scenario>.md and .json.
 */

import { parseArgs } from 'node:util'

const { values: flags } = parseArgs({
  options: {
    scenario: { type: 'string', default: 'latency' },
    rounds: { type: 'string', default: '400' },
    queries: { type: 'string', default: '150' },
    data: { type: 'string', default: '' },
    also: { type: 'string' },
    evaluated: { type: 'string' },
    peers: { type: 'string', default: '' },
    teacher: { type: 'string', default: '' },
  },
})
const peers = async () => (flags.peers === '' ? [] : (await import('./peers.ts')).loadPeers(flags.peers))
const scenarios: Readonly<Record<string, () => Promise<void>>> = {
  latency: async () => (await import('./scenarios/latency.ts')).latency(Number(flags.rounds)),
  scaling: async () => (await import('./scenarios/scaling.ts')).scaling(),
  'held-out': async () => (await import('./scenarios/held-out.ts')).heldOut(flags, await peers()),
  triggers: async () => (await import('./scenarios/triggers.ts')).triggers(await peers()),
  views: async () => (await import('./scenarios/views.ts')).views(),
  'flat-cosine': async () => (await import('./scenarios/flat-cosine.ts')).flatCosine(flags),
  evasion: async () => (await import('./scenarios/evasion.ts')).evasion(Number(flags.queries)),
}
const scenario = Object.hasOwn(scenarios, flags.scenario) ? scenarios[flags.scenario] : undefined
if (!scenario)
  throw new Error(`there is no scenario "${flags.scenario}"; there are ${Object.keys(scenarios).join(', ')}`)
await scenario()
