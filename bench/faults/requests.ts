/** Sends requests with ids, and accounts for each one: answered once, refused with a code, lost, or duplicated. */

import { type Agent, request as httpRequest } from 'node:http'
import type { Outcome } from './scenario.ts'

export interface Sent {
  readonly id: string
  /** `answered`, `left` (by this client), `refused CODE` or `lost REASON`. */
  readonly outcome: string
  readonly status: number | undefined
  readonly text: string
}

export interface SendOptions {
  readonly path?: string
  readonly key?: string
  readonly agent?: Agent
  readonly timeoutMillis?: number
  /** The client closes the connection after this time. */
  readonly leaveMillis?: number
  /** Pause after each piece of the response. */
  readonly pauseMillis?: number
  readonly localAddress?: string
}

/** The body of a chat completion. */
export const chat = (model: string, tokens = 8, stream = false): Readonly<Record<string, unknown>> => ({
  ...{ model, stream, max_tokens: tokens, temperature: 0, ignore_eos: true },
  messages: [{ role: 'user', content: 'Hello! Who are you?' }],
})

export class Requests {
  readonly #url: string
  readonly #ids: string
  readonly #sent: Promise<Sent>[] = []
  #number = 0
  duplicated = 0
  readonly #lostRecords: Record<string, number> = {}

  /** `name` distinguishes ids of several processes. */
  constructor(url: string, name = 'request') {
    this.#url = url
    this.#ids = name
  }

  get count(): number {
    return this.#sent.length
  }

  send(body: unknown, options: SendOptions = {}): Promise<Sent> {
    this.#number += 1
    const sent = this.#one(`${this.#ids}-${this.#number}`, body, options)
    this.#sent.push(sent)
    return sent
  }

  /** `count` requests of `clients` that each wait for their response. */
  async load(
    count: number,
    clients: number,
    body: (index: number) => unknown,
    options: SendOptions = {},
  ): Promise<void> {
    let next = 0
    const client = async (): Promise<void> => {
      while (next < count) {
        next += 1
        await this.send(body(next), options)
      }
    }
    await Promise.all(Array.from({ length: clients }, client))
  }

  /** Compares the usage on record with what was answered. */
  recorded(records: number, answered: number): void {
    if (records < answered) this.#lostRecords['usage not recorded'] = answered - records
    if (records > answered) this.duplicated += records - answered
  }

  /** Waits for all requests. `mayLose`: the injected failure closes connections, which no server can prevent. */
  async account(
    injected: number,
    survived: number,
    {
      problems = [],
      note,
      mayLose = false,
    }: { problems?: readonly string[]; note?: string; mayLose?: boolean } = {},
  ): Promise<Outcome> {
    const refused: Record<string, number> = {}
    const lost: Record<string, number> = { ...this.#lostRecords }
    let [answered, left] = [0, 0]
    for (const { outcome } of await Promise.all(this.#sent)) {
      const [kind, ...rest] = outcome.split(' ')
      const what = rest.join(' ')
      if (kind === 'answered') answered += 1
      else if (kind === 'left') left += 1
      else if (kind === 'refused') refused[what] = (refused[what] ?? 0) + 1
      else lost[what] = (lost[what] ?? 0) + 1
    }
    const found = [...problems]
    if (survived < injected)
      found.push(`${injected - survived} of ${injected} injected failures were not survived`)
    for (const [what, times] of Object.entries(lost))
      if (!(mayLose && isClosed(what))) found.push(`${times} lost: ${what}`)
    if (this.duplicated > 0) found.push(`${this.duplicated} duplicated`)
    const leaving = left > 0 ? `${left} clients disconnected` : undefined
    const notes = [note, leaving].filter((each) => each !== undefined).join('; ')
    return {
      ...{ injected, survived, requests: this.#sent.length, answered, refused, lost },
      ...{ duplicated: this.duplicated, problems: found, ...(notes !== '' && { note: notes }) },
    }
  }

  #one(id: string, body: unknown, options: SendOptions): Promise<Sent> {
    const { path = '/v1/chat/completions', key, agent, leaveMillis, pauseMillis = 0, localAddress } = options
    const payload = JSON.stringify(body)
    return new Promise((resolve) => {
      let text = ''
      let status: number | undefined
      let left = false
      const timers: NodeJS.Timeout[] = []
      const end = (broken?: string): void => {
        for (const timer of timers) clearTimeout(timer)
        resolve({ id, status, text, outcome: left ? 'left' : outcomeOf(status, text, broken) })
      }
      const request = httpRequest(
        new URL(path, this.#url),
        {
          method: 'POST',
          agent: agent ?? false,
          ...(localAddress !== undefined && { localAddress }),
          headers: {
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(payload),
            'x-request-id': id,
            ...(key !== undefined && { authorization: `Bearer ${key}` }),
          },
        },
        (response) => {
          status = response.statusCode
          const echoed = response.headers['x-request-id']
          if (echoed !== undefined && echoed !== id) this.duplicated += 1
          response.setEncoding('utf8')
          response.on('data', (piece: string) => {
            text = (text.length > longestText ? text.slice(-1000) : text) + piece
            if (pauseMillis === 0) return
            response.pause()
            timers.push(setTimeout(() => response.resume(), pauseMillis))
          })
          response.on('end', () => end())
          response.on('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message))
        },
      )
      request.on('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message))
      const after = (millis: number, act: () => void): void => void timers.push(setTimeout(act, millis))
      after(options.timeoutMillis ?? 60_000, () => request.destroy(new Error('no response in time')))
      if (leaveMillis !== undefined)
        after(leaveMillis, () => {
          left = true
          request.destroy()
        })
      request.end(payload)
    })
  }
}

/** Of an endless response, the end is kept. */
const longestText = 1_000_000

export const isClosed = (what: string): boolean =>
  /^(?:lost )?(?:ECONNRESET|ECONNREFUSED|EPIPE|socket hang up)$/.test(what)

/** What became of a request: its status and body, and why its connection broke, if it did. */
function outcomeOf(status: number | undefined, text: string, broken?: string): string {
  if (broken !== undefined) return `lost ${broken}`
  const code = /"code":\s*"(\w+)"/.exec(text)?.[1]
  if (code === 'internal_error') return 'lost internal_error'
  if (status !== 200) {
    // The KServe protocol has only a message.
    const known = code ?? (/^\{"error":"./.test(text) ? `status ${status} with a message` : undefined)
    return known === undefined ? `lost status ${status} without a code` : `refused ${known}`
  }
  if (text.startsWith('{')) return isJson(text) ? 'answered' : 'lost truncated JSON'
  if (/^data: (?:\[DONE\]|\{"error")/m.test(text) || /"error":/.test(text))
    return text.includes('"error":')
      ? code === undefined
        ? 'lost error without a code'
        : `refused ${code}`
      : 'answered'
  if (text.startsWith('Success')) return 'answered'
  return /^(?:data|event|:)/.test(text) ? 'lost truncated stream' : 'lost unexpected body'
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
