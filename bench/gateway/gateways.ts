/** What stands in front of the replicas: `hadal serve` with an upstream as its only model, or the package behind a bare HTTP server. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { freePort } from '@hadal/base/free-port'
import { parseMetricsText } from '@hadal/protocol'
import { startProgram } from './program.ts'

export type GatewayKind = 'hadal serve' | 'bare'

export interface GatewayCounts {
  readonly retried: number
  readonly hedged: number
}

export interface Gateway extends AsyncDisposable {
  readonly url: string
  counts(): Promise<GatewayCounts>
}

/** `options` are those of an upstream; the model is called `m`. */
export async function startGateway(
  kind: GatewayKind,
  options: Readonly<Record<string, unknown>>,
): Promise<Gateway> {
  if (kind === 'hadal serve') return serving(options)
  const front = await startProgram('front.mjs', JSON.stringify({ id: 'm', ...options }))
  return {
    url: front.url,
    counts: async () => (await (await fetch(front.url)).json()) as GatewayCounts,
    [Symbol.asyncDispose]: () => front[Symbol.asyncDispose](),
  }
}

const readyWithinMillis = 60_000

async function serving(upstream: Readonly<Record<string, unknown>>): Promise<Gateway> {
  const port = await freePort()
  const hadal = fileURLToPath(new URL('../../packages/apps/cli/bin/hadal.js', import.meta.url))
  const child = spawn(process.execPath, [hadal, 'serve', '--port', String(port)], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, HADAL_MODELS: JSON.stringify([{ id: 'm', upstream }]) },
  })
  let errors = ''
  child.stderr.on('data', (text: Buffer) => {
    errors = (errors + text.toString()).slice(-4000)
  })
  let isStopped = false
  child.once('exit', (code, signal) => {
    if (!isStopped) console.error(`hadal serve ended (${code ?? signal}):\n${errors}`)
  })
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    isStopped = true
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  const url = `http://127.0.0.1:${port}`
  const until = performance.now() + readyWithinMillis
  while (!(await isReady(url))) {
    if (child.exitCode !== null || performance.now() > until) {
      await stop()
      throw new Error(`hadal serve did not become ready:\n${errors}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return {
    url,
    counts: async () => {
      const { samples } = parseMetricsText(await (await fetch(`${url}/metrics`)).text())
      const read = (name: string): number =>
        samples.find((sample) => sample.name === name)?.value ?? Number.NaN
      return { retried: read('hadal_upstream_retries_total'), hedged: read('hadal_upstream_hedges_total') }
    },
    [Symbol.asyncDispose]: stop,
  }
}

const isReady = (url: string): Promise<boolean> =>
  fetch(`${url}/ready`).then(
    ({ ok }) => ok,
    () => false,
  )
