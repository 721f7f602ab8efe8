/**
 * Requests without end on a server whose readers leave, dawdle, and whose engine process is killed every now and then. Every
 * request must have exactly one outcome: its own answer, an error that says why, or its reader's leaving; and afterwards
 * nothing may be left behind. What an answer must be is known: greedy text of a model that says the same alone and in company.
 */

import { Agent } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseMetricsText } from '@hadal/protocol'
import { descriptorsOf, engineOf, residentMiB } from '../processes.ts'
import { type StreamedCompletion, streamCompletion } from '../stream-completion.ts'

export interface SoakPlan {
  readonly requests: number
  readonly clients: number
  /** The engine process is killed so often; the last tenth of the requests is left in peace. */
  readonly killMillis: number
  readonly maxTokens: number
  readonly seed: number
}

export interface SoakReport {
  /** How many requests ended how. */
  readonly outcomes: Readonly<Record<string, number>>
  readonly kills: number
  readonly seconds: number
  /** What must not be: wrong answers, requests without an outcome, things left behind. Empty when all is well. */
  readonly faults: readonly string[]
  readonly memory: readonly {
    readonly second: number
    readonly serverMiB: number
    readonly engineMiB: number
  }[]
  /** Open descriptors of the server, idle, before and after. */
  readonly descriptors: readonly [before: number, after: number]
}

/** What clients are told when there is no place or no process. */
const expectedErrors = ['queue_full', 'engine_crashed', 'engine_restarting', 'deadline_unmet']
/** A request that takes longer has no outcome. */
const patienceMillis = 60_000
/** Greedy answers differ from their first token on, nearly all. */
const prompts = [
  ...['The cat', 'The dog', 'The sun', 'One day a king', 'Mom said', 'A big red ball', 'In the river'],
  ...['Tom and Sue', 'The old tree', 'At night', 'She ran', 'He was sad', 'A bird', 'Every day', 'I like'],
]

export async function soak(
  { url, pid }: { readonly url: string; readonly pid: number },
  plan: SoakPlan,
  onProgress: (done: number) => void = () => {},
): Promise<SoakReport> {
  const run = new Soak(url, pid, plan)
  return await run.run(onProgress)
}

class Soak {
  readonly #url: string
  readonly #pid: number
  readonly #plan: SoakPlan
  readonly #random: () => number
  readonly #outcomes: Record<string, number> = {}
  readonly #faults: string[] = []
  /** By prompt. */
  readonly #answers = new Map<string, string>()
  readonly #ids = new Set<string>()
  readonly #memory: SoakReport['memory'][number][] = []
  #agent = new Agent({ keepAlive: true })
  #started = 0
  #kills = 0

  constructor(url: string, pid: number, plan: SoakPlan) {
    this.#url = url
    this.#pid = pid
    this.#plan = plan
    this.#random = seeded(plan.seed)
  }

