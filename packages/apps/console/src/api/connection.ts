/**
 * Connection and readiness state, from every request and from polling /ready: often while there is a problem, otherwise occasionally.
 * /ready needs no key.
 */

import { createStore, type Store } from '../store.ts'

/** `starting`: the server answers, its model is not there (yet, or again). `ending`: it takes no new requests. */
export type Connection = 'up' | 'starting' | 'ending' | 'down'

export const connection: Store<Connection> = createStore<Connection>('up')

const calmMillis = 10_000
const longestMillis = 5000
let timer: ReturnType<typeof setTimeout> | undefined
let asking: Promise<void> | undefined
let failures = 0
let isWatching = false

/**
 * Records each request: whether a response arrived. A response that reports a missing model triggers a
 * request to /ready.
 */
export function heard(didAnswer: boolean, status?: number): void {
  if (!didAnswer) connection.set('down')
  if (isWatching && (!didAnswer || status === 503 || connection.get() === 'down')) void ask()
}

/** From now on, until the function it returns is called. */
export function watchConnection(): () => void {
  isWatching = true
  void ask()
  const look = (): void => void (document.hidden || ask())
  document.addEventListener('visibilitychange', look)
  addEventListener('online', look)
  return () => {
    isWatching = false
    clearTimeout(timer)
    document.removeEventListener('visibilitychange', look)
    removeEventListener('online', look)
  }
}

/** At once, as a person asks for it. */
export const askAgain = (): void => void ask()

/** Once there is a server that answers, whether or not its model does. */
export async function untilAnswered(): Promise<void> {
  // A response already in flight may be older than the reason for this request.
  await asking
  await ask()
  while (connection.get() === 'down')
    await new Promise<void>((resolve) => {
      const forget = connection.subscribe(() => {
        forget()
        resolve()
      })
    })
}

/** One question at a time. */
function ask(): Promise<void> {
  asking ??= askOnce().finally(() => {
    asking = undefined
  })
  return asking
}

async function askOnce(): Promise<void> {
  clearTimeout(timer)
  const said = await readiness()
  connection.set(said)
  failures = said === 'up' ? 0 : failures + 1
  if (isWatching) timer = setTimeout(later, pauseMillis(failures))
}

function later(): void {
  if (document.hidden) timer = setTimeout(later, calmMillis)
  else void ask()
}

/** 500 ms after the first failure, doubled with each up to 5 s; 10 s while all is well. */
export function pauseMillis(failed: number): number {
  return failed === 0 ? calmMillis : Math.min(longestMillis, 500 * 2 ** (failed - 1))
}

async function readiness(): Promise<Connection> {
  try {
    const answer = await fetch('/ready', { signal: AbortSignal.timeout(5000) })
    const body: unknown = await answer.json().catch(() => undefined)
    return connectionOf(answer.status, body)
  } catch {
    return 'down'
  }
}

/** State from the /ready response; a foreign response comes from a proxy in front of a server that is down. */
export function connectionOf(status: number, body: unknown): Connection {
  if (status === 200) return 'up'
  const said = (body as { status?: unknown } | undefined)?.status
  if (typeof said !== 'string') return 'down'
  return said === 'draining' ? 'ending' : 'starting'
}
