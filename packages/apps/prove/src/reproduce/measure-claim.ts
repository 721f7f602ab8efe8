/** One claim in a separate process: started, logged, and ended at its limit or when the user stops. */

import { createWriteStream, existsSync } from 'node:fs'
import { mkdir, readFile, rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { formatMillis, JobProcess, messageOf, type ProgramEntry } from '@hadal/base'
import type { Claim } from '../claim.ts'
import { claimCrashed, claimFailed, claimTimedOut } from '../errors.ts'
import { failureOf } from '../report/judge-raw.ts'
import type { ClaimFailure } from '../report/prove-report.ts'
import type { ClaimJob, ClaimMessage } from '../run/claim-job.ts'

export interface MeasureOptions {
  readonly program: ProgramEntry
  readonly job: Omit<ClaimJob, 'module' | 'id' | 'folder' | 'rawFile'>
  readonly moduleOf: (id: string) => string
  /** Folder of this claim: `raw.json`, `log.txt`, and its own `files`. Earlier contents are deleted. */
  readonly folder: string
  readonly limitMillis: number
  /** Between SIGTERM and SIGKILL. */
  readonly graceMillis: number
  readonly env: Readonly<Record<string, string | undefined>>
  readonly onNote: (text: string) => void
}

/** `stopped`: the user did. */
export type Measured = { readonly rawText: string } | { readonly failure: ClaimFailure } | 'stopped'

export const rawFileName = 'raw.json'
export const logFileName = 'log.txt'

/** Rejects only where the folder cannot be written. */
export async function measureClaim(
  { id, env = {} }: Pick<Claim, 'id' | 'env'>,
  options: MeasureOptions,
  stop: AbortSignal,
): Promise<Measured> {
  const { folder, limitMillis } = options
  const files = join(folder, 'files')
  await rm(folder, { recursive: true, force: true })
  await mkdir(files, { recursive: true })
  const rawFile = join(folder, rawFileName)
  const log = createWriteStream(join(folder, logFileName))
  let lastWords = ''
  let failure: ClaimFailure | undefined
  const keep = (text: string): void => {
    log.write(text)
    lastWords = text.trim() === '' ? lastWords : text
  }
  const job: ClaimJob = { ...options.job, module: options.moduleOf(id), id, folder: files, rawFile }
  try {
    const child = await JobProcess.start({
      program: options.program,
      args: [JSON.stringify(job)],
      graceMillis: options.graceMillis,
      input: undefined,
      env: { ...options.env, ...env },
      folder,
      onOutput: keep,
      onNote: keep,
      onMessage(message) {
        const told = message as ClaimMessage
        if (told.about === 'note') options.onNote(told.text)
        else failure = failureOf(told.error)
      },
    })
    const limit = AbortSignal.timeout(limitMillis)
    const { code, signal } = await untilEnd(child, AbortSignal.any([stop, limit]))
    if (code === 0 && existsSync(rawFile)) return { rawText: await readFile(rawFile, 'utf8') }
    if (stop.aborted) return 'stopped'
    if (limit.aborted) return { failure: failureOf(claimTimedOut(id, formatMillis(limitMillis))) }
    if (failure !== undefined) return { failure }
    return { failure: failureOf(claimCrashed(id, signal ?? `exit code ${code}`, lastLine(lastWords))) }
  } catch (thrown) {
    return { failure: failureOf(claimFailed(id, messageOf(thrown))) }
  } finally {
    log.end()
    // Stays where something is in it.
    await rmdir(files).catch(() => undefined)
  }
}

async function untilEnd(child: JobProcess, end: AbortSignal): Promise<Awaited<JobProcess['ended']>> {
  const stop = (): void => void child.end()
  end.addEventListener('abort', stop, { once: true })
  if (end.aborted) stop()
  try {
    return await child.ended
  } finally {
    end.removeEventListener('abort', stop)
  }
}

const maxWords = 300

function lastLine(text: string): string {
  const line = text.trim().split('\n').at(-1)!.trim()
  return line.length > maxWords ? `${line.slice(0, maxWords)}…` : line
}
