/**
 * Runs inside Jazzer.js, bundled with the parsers: `fuzz` is called with every input. Measures CPU time, keeps the slowest inputs and
 * one input for each kind of unexpected error, and reports on standard output every thousand inputs and at the end.
 */

import { writeFileSync } from 'node:fs'
import { isHadalError } from '@hadal/base'
import { targets } from './targets.ts'

export interface Finding {
  /** Class, message without values, and where it was thrown. */
  readonly error: string
  readonly times: number
  /** Base64. */
  readonly input: string
}

export interface FuzzRun {
  readonly inputs: number
  /** Rejected with an error that has a code. */
  readonly rejected: number
  readonly cpuSeconds: number
  readonly slowestMicros: number
  /** Base64. */
  readonly slowestInput: string
  readonly findings: readonly Finding[]
}

const [name, output, wanted] = (process.env.FUZZ_PARSER ?? '').split('\n') as [string, string, string]
const target = targets[name]!
const findings = new Map<string, { error: string; times: number; input: string }>()
let [inputs, rejected, cpuMicros, slowestMicros, slowestInput] = [0, 0, 0, 0, '']

export function fuzz(bytes: Buffer): void {
  const { micros, thrown } = measured(bytes)
  inputs += 1
  cpuMicros += micros
  if (thrown !== undefined) {
    rejected += 1
    if (!isHadalError(thrown) && target.expected?.(thrown) !== true) find(thrown, bytes)
  }
  // The first inputs pay for compilation. A slow input must be slow twice: garbage collection counts, too.
  if (inputs > 500 && micros > slowestMicros) {
    const again = Math.min(micros, measured(bytes).micros)
    if (again > slowestMicros) [slowestMicros, slowestInput] = [again, bytes.toString('base64')]
  }
  if (inputs % 1000 === 0 || inputs === Number(wanted)) save()
}

function measured(bytes: Buffer): { readonly micros: number; readonly thrown?: unknown } {
  const before = process.cpuUsage()
  const micros = (): number => {
    const { user, system } = process.cpuUsage(before)
    return user + system
  }
  try {
    target.parse(bytes)
    return { micros: micros() }
  } catch (thrown) {
    return { micros: micros(), thrown }
  }
}

function find(thrown: unknown, bytes: Buffer): void {
  const { name: kind = 'thrown', message = String(thrown), stack = '' } = thrown as Error
  const where = /^\s+at (?:async )?([^\s(]+)/m.exec(stack)?.[1] ?? ''
  const error = `${kind}: ${message.slice(0, 120).replace(/\d+|"[^"]*"/g, '…')} (${where})`
  const known = findings.get(error)
  if (known !== undefined) known.times += 1
  else findings.set(error, { error, times: 1, input: bytes.toString('base64') })
}

function save(): void {
  const run: FuzzRun = {
    ...{ inputs, rejected, slowestMicros, slowestInput },
    cpuSeconds: cpuMicros / 1_000_000,
    findings: [...findings.values()],
  }
  writeFileSync(output, JSON.stringify(run))
}
