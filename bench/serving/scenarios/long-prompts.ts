/** Streams that run while long prompts arrive one after another: what the prompts cost the streams, and the streams them. */

import { median, summarize } from 'hadal'
import { type StreamedCompletion, streamCompletion } from '../../stream-completion.ts'
import { words } from '../make-model.ts'
import { contextFor, type Scenario, type ScenarioFlags } from '../scenario.ts'

const shortTokens = 32
/** Of a long prompt's answer. */
const longOutputTokens = 8
/** Of each stream, before the first long prompt. */
const calmTokens = 32

export function longPrompts(flags: ScenarioFlags): Scenario {
  const streams = Number(flags.concurrency ?? 8)
  const promptTokens = Number(flags['prompt-tokens'] ?? 4000)
  const count = Number(flags['long-prompts'] ?? 3)
  const context = contextFor(promptTokens + longOutputTokens)
  return {
    says: `${streams} streams run; after ${calmTokens} tokens of each, ${count} prompts of ${promptTokens} tokens arrive one after another, each for ${longOutputTokens} new tokens; gaps between the streams' tokens count that overlap the time from a long prompt to its first token`,
    setup: { sequences: streams + 1, context },
    columns: [
      { key: 'itlP99', title: 'ITL p99 ms', better: 'less' },
      { key: 'itlP50', title: 'ITL p50 ms' },
      { key: 'itlMax', title: 'ITL max ms' },
      { key: 'gaps', title: 'gaps' },
      { key: 'streamTokensPerSecond', title: 'tokens/s of the streams' },
      { key: 'longTtftP50', title: 'TTFT of the long p50 ms', better: 'less' },
      { key: 'calmItlP50', title: 'ITL p50 before, ms' },
    ],
    async measure({ url }) {
      const target = `${url}/v1/completions`
      const request = (tokens: number, seed: number, maxTokens: number) => ({
        ...{ model: 'bench', prompt: promptOf(tokens, seed), max_tokens: maxTokens },
        ...{ temperature: 0, ignore_eos: true },
      })
      const leaving = new AbortController()
      const { signal } = leaving
      let calm = (): void => {}
      const allCalm = new Promise<void>((resolve) => (calm = resolve))
      let waiting = streams
      const running = Array.from({ length: streams }, (_, stream) => {
        let tokens = 0
        const onText = (): void => {
          tokens += 1
          if (tokens !== calmTokens) return
          waiting -= 1
          if (waiting === 0) calm()
        }
        const endless = context - 2 * shortTokens
        return streamCompletion(target, request(shortTokens, stream, endless), { signal, onText })
      })
      await Promise.race([allCalm, Promise.all(running)])
      const long: StreamedCompletion[] = []
      for (let at = 0; at < count; at += 1)
        long.push(await streamCompletion(target, request(promptTokens, 1000 + at, longOutputTokens)))
      leaving.abort()
      const ran = await Promise.all(running)
      for (const { broken, errorCode, pieces } of [...ran, ...long])
        if (errorCode !== undefined || (broken ?? 'aborted') !== 'aborted' || pieces.length === 0)
          throw new Error(`a request failed: ${errorCode ?? broken ?? 'no text'}`)
      if (ran.some(({ complete }) => complete)) throw new Error('a stream ended too early')
      return [{ load: `${streams} streams`, figures: figuresOf(ran, long) }]
    },
  }
}

function figuresOf(
  running: readonly StreamedCompletion[],
  long: readonly StreamedCompletion[],
): Record<string, number> {
  const times = long.map(({ sentAt, pieces }) => ({ from: sentAt, to: pieces[0]!.at }))
  const seconds = times.reduce((sum, { from, to }) => sum + (to - from), 0) / 1000
  const gaps = running.flatMap(({ pieces }) =>
    pieces.slice(1).map(({ at }, before) => ({ from: pieces[before]!.at, to: at })),
  )
  const millis = ({ from, to }: { from: number; to: number }): number => to - from
  const beside = gaps.filter((gap) => times.some(({ from, to }) => gap.from < to && gap.to > from))
  const calm = gaps.filter(({ to }) => to <= times[0]!.from)
  const itl = summarize(beside.map(millis))
  if (itl === undefined) throw new Error('no stream said anything')
  return {
    itlP99: itl.p99,
    itlP50: itl.p50,
    itlMax: itl.max,
    gaps: itl.count,
    streamTokensPerSecond: itl.count / seconds,
    longTtftP50: median(times.map(millis)),
    calmItlP50: median(calm.map(millis)),
  }
}

/** Words of one token each; the first ones are those of the seed. */
function promptOf(tokens: number, seed: number): string {
  const wordAt = (at: number): string => words[(seed * 31 + at * (7 + (seed % 5))) % words.length]!
  return Array.from({ length: tokens - 1 }, (_, at) => wordAt(at)).join(' ')
}
