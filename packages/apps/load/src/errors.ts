/** Errors of load tests, simulations and tuning. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const invalidDistribution: ErrorMaker<[text: string]> = defineError({
  code: 'invalid_distribution',
  status: 400,
  when: 'A distribution of prompt or answer lengths cannot be read.',
  message: (text) => `${JSON.stringify(text)} is no distribution of lengths`,
  help: 'Write 64, uniform:32,128, lognormal:64,0.6,512 (median, sigma, most) or pareto:32,1.2,4096 (least, alpha, most).',
})

export const targetRefused: ErrorMaker<[url: string, why: string]> = defineError({
  code: 'target_refused',
  status: 502,
  when: 'The server to be measured answers, but not to the first requests.',
  message: (url, why) => `${url} answers with ${why}`,
  help: 'Check --model, --api-key and --endpoint. Servers that know no ignore_eos need --no-ignore-eos.',
})

export const serviceNotStarted: ErrorMaker<[why: string]> = defineError({
  code: 'service_not_started',
  status: 502,
  when: 'A service that is started to be measured ends before it serves, or refuses its first request.',
  message: (why) => `the service to be measured did not start: ${why}`,
  help: 'Start it by hand with the same flags: hadal serve.',
})

export const loadFailed: ErrorMaker<[failed: number, requests: number]> = defineError({
  code: 'load_failed',
  status: 502,
  when: 'Every request of a benchmark failed.',
  message: (failed, requests) => `${failed} of ${requests} requests failed`,
  help: 'The report lists the error codes. Less load, or a longer --timeout, may do.',
})

export const simulationFileInvalid: ErrorMaker<[path: string, why: string]> = defineError({
  code: 'simulation_file_invalid',
  status: 400,
  when: 'A file of recorded traffic or of fitted costs cannot be read, or says what cannot be simulated.',
  message: (path, why) => `${path}: ${why}`,
  help: 'Traffic is one JSON object a line, in the order of arrivals, with the fields that docs/simulate.md shows. Costs are what `hadal tune --costs` writes.',
})

export const tuneUnmeasured: ErrorMaker<[steps: number]> = defineError({
  code: 'tune_unmeasured',
  status: 500,
  when: '`hadal tune` could not learn what a step costs: the engine reported too few.',
  message: (steps) => `the engine reported ${steps} steps, too few to learn from`,
  help: 'See that the model generates or embeds, and that its context holds 64 tokens at least.',
})

export const configUnwritable: ErrorMaker<[path: string, why: string]> = defineError({
  code: 'config_unwritable',
  status: 500,
  when: 'Tuned settings cannot be put into the config file: it is read-only, computes them, or takes them from elsewhere.',
  message: (path, why) => `${path} cannot be changed: ${why}`,
  help: 'Put them into it by hand: paste the block that is shown.',
})
