/** llama-server's metrics, under its names and without labels, for existing dashboards. Sums over all models. */

import type { StepReport } from '@hadal/engine'
import type { ChoiceDone, GenerationLayer } from '../generation.ts'
import type { ModelDirectory } from '../model-directory.ts'
import { tap } from '../tap.ts'

export class LlamaServerMetrics {
  #promptTokens = 0
  #cachedTokens = 0
  #promptMillis = 0
  #newTokens = 0
  /** Excludes the first token of each sequence, which the prompt's step yields. */
  #decodedTokens = 0
  #decodeMillis = 0
  #longest = 0
  #steps = 0
  #busy = 0
  #drafts = 0
  #draftTokens = 0
  #acceptedDraftTokens = 0

  /** Counts every sequence that ends. */
  readonly layer: GenerationLayer = (next) => (generation, signal) =>
    tap(next(generation, signal), (event) => {
      if (event.type === 'done') this.#finished(event)
    })

  /** Counts embedded or ranked tokens. */
  textsRead(tokens: number): void {
    this.#promptTokens += tokens
  }

  step({ decodeTokens, prefillTokens, running, drafts }: StepReport): void {
    if (decodeTokens + prefillTokens === 0) return
    this.#steps += 1
    this.#busy += running
    if (drafts === undefined) return
    this.#drafts += drafts.count
    this.#draftTokens += drafts.tokens
    this.#acceptedDraftTokens += drafts.accepted
  }

  /** In the Prometheus text format. */
  expose({ loaded }: Pick<ModelDirectory, 'loaded'>): string {
    const snapshots = loaded.map((engine) => engine.snapshot())
    const sum = (of: 'running' | 'waiting'): number => snapshots.reduce((all, each) => all + each[of], 0)
    const [promptSeconds, decodeSeconds] = [this.#promptMillis / 1000, this.#decodeMillis / 1000]
    return [
      counter('prompt_tokens_total', 'Prompt tokens computed.', this.#promptTokens),
      counter('prompt_tokens_cached_total', 'Prompt tokens found in the cache.', this.#cachedTokens),
      counter('prompt_seconds_total', 'Time it took to compute prompts.', promptSeconds),
      counter('tokens_predicted_total', 'Tokens generated.', this.#newTokens),
      counter('tokens_predicted_seconds_total', 'Time it took to generate them.', decodeSeconds),
      counter('n_decode_total', 'Engine steps.', this.#steps),
      counter('n_tokens_max', 'Longest sequence so far, in tokens.', this.#longest),
      counter('spec_decode_num_drafts_total', 'Drafts that were checked.', this.#drafts),
      counter('spec_decode_num_draft_tokens_total', 'Tokens of drafts.', this.#draftTokens),
      counter(
        'spec_decode_num_accepted_tokens_total',
        'Tokens of drafts that were right.',
        this.#acceptedDraftTokens,
      ),
      gauge(
        'prompt_tokens_seconds',
        'Prompt tokens a second, on average.',
        ratio(this.#promptTokens, promptSeconds),
      ),
      gauge(
        'predicted_tokens_seconds',
        'New tokens a second, on average.',
        ratio(this.#decodedTokens, decodeSeconds),
      ),
      gauge('requests_processing', 'Sequences being generated.', sum('running')),
      gauge('requests_deferred', 'Sequences waiting for a place.', sum('waiting')),
      gauge('n_busy_slots_per_decode', 'Sequences in a step, on average.', ratio(this.#busy, this.#steps)),
    ].join('')
  }

  #finished({ usage, timings }: ChoiceDone): void {
    const { promptTokens, cachedTokens, completionTokens } = usage
    this.#promptTokens += promptTokens - cachedTokens
    this.#cachedTokens += cachedTokens
    this.#promptMillis += timings.prefillMillis
    this.#newTokens += completionTokens
    this.#decodedTokens += Math.max(0, completionTokens - 1)
    this.#decodeMillis += timings.decodeMillis
    this.#longest = Math.max(this.#longest, promptTokens + completionTokens)
  }
}

const metric = (kind: string, name: string, help: string, value: number): string =>
  `# HELP llamacpp:${name} ${help}\n# TYPE llamacpp:${name} ${kind}\nllamacpp:${name} ${value}\n`
const counter = (name: string, help: string, value: number): string => metric('counter', name, help, value)
const gauge = (name: string, help: string, value: number): string => metric('gauge', name, help, value)
const ratio = (of: number, to: number): number => (to > 0 ? of / to : 0)
