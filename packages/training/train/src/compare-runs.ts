/** Compares two runs that should be bit-identical, part by part: data read, metrics, and final state. Pure. */

import type { SavedTensor } from '@hadal/nn'
import type { Ledger } from '@hadal/privacy'
import type { Checkpoint } from './checkpoint-file.ts'
import type { MetricsLine } from './metrics-log.ts'

export interface RunRecord {
  readonly checkpoint: Checkpoint
  readonly metrics: readonly MetricsLine[]
  /** Data read for the passes of each step, in order. */
  readonly reads: readonly { readonly step: number; readonly read: string }[]
}

export interface PartComparison {
  readonly part:
    | 'run'
    | 'data read'
    | 'metrics'
    | 'weights'
    | 'optimizer'
    | 'average'
    | 'precision'
    | 'random state'
    | 'position'
    | 'spent'
    | 'state'
  /** Its size, formatted. */
  readonly size: string
  /** The first difference: the value in the second run, and in the first. */
  readonly difference?: string
  /** Step of the difference, if it belongs to one. */
  readonly step?: number
}

/**
 * Causes come first: data before the metrics measured on it, and both before the resulting state.
 *
 * @internal
 */
export function compareRuns(whole: RunRecord, other: RunRecord): PartComparison[] {
  const [a, b] = [whole.checkpoint, other.checkpoint]
  const { position: positionA, fingerprint: runA, ledger: spentA, ...stateA } = a.state
  const { position: positionB, fingerprint: runB, ledger: spentB, ...stateB } = b.state
  return [
    { part: 'run', size: 'configuration and data', ...texts(runA, runB) },
    { part: 'data read', size: `${whole.reads.length} reads`, ...compareReads(whole.reads, other.reads) },
    {
      part: 'metrics',
      size: `${whole.metrics.length} lines`,
      ...compareMetrics(whole.metrics, other.metrics),
    },
    ...stateParts(a, b).map((part) => ({
      part,
      size: `${a[part].size} tensors`,
      ...compareTensors(a[part], b[part]),
    })),
    { part: 'random state', size: `${a.rng.length} bytes`, ...texts(hex(a.rng), hex(b.rng)) },
    { part: 'position', size: 'in the data', ...texts(JSON.stringify(positionA), JSON.stringify(positionB)) },
    ...compareSpent(spentA, spentB),
    {
      part: 'state',
      size: 'steps, held-out record',
      ...texts(JSON.stringify(stateA), JSON.stringify(stateB)),
    },
  ]
}

/** Only private runs spend anything. */
function compareSpent(a: Ledger | undefined, b: Ledger | undefined): PartComparison[] {
  if (!a && !b) return []
  const [ours, theirs] = [JSON.stringify(a ?? []), JSON.stringify(b ?? [])]
  return [{ part: 'spent', size: 'the ledger', ...texts(ours, theirs) }]
}

/** Only fp16, fp8 and quantised runs keep precision state. */
const stateParts = (a: Checkpoint, b: Checkpoint) =>
  [
    'weights',
    'optimizer',
    'average',
    ...(a.precision.size + b.precision.size > 0 ? (['precision'] as const) : []),
  ] as const

/**
 * The earliest in causal order; undefined if all parts are equal.
 *
 * @internal
 */
export function firstDifference(parts: readonly PartComparison[]): PartComparison | undefined {
  const differing = parts.filter(({ difference }) => difference !== undefined)
  const [run] = differing.filter(({ part }) => part === 'run')
  return (
    run ?? differing.sort((one, next) => (one.step ?? Number.MAX_VALUE) - (next.step ?? Number.MAX_VALUE))[0]
  )
}

type Difference = Pick<PartComparison, 'difference' | 'step'>

const versus = (theirs: string, ours: string): string => `${theirs} instead of ${ours}`

function texts(a: string, b: string): Difference {
  if (a === b) return {}
  const short = (text: string): string => (text.length > 200 ? `${text.slice(0, 200)}...` : text)
  return { difference: versus(short(b), short(a)) }
}

function compareReads(a: RunRecord['reads'], b: RunRecord['reads']): Difference {
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const [one, other] = [a[index], b[index]]
    if (one?.step === other?.step && one?.read === other?.read) continue
    const step = Math.min(one?.step ?? Number.MAX_VALUE, other?.step ?? Number.MAX_VALUE)
    const show = (read: typeof one): string => (read?.step === step ? read.read : 'nothing more')
    return { step, difference: `step ${step} read ${versus(show(other), show(one))}` }
  }
  return {}
}

/** Step time and process memory are excluded: they depend on the machine. */
function compareMetrics(a: readonly MetricsLine[], b: readonly MetricsLine[]): Difference {
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const { seconds: _, memoryBytes: __, memory: ___, ...one } = a[index] ?? { step: Number.MAX_VALUE }
    const {
      seconds: ____,
      memoryBytes: _____,
      memory: ______,
      ...other
    } = b[index] ?? { step: Number.MAX_VALUE }
    const keys = [...new Set([...Object.keys(one), ...Object.keys(other)])] as (keyof typeof one)[]
    // As stored in the file: some values are objects of several numbers.
    const written = (line: object, key: PropertyKey): string | undefined =>
      JSON.stringify((line as Readonly<Record<PropertyKey, unknown>>)[key])
    const key = keys.find((each) => written(one, each) !== written(other, each))
    if (key === undefined) continue
    const step = Math.min(one.step, other.step)
    const difference =
      one.step === other.step
        ? `${key} of step ${step} is ${versus(String(written(other, key)), String(written(one, key)))}`
        : `step ${step} is missing in one of them`
    return { step, difference }
  }
  return {}
}

function compareTensors(
  a: ReadonlyMap<string, SavedTensor>,
  b: ReadonlyMap<string, SavedTensor>,
): Difference {
  for (const name of new Set([...a.keys(), ...b.keys()])) {
    const [one, other] = [a.get(name), b.get(name)]
    if (!one || !other) return { difference: `${name} is in one of them only` }
    if (one.dtype !== other.dtype || String(one.shape) !== String(other.shape))
      return {
        difference: `${name} is ${versus(`${other.dtype} [${other.shape}]`, `${one.dtype} [${one.shape}]`)}`,
      }
    const at = one.bytes.findIndex((byte, index) => byte !== other.bytes[index])
    if (at >= 0) return { difference: `${name} ${valueAt(one, other, at)}` }
  }
  return {}
}

function valueAt(one: SavedTensor, other: SavedTensor, byte: number): string {
  const width = one.dtype === 'uint8' ? 1 : 4
  const index = Math.floor(byte / width)
  const value = ({ bytes }: SavedTensor): string => {
    if (width === 1) return String(bytes[index])
    return String(new DataView(bytes.buffer, bytes.byteOffset).getFloat32(index * 4, true))
  }
  return `[${one.shape}] has value ${index}: ${versus(value(other), value(one))}`
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
