/** Converts an addon error to one that names the operator, its schema, and the arguments' shapes and dtypes. */

import { HadalError } from '@hadal/base'
import { opUnloaded } from './custom-ops/errors.ts'
import { dtypeOf } from './dtype.ts'
import {
  tensorArgumentInvalid,
  tensorDisposed,
  tensorDistributedClosed,
  tensorDistributedPeerLost,
  tensorNoOverload,
  tensorOpFailed,
  tensorOutOfMemory,
  tensorProfilerRefused,
} from './errors.ts'
import { Handle } from './handle.ts'
import { native } from './native.ts'
import { shapeOf } from './wire.ts'

/** The error for `thrown`, raised by a call of `op` with `args`. */
export function failure(thrown: unknown, op: string, schema: string, args: readonly unknown[]): unknown {
  if (thrown instanceof HadalError || !(thrown instanceof Error)) return thrown
  const given = describeArguments(args)
  switch ((thrown as { code?: unknown }).code) {
    case 'argument':
      return tensorArgumentInvalid(op, given, thrown.message, schema)
    case 'disposed':
      return tensorDisposed(op, given)
    case 'memory':
      return tensorOutOfMemory(op, given, requestedBytes(thrown.message), firstSentences(thrown.message))
    case 'profiler':
      return tensorProfilerRefused(op, thrown.message)
    case 'peer_lost':
      return tensorDistributedPeerLost(thrown.message)
    case 'unloaded':
      return opUnloaded(op)
    case 'closed':
      return tensorDistributedClosed(thrown.message)
    case 'libtorch':
      return tensorOpFailed(op, given, firstSentences(thrown.message), schema)
    default:
      return thrown
  }
}

/** The error for arguments that no overload takes. */
export function noOverload(op: string, args: readonly unknown[], schemas: readonly string[]): HadalError {
  const freed = args.some((arg) => arg instanceof Handle && arg.handle === 0)
  const given = describeArguments(args)
  return freed ? tensorDisposed(op, given) : tensorNoOverload(op, given, schemas)
}

/** libtorch adds build advice and stack addresses after its message; users need only the message. */
function firstSentences(message: string): string {
  const lines = message.split('\n')
  const end = lines.findIndex((line) => /^(CPU: registered at|Exception raised from|frame #)/.test(line))
  return (end < 0 ? lines : lines.slice(0, end)).join('\n').trim()
}

/** The requested size in the error message of the CPU's or CUDA's allocator; undefined without one. */
function requestedBytes(message: string): number | undefined {
  const [, amount, unit] = /[Tt]ried to allocate ([\d.]+) (bytes|[KMGT]iB)/.exec(message) ?? []
  if (amount === undefined) return undefined
  return Number(amount) * 1024 ** ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'].indexOf(unit!)
}

function describeArguments(args: readonly unknown[]): string {
  return args.map(describe).join(', ')
}

function describe(value: unknown): string {
  if (value instanceof Handle) return describeTensor(value)
  if (Array.isArray(value)) {
    const shown = value.slice(0, 4).map(describe).join(', ')
    return value.length > 4 ? `[${shown}, ... ${value.length} in all]` : `[${shown}]`
  }
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'symbol') return String(value)
  if (typeof value === 'object' && value !== null) return describeObject(value)
  return String(value)
}

function describeObject(value: object): string {
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== null && prototype !== Object.prototype)
    return `a ${prototype.constructor?.name ?? 'object'}`
  const entries = Object.entries(value).map(([key, item]) => `${key}: ${describe(item)}`)
  return `{ ${entries.join(', ')} }`
}

/** `float32[2,3]`, with the device when it is not the CPU. */
function describeTensor({ handle }: Handle): string {
  if (handle === 0) return 'freed tensor'
  try {
    const device = native().device(handle)
    const place = device === 'cpu' ? '' : `@${device}`
    return `${dtypeOf(native().dtype(handle))}[${shapeOf(handle).join(',')}]${place}`
  } catch {
    return 'tensor'
  }
}
