/** Errors of load tests, simulations and tuning. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const invalidDistribution: ErrorMaker<[text: string]> = defineError({
  code: 'invalid_distribution',
  status: 400,
  when: 'A distribution of prompt or output lengths cannot be parsed.',
  message: (text) => `${JSON.stringify(text)} is not a length distribution`,
  help: 'Write 64, uniform:32,128, lognormal:64,0.6,512 (median, sigma, max) or pareto:32,1.2,4096 (min, alpha, max).',
})

export const targetRefused: ErrorMaker<[url: string, why: string]> = defineError({
  code: 'target_refused',
  status: 502,
  when: 'The server to measure is up, but failed the first requests.',
  message: (url, why) => `${url} returned ${why}`,
  help: 'Check --model, --api-key and --endpoint. Servers without ignore_eos support need --no-ignore-eos.',
})

export const serviceNotStarted: ErrorMaker<[why: string]> = defineError({
  code: 'service_not_started',
  status: 502,
  when: 'The service to measure exited before it was ready, or failed its first request.',
  message: (why) => `the service to be measured did not start: ${why}`,
  help: 'Start it manually with the same flags to see its log: hadal serve.',
})

export const loadFailed: ErrorMaker<[failed: number, requests: number]> = defineError({
  code: 'load_failed',
  status: 502,
  when: 'Every request of a benchmark failed.',
  message: (failed, requests) => `${failed} of ${requests} requests failed`,
  help: 'See the error codes in the report. Reduce the load, or raise --timeout.',
})

export const simulationFileInvalid: ErrorMaker<[path: string, why: string]> = defineError({
  code: 'simulation_file_invalid',
  status: 400,
  when: 'A traffic recording or cost file cannot be read, or has values that cannot be simulated.',
  message: (path, why) => `${path}: ${why}`,
  help: 'Write traffic as one JSON object per line in the order of arrival, with the fields in docs/simulate.md. Create a cost file with `hadal tune --costs`.',
})

export const tuneUnmeasured: ErrorMaker<[steps: number]> = defineError({
  code: 'tune_unmeasured',
  status: 500,
  when: '`hadal tune` could not fit the cost of a step, because the engine reported too few steps.',
  message: (steps) => `the engine reported only ${steps} steps, too few to fit a cost model`,
  help: 'Check that the model generates or embeds, and that its context has at least 64 tokens.',
})

export const configUnwritable: ErrorMaker<[path: string, why: string]> = defineError({
  code: 'config_unwritable',
  status: 500,
  when: 'The tuned settings cannot be written to the config file: it is read-only, computes the settings, or imports them.',
  message: (path, why) => `cannot change ${path}: ${why}`,
  help: 'Paste the block shown into the config file manually.',
})

export const targetUnreachable: ErrorMaker<[url: string, why: string]> = defineError({
  code: 'target_unreachable',
  status: 503,
  when: 'The server to measure does not respond.',
  message: (url, why) => `${url}: ${why}`,
  help: 'Start one with `hadal serve`, or name another one: with --url, or as the argument of `hadal profile`.',
})
