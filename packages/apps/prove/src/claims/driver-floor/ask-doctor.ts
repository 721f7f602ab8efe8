/** The doctor's driver check: the check alone, and the whole command with a fake nvidia-smi. */

import { type Finding, gpuChecks, runChecks, type Severity } from '@hadal/doctor'
import type { ClaimContext } from '../../claim.ts'
import { runProgram } from '../../run-program.ts'
import { imitatedSmi, queryAnswer } from './imitated-smi.ts'

export interface Said {
  readonly driver: string
  readonly severity: Severity
  readonly says: string
}

const floorCheck = gpuChecks.filter(({ id }) => id === 'gpu-driver-floor')

/** Nothing but the answer of nvidia-smi is known: what else a machine has is none of its business. */
export function judgedAnswer(driver: string): Said {
  const readings = { 'nvidia-smi-query': { text: queryAnswer(driver) } }
  const { findings } = runChecks(floorCheck, { version: 1, takenAt: 0, readings })
  return said(driver, findings)
}

export interface Command extends Said {
  /** Exit code of `hadal doctor gpu`. */
  readonly code: number
  readonly seconds: number
}

/** `driver` undefined: whatever nvidia-smi this machine has. */
export async function askedCommand(
  { hadal, folder, signal }: ClaimContext,
  driver: string | undefined,
  shown: string,
): Promise<Command> {
  const env =
    driver === undefined
      ? {}
      : { PATH: `${await imitatedSmi(`${folder}/driver-${driver}`, driver)}:${process.env.PATH ?? ''}` }
  const began = performance.now()
  const { stdout, code } = await runProgram([...hadal, 'doctor', 'gpu', '--json'], {
    signal,
    cwd: folder,
    env,
    codes: [3, 4, 6],
  })
  const { findings } = JSON.parse(stdout) as { readonly findings: readonly Finding[] }
  return { ...said(shown, findings), code, seconds: (performance.now() - began) / 1000 }
}

function said(driver: string, findings: readonly Finding[]): Said {
  const { severity, says } = findings.find(({ id }) => id === 'gpu-driver-floor')!
  return { driver, severity, says }
}

/** Driver of this machine's GPU, the oldest reported; undefined if nvidia-smi is missing or fails. */
export async function realDriver(signal: AbortSignal): Promise<string | undefined> {
  try {
    const query = ['nvidia-smi', '--query-gpu=driver_version', '--format=csv,noheader']
    const { stdout } = await runProgram(query, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(10_000)]),
    })
    return /^\d{3,4}\.\d+(?:\.\d+)?$/m.exec(stdout)?.[0]
  } catch {
    signal.throwIfAborted()
    return undefined
  }
}
