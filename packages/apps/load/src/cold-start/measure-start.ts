/** One cold start of `hadal serve`: a fresh process, its first request, its phase timings, its shutdown. */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { parseMetricsText } from '@hadal/protocol'
import { serviceNotStarted } from '../errors.ts'
import { StreamClient } from '../load/stream-client.ts'

export interface ColdStart {
  /** From process spawn until it prints its URL; /ready succeeds from then on. */
  readonly readyMillis: number
  /** From sending the first request to its first text. */
  readonly firstRequestMillis: number
  /** From process spawn to that text. */
  readonly firstTokenMillis: number
  readonly promptTokens: number
  /** Cached tokens of the first prompt. */
  readonly cachedTokens: number
  /** Engine phases in milliseconds: `hadal_start_seconds`. */
  readonly phases: Readonly<Record<string, number>>
}

const requestTimeoutMillis = 300_000

/** A service, started. */
export interface StartedService extends AsyncDisposable {
  readonly url: string
  readonly spawnedAt: number
  readonly readyAt: number
}

/** `program` runs `hadal`. Throws `service_not_started`. */
export async function startService(
  program: string,
  flags: readonly string[],
  signal: AbortSignal,
): Promise<StartedService> {
  signal.throwIfAborted()
  const spawnedAt = performance.now()
  const child = spawn(process.execPath, [program, 'serve', '--port', '0', '--host', '127.0.0.1', ...flags], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1' },
  })
  const abort = (): void => void child.kill('SIGKILL')
  signal.addEventListener('abort', abort, { once: true })
  try {
    const url = await addressOf(child)
    return {
      url,
      spawnedAt,
      readyAt: performance.now(),
      async [Symbol.asyncDispose]() {
        signal.removeEventListener('abort', abort)
        await end(child)
      },
    }
  } catch (thrown) {
    await end(child)
    signal.throwIfAborted()
    throw thrown
  }
}

/** The line that `serve` prints once it serves. */
function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let [printed, errors] = ['', '']
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      printed += text
      const url = /http:\/\/[\d.]+:\d+/.exec(printed)?.[0]
      if (url !== undefined) resolve(url)
    })
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      errors = (errors + text).slice(-4000)
    })
    child.on('error', (error) => reject(serviceNotStarted(error.message)))
    child.on('close', () => reject(serviceNotStarted(errors.trim())))
  })
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  child.kill('SIGTERM')
  await once(child, 'exit')
}

/** Sends `prompt` and waits for the complete response. Throws `service_not_started` if it is rejected. */
export async function askOnce(
  url: string,
  prompt: string,
): Promise<{ ttftMillis: number; promptTokens: number; cachedTokens: number }> {
  const client = new StreamClient({
    url,
    model: '',
    endpoint: 'completions',
    extraBody: { ignore_eos: true },
    timeoutMillis: requestTimeoutMillis,
  })
  try {
    const { error, ttftMillis, promptTokens, cachedTokens } = await client.measure({ prompt, maxTokens: 4 })
    if (error !== undefined || ttftMillis === undefined)
      throw serviceNotStarted(`its first request failed: ${error ?? 'no text came'}`)
    return { ttftMillis, promptTokens: promptTokens ?? 0, cachedTokens: cachedTokens ?? 0 }
  } finally {
    client.close()
  }
}

export async function measureStart(
  program: string,
  flags: readonly string[],
  prompt: string,
  signal: AbortSignal,
): Promise<ColdStart> {
  await using service = await startService(program, flags, signal)
  const { url, spawnedAt, readyAt } = service
  const requestedAt = performance.now()
  const { ttftMillis, promptTokens, cachedTokens } = await askOnce(url, prompt)
  return {
    readyMillis: readyAt - spawnedAt,
    firstRequestMillis: ttftMillis,
    firstTokenMillis: requestedAt - spawnedAt + ttftMillis,
    promptTokens,
    cachedTokens,
    phases: phasesIn(await (await fetch(`${url}/metrics`, { signal })).text()),
  }
}

/** `hadal_start_seconds{model_name="nano",phase="node"} 0.067`. */
export function phasesIn(metrics: string): Record<string, number> {
  const phases = parseMetricsText(metrics).samples.filter(({ name }) => name === 'hadal_start_seconds')
  return Object.fromEntries(phases.map(({ labels, value }) => [labels.phase!, value * 1000]))
}
