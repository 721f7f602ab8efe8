/**
 * Runs a command with limits on time and output: kills the whole process group at the timeout, and does not wait for a process stuck in the
 * kernel.
 */

import { spawn } from 'node:child_process'
import { formatMillis } from '@hadal/base'

export interface RunOptions {
  readonly limitMillis: number
  readonly env: Readonly<Record<string, string | undefined>>
  readonly signal?: AbortSignal | undefined
  readonly maxBytes?: number
}

/** What a command printed, or why it failed. */
export type CommandOutput =
  | { readonly text: string; readonly isCut?: boolean }
  | {
      readonly failed: 'absent' | 'refused' | 'timed-out' | 'exited' | 'unreadable'
      /** For display: `exit code 9`, `no response within 10 s`. */
      readonly detail: string
      /** Output up to the failure. */
      readonly text?: string
    }

const usualMaxBytes = 4 * 2 ** 20
/** Grace period after SIGKILL: a process blocked on a device may never exit. */
const goodbyeMillis = 500

/** Standard output; on failure, both streams. Never rejects. */
export function runCommand(
  [program = '', ...args]: readonly string[],
  { limitMillis, env, signal, maxBytes = usualMaxBytes }: RunOptions,
): Promise<CommandOutput> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...env, LC_ALL: 'C', LANG: 'C', LANGUAGE: '' },
      detached: process.platform !== 'win32',
      windowsHide: true,
    })
    // Output beyond the limit is dropped.
    const out = keepStart(maxBytes, () => endSoon(() => ({ text: out.text(), isCut: true })))
    const error = keepStart(maxBytes, () => {})
    child.stdout.on('data', out.add)
    child.stderr.on('data', error.add)
    let goodbye: NodeJS.Timeout | undefined
    let outcome: (() => CommandOutput) | undefined
    const end = (reading: CommandOutput): void => {
      clearTimeout(limit)
      clearTimeout(goodbye)
      signal?.removeEventListener('abort', stop)
      // Other holders of the pipes must not delay this.
      child.stdout.destroy()
      child.stderr.destroy()
      child.unref()
      resolve(reading)
    }
    const endSoon = (how: () => CommandOutput): void => {
      outcome ??= how
      killGroup(child.pid)
      goodbye ??= setTimeout(() => end(outcome!()), goodbyeMillis)
    }
    const stop = (): void =>
      endSoon(() => ({
        failed: 'timed-out',
        detail: signal?.aborted ? 'there was no time left' : `no end within ${formatMillis(limitMillis)}`,
        ...said(out.text() + error.text()),
      }))
    const limit = setTimeout(stop, limitMillis)
    signal?.addEventListener('abort', stop, { once: true })
    if (signal?.aborted) stop()
    child.once('error', (thrown: NodeJS.ErrnoException) => end(notStarted(program, thrown)))
    // An orphaned child may keep the pipes open indefinitely.
    child.once('exit', (code, killedBy) =>
      endSoon(() =>
        code === 0
          ? { text: out.text(), ...(out.isCut() && { isCut: true }) }
          : {
              failed: 'exited',
              detail: killedBy === null ? `exit code ${code}` : `ended by ${killedBy}`,
              ...said(out.text() + error.text()),
            },
      ),
    )
    child.once('close', () => outcome !== undefined && end(outcome()))
  })
}

function notStarted(program: string, { code, message }: NodeJS.ErrnoException): CommandOutput {
  if (code === 'ENOENT') return { failed: 'absent', detail: `there is no program ${program}` }
  if (code === 'EACCES' || code === 'EPERM') return { failed: 'refused', detail: `${program} may not be run` }
  return { failed: 'unreadable', detail: message }
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL')
  } catch {}
}

const said = (text: string): { text?: string } => (text === '' ? {} : { text })

function keepStart(
  maxBytes: number,
  onCut: () => void,
): {
  add: (chunk: Buffer) => void
  text: () => string
  isCut: () => boolean
} {
  const chunks: Buffer[] = []
  let left = maxBytes
  let wasCut = false
  return {
    add(chunk) {
      if (left > 0) chunks.push(chunk.subarray(0, left))
      if (chunk.length > left && !wasCut) {
        wasCut = true
        onCut()
      }
      left = Math.max(0, left - chunk.length)
    },
    text: () => Buffer.concat(chunks).toString('utf8'),
    isCut: () => wasCut,
  }
}