  async run(onProgress: (done: number) => void): Promise<SoakReport> {
    for (const prompt of prompts) this.#answers.set(prompt, await this.#ask(prompt))
    if (new Set(this.#answers.values()).size < 0.75 * prompts.length)
      throw new Error('the model says the same to all: wrong answers would not show')
    const before = await this.#idleDescriptors()
    const begin = performance.now()
    const stop = new AbortController()
    const killing = this.#kill(stop.signal)
    const watching = this.#watch(begin, stop.signal)
    const client = async (): Promise<void> => {
      while (this.#started < this.#plan.requests) {
        this.#started += 1
        await this.#one()
        onProgress(this.#started)
      }
    }
    await Promise.all(Array.from({ length: this.#plan.clients }, client))
    const seconds = (performance.now() - begin) / 1000
    stop.abort()
    await Promise.all([killing, watching])
    const after = await this.#idleDescriptors()
    if (after > before) this.#faults.push(`${after - before} descriptors were left open`)
    for (const prompt of prompts) await this.#expectSame(prompt)
    this.#agent.destroy()
    return {
      outcomes: this.#outcomes,
      kills: this.#kills,
      seconds,
      faults: this.#faults,
      memory: this.#memory,
      descriptors: [before, after],
    }
  }

  #send(
    prompt: string,
    options: { signal: AbortSignal; whole?: boolean; onText?: () => Promise<void> },
  ): Promise<StreamedCompletion> {
    const body = { prompt, max_tokens: this.#plan.maxTokens, temperature: 0, ignore_eos: true }
    return streamCompletion(`${this.#url}/v1/completions`, body, { agent: this.#agent, ...options })
  }

  async #ask(prompt: string): Promise<string> {
    const answer = await this.#send(prompt, { signal: AbortSignal.timeout(patienceMillis) })
    if (!answer.complete || answer.errorCode !== undefined)
      throw new Error(`no answer when nothing was wrong: ${answer.errorCode ?? answer.broken}`)
    return textOf(answer)
  }

  async #expectSame(prompt: string): Promise<void> {
    const text = await this.#ask(prompt)
    if (text !== this.#answers.get(prompt)) this.#faults.push(`afterwards ${prompt}: ${JSON.stringify(text)}`)
  }

  /** One request of a reader of some kind. */
  async #one(): Promise<void> {
    const prompt = prompts[Math.floor(this.#random() * prompts.length)]!
    const [kind, when, whole] = [this.#random(), this.#random(), this.#random() < 0.2]
    const leaving = new AbortController()
    const late = setTimeout(() => leaving.abort(), patienceMillis)
    let left = false
    const leave = (): void => {
      left = true
      leaving.abort()
    }
    let pieces = 0
    const onText = async (): Promise<void> => {
      pieces += 1
      if (kind < 0.15 && pieces > when * this.#plan.maxTokens) leave()
      else if (kind > 0.9) await sleep(when * 30)
    }
    const early = kind >= 0.15 && kind < 0.25 ? setTimeout(leave, when * 50) : undefined
    const answer = await this.#send(prompt, { signal: leaving.signal, whole, onText })
    clearTimeout(late)
    clearTimeout(early)
    const outcome = this.#judge(prompt, answer, left)
    this.#outcomes[outcome] = (this.#outcomes[outcome] ?? 0) + 1
    // Whoever was told to come back waits a little.
    if (answer.errorCode !== undefined) await sleep(20 + when * 80)
  }

  #judge(prompt: string, answer: StreamedCompletion, left: boolean): string {
    const text = textOf(answer)
    const wanted = this.#answers.get(prompt)!
    const { status, errorCode, broken, complete, ids } = answer
    const fault = (what: string): string => {
      this.#faults.push(
        `${what}: ${JSON.stringify({ status, errorCode, broken, complete, ids, prompt, text, wanted })}`,
      )
      return what
    }
    for (const id of ids) {
      if (this.#ids.has(id)) return fault('an answer twice')
      this.#ids.add(id)
    }
    if (ids.length > 1) return fault('two answers in one')
    if (!wanted.startsWith(text)) return fault('a wrong answer')
    if (broken === 'aborted') return left ? 'left' : fault('no outcome')
    if (broken !== undefined) return fault('a broken connection')
    if (errorCode !== undefined)
      return expectedErrors.includes(errorCode) ? errorCode : fault('an unexpected error')
    if (!complete || text !== wanted) return fault('an incomplete answer')
    return 'answered'
  }

  async #kill(signal: AbortSignal): Promise<void> {
    for (;;) {
      await sleep(this.#plan.killMillis, undefined, { signal }).catch(() => {})
      if (signal.aborted || this.#started > 0.9 * this.#plan.requests) return
      const engine = engineOf(this.#pid)
      if (engine === undefined) continue
      process.kill(engine, 'SIGKILL')
      this.#kills += 1
    }
  }

  async #watch(begin: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const engine = engineOf(this.#pid)
      this.#memory.push({
        second: (performance.now() - begin) / 1000,
        serverMiB: residentMiB(this.#pid),
        engineMiB: engine === undefined ? 0 : residentMiB(engine),
      })
      await sleep(1000, undefined, { signal }).catch(() => {})
    }
  }

  /** When nobody asks any more: all slots and cells free, nobody counted as running. Returns the server's open descriptors. */
  async #idleDescriptors(): Promise<number> {
    this.#agent.destroy()
    this.#agent = new Agent({ keepAlive: true })
    const until = performance.now() + 10_000
    let busy = await this.#busy()
    while (busy.length > 0 && performance.now() < until) {
      await sleep(50)
      busy = await this.#busy()
    }
    this.#faults.push(...busy.map((what) => `left behind: ${what}`))
    // Connections that were closed here close there a moment later.
    await sleep(500)
    return descriptorsOf(this.#pid)
  }

  async #busy(): Promise<string[]> {
    const get = async (path: string): Promise<Response> =>
      await fetch(this.#url + path, { headers: { connection: 'close' } })
    const slots = (await (await get('/slots')).json()) as { id: number; is_processing: boolean }[]
    const { samples } = parseMetricsText(await (await get('/metrics')).text())
    const gauges = ['num_requests_running', 'num_requests_waiting', 'kv_cache_usage_perc']
    const values = gauges.map((name) => {
      const value = samples.find((sample) => sample.name === `vllm:${name}`)?.value
      return value === undefined ? `no gauge ${name}` : value === 0 ? '' : `${name} ${value}`
    })
    const held = slots.filter((slot) => slot.is_processing).map(({ id }) => `slot ${id}`)
    return [...held, ...values.filter((value) => value !== '')]
  }
}

const textOf = ({ pieces }: StreamedCompletion): string => pieces.map(({ text }) => text).join('')

/** mulberry32. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
