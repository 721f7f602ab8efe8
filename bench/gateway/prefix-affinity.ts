/**
 * Conversations of several turns over real engines: how much of each prompt the engine that was asked had in its cache. Engines
 * are started anew for each way of routing, and have the same conversations.
 */

import { createUpstream, type Routing, type Upstream } from '@hadal/upstream'
import { percentileOf } from '../overload/overload.ts'
import { hadal } from '../serving/contenders.ts'

export interface PrefixPlan {
  readonly model: string
  readonly replicas: number
  readonly conversations: number
  /** Conversations at the same time. */
  readonly atOnce: number
  readonly turns: number
  /** Instructions that several conversations share. */
  readonly systems: number
  readonly engineFlags: string
}

export interface PrefixRun {
  readonly routing: Routing
  readonly requests: number
  readonly promptTokens: number
  readonly cachedTokens: number
  readonly hitRate: number
  readonly firstP50: number
  /** Requests whose beginning was known, and whose replica for it was free to take them. */
  readonly prefixHits: number
  /** Requests of each replica. */
  readonly shares: readonly number[]
}

const pauseMillis = (index: number, turn: number): number => 50 + ((index * 37 + turn * 53) % 200)

interface Turn {
  readonly role: 'system' | 'user' | 'assistant'
  readonly content: string
}

const words =
  'river stone house light winter garden paper window music table horse market bridge forest letter clock ocean mountain doctor teacher bread silver'.split(
    ' ',
  )
const wordsOf = (seed: number, count: number): string =>
  Array.from({ length: count }, (_, at) => words[(seed * 7 + at * (seed + 3) + at * at) % words.length]).join(
    ' ',
  )

export async function prefixAffinity(plan: PrefixPlan, routing: Routing): Promise<PrefixRun> {
  const { model, replicas, conversations, atOnce, turns, systems, engineFlags } = plan
  const setup = { model, threads: 1, sequences: 8, context: 512 }
  const engines = await Promise.all(Array.from({ length: replicas }, () => hadal(engineFlags).start(setup)))
  try {
    await using upstream = createUpstream({
      id: 'm',
      model: 'bench',
      replicas: engines.map(({ url }) => url),
      routing,
      maxConcurrentPerReplica: 8,
    })
    await upstream.ready()
    const rows: Row[] = []
    let next = 0
    const talk = async (): Promise<void> => {
      while (next < conversations) {
        const index = next
        next += 1
        const history: Turn[] = [
          { role: 'system', content: `You know about ${wordsOf(index % systems, 40)}.` },
        ]
        for (let turn = 0; turn < turns; turn += 1) {
          history.push({ role: 'user', content: `What does ${wordsOf(index * 31 + turn, 10)} mean?` })
          const row = await say(upstream, `${index}-${turn}`, history)
          rows.push(row)
          // People read what they were told.
          await new Promise((resolve) => setTimeout(resolve, pauseMillis(index, turn)))
          history.push({ role: 'assistant', content: row.said })
        }
      }
    }
    await Promise.all(Array.from({ length: atOnce }, talk))
    const sum = (read: (row: Row) => number): number => rows.reduce((total, row) => total + read(row), 0)
    const [promptTokens, cachedTokens] = [sum((row) => row.promptTokens), sum((row) => row.cachedTokens)]
    return {
      routing,
      requests: rows.length,
      promptTokens,
      cachedTokens,
      hitRate: cachedTokens / promptTokens,
      firstP50: percentileOf(
        rows.map(({ firstMillis }) => firstMillis),
        0.5,
      ),
      prefixHits: upstream.snapshot().prefixHits,
      shares: engines.map(({ url }) => rows.filter(({ replica }) => replica === url).length),
    }
  } finally {
    await Promise.all(engines.map((engine) => engine[Symbol.asyncDispose]()))
  }
}

interface Row {
  readonly promptTokens: number
  readonly cachedTokens: number
  readonly firstMillis: number
  readonly replica: string
  readonly said: string
}

async function say(upstream: Upstream, id: string, messages: readonly Turn[]): Promise<Row> {
  const begin = performance.now()
  const answer = await upstream.relay({
    id,
    path: '/v1/chat/completions',
    body: { model: 'm', messages, max_tokens: 20, temperature: 0, stream: true },
  })
  const firstMillis = performance.now() - begin
  const pieces: Uint8Array[] = []
  for await (const bytes of answer.body) pieces.push(bytes)
  const usage = await answer.usage
  if (usage === undefined) throw new Error('an answer without usage')
  const { promptTokens, cachedTokens } = usage
  return {
    promptTokens,
    cachedTokens,
    firstMillis,
    replica: answer.replica,
    said: textOf(Buffer.concat(pieces).toString()),
  }
}

function textOf(events: string): string {
  const contents = [...events.matchAll(/^data: (\{.*\})$/gm)].map(([, json]) => {
    const { choices } = JSON.parse(json!) as { choices: { delta: { content?: string } }[] }
    return choices[0]?.delta.content ?? ''
  })
  return contents.join('')
}
