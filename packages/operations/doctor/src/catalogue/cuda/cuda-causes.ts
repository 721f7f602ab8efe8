/**
 * A cause for each error code of CUDA: by its names, by its number and by its words, as PyTorch, llama.cpp, NCCL and JAX print
 * them. Makes entries of a table.
 */

import { advice } from '../advice.ts'
import type { Cause } from '../cause.ts'
import { cudaRuntime } from '../sources.ts'
import { cudaAdvice } from './cuda-advice.ts'
import { type CudaRow, cudaCodes } from './cuda-codes.ts'
import { cudaExplains } from './cuda-explains.ts'

/** Words of several codes count for the first of them. */
const repeatedMessages: ReadonlySet<number> = new Set([300])

/** Longer messages that begin with another's words. */
const longer = '(?! (?:in prior|when stream|on an event|on global|on this OS|as array|as pointer))'

/** What stands before a number or words that alone say nothing: `CUDA error 700`, `Cuda failure 2 'out of memory'`, `cudaMalloc failed:`. */
const called = '\\bcuda (?:error|failure|runtime error|driver error|api error)\\b'
const failed = '\\bcu(?:da)?[A-Z]\\w{2,60} (?:failed|returned|error)\\b'

export const cudaCauses: readonly Cause[] = cudaCodes.map(causeOf)

function causeOf(row: CudaRow): Cause {
  const [code, runtimeName, driverName, message, kind] = row
  const { severity, means, fix, command, source = cudaRuntime, weight } = cudaAdvice[kind]
  const id = cudaCauseId(row)
  const explains = cudaExplains[id]
  return {
    id,
    family: 'cuda',
    title: `CUDA error ${code}: ${message}`,
    severity,
    shows: patternsOf(row),
    ...(explains && { explains }),
    ...(weight !== undefined && { weight }),
    says: () => `${means} CUDA calls it ${names(runtimeName, driverName)}, number ${code}.`,
    fix: advice(fix, command),
    source,
  }
}

/** `cuda_illegal_address`. */
export function cudaCauseId([, runtimeName, driverName]: CudaRow): string {
  const name = driverName ?? (runtimeName ?? '').replace(/([a-z])([A-Z])/g, '$1_$2')
  return `cuda_${name.toLowerCase()}`
}

const names = (runtimeName: string | undefined, driverName: string | undefined): string =>
  runtimeName === undefined ? `CUDA_ERROR_${driverName}` : `cudaError${runtimeName}`

function patternsOf(row: CudaRow): RegExp[] {
  const [code, runtimeName, driverName, message, , isDistinct] = row
  const words = escaped(message)
  // A number ends where no digit, dot or letter follows: neither `7000` nor `12.4` is a code.
  const number = `${code}(?![\\w.])`
  const patterns = [
    new RegExp(
      `${called}(?: code)?(?: |=|: ?|\\()${number}|\\bcudaError_t(?: |=|: ?|\\()${number}|\\bError ${code}: ${words}`,
      'i',
    ),
  ]
  if (runtimeName !== undefined) patterns.push(new RegExp(`\\bcudaError${runtimeName}\\b`))
  if (driverName !== undefined) patterns.push(new RegExp(`\\bCUDA_ERROR_${driverName}\\b`))
  if (repeatedMessages.has(code)) return patterns
  if (isDistinct) return [...patterns, new RegExp(`(?:^|\\W)${words}${longer}`, 'i')]
  patterns.push(new RegExp(`${called}.{0,160}?\\W${words}(?!\\w)${longer}`, 'i'))
  patterns.push(new RegExp(`${failed}.{0,80}?\\W${words}(?!\\w)${longer}`))
  return patterns
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
