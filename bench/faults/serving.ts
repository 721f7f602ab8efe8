/** `hadal serve` for a scenario, with a folder, a key database and a way to read what it recorded. */

import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { HadalProcess, hadalBin, type ProcessPlace } from '../../packages/apps/cli/test/hadal-process.ts'
import { chat, type Requests } from './requests.ts'

export class TemporaryFolder implements Disposable {
  readonly path: string = mkdtempSync(join(tmpdir(), 'hadal-injected-'))

  file(name: string, content: string | Uint8Array): string {
    const path = join(this.path, name)
    writeFileSync(path, content)
    return path
  }

  folder(name: string): string {
    const path = join(this.path, name)
    mkdirSync(path, { recursive: true })
    return path
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}

export interface Serving extends AsyncDisposable {
  readonly hadal: HadalProcess
  readonly url: string
  readonly pid: number
}

export async function serve(flags: readonly string[], place: ProcessPlace = {}): Promise<Serving> {
  const args = ['serve', '--port', '0', '--threads', '1', '--guard', 'off', '--log-level', 'error', ...flags]
  const hadal = new HadalProcess(args, place)
  const [, url] = await hadal.printed(/(http:\/\/127\.0\.0\.1:\d+)\/v1\b/)
  return {
    hadal,
    url: url!,
    pid: hadal.child.pid!,
    [Symbol.asyncDispose]: () => hadal[Symbol.asyncDispose](),
  }
}

/** `hadal serve` with a config of `models`, none of which loads before its first request. */
export async function serveModels(
  folder: TemporaryFolder,
  models: readonly Readonly<Record<string, unknown>>[],
  flags: readonly string[] = [],
): Promise<Serving> {
  const config = folder.file('hadal.config.json', JSON.stringify({ models }))
  return await serve(['--config', config, ...flags])
}

/** Whether a chat completion succeeds within a time: the process works. */
export async function works(
  url: string,
  {
    key,
    model = 'nano',
    withinMillis = 30_000,
  }: { key?: string; model?: string; withinMillis?: number } = {},
): Promise<boolean> {
  const until = performance.now() + withinMillis
  do {
    const response = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        connection: 'close',
        ...(key !== undefined && { authorization: `Bearer ${key}` }),
      },
      body: JSON.stringify(chat(model, 2)),
      signal: AbortSignal.timeout(withinMillis),
    }).catch(() => undefined)
    await response?.text().catch(() => '')
    if (response?.status === 200) return true
    await sleep(100)
  } while (performance.now() < until)
  return false
}

const command = (args: readonly string[]): string =>
  execFileSync(process.execPath, [hadalBin, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })

export const createKey = (database: string): string =>
  command(['keys', 'create', 'blue', '--database', database]).trim()

/** Requests on record in a key database. */
export function recordedRequests(database: string): number {
  const usage = JSON.parse(command(['usage', '--by', 'key', '--json', '--database', database])) as unknown
  return (
    JSON.stringify(usage)
      .match(/"requests":(\d+)/g)
      ?.reduce((sum, each) => sum + Number(each.slice(11)), 0) ?? 0
  )
}

/** Stops the process and compares the usage on record with the responses, of which `probes` are those of `works`. */
export async function compareUsage(
  { hadal }: Serving,
  database: string,
  requests: Requests,
  probes: number,
): Promise<string> {
  hadal.child.kill('SIGTERM')
  await hadal.ended()
  const answered = (await requests.account(0, 0)).answered + probes
  const records = recordedRequests(database)
  requests.recorded(records, answered)
  return `${records} usage records for ${answered} responses`
}

export async function until(condition: () => boolean | Promise<boolean>, millis = 30_000): Promise<boolean> {
  const end = performance.now() + millis
  while (!(await condition())) {
    if (performance.now() > end) return false
    await sleep(50)
  }
  return true
}
