/**
 * The logits of a GGUF file, as exact as llama.cpp can compute them: for comparing files with the models they were converted
 * from. Runs in a separate process, because a bad file can crash llama.cpp.
 */

import { fork } from 'node:child_process'
import { HadalError, programEntry } from '@hadal/base'
import { modelUnusable } from '../errors.ts'
import type { WireError } from './messages.ts'

/** The single message to the process. */
export interface LogitsQuestion {
  readonly path: string
  readonly sequences: readonly (readonly number[])[]
  readonly threads: number
  /** A LoRA adapter in GGUF, applied at scale 1. */
  readonly adapter?: string
}

/** Its response: logits of one sequence after the other, or an error. */
export type LogitsAnswer =
  | { readonly type: 'logits'; readonly logits: Float32Array }
  | { readonly type: 'failed'; readonly error: WireError }

/**
 * For each token sequence, the logits [tokens, vocabulary] after each token, in row-major order. Keys and values are kept in
 * F32. Throws `model_unusable`, also if the file crashes the process, and `adapter_unusable`.
 */
export function readFileLogits(
  path: string,
  sequences: readonly (readonly number[])[],
  { threads = 1, ...rest }: Partial<Pick<LogitsQuestion, 'threads' | 'adapter'>> = {},
): Promise<readonly Float32Array[]> {
  const { path: program, execArgv } = programEntry(import.meta.url, './process/logits-main')
  return new Promise((resolve, reject) => {
    const child = fork(program, {
      execArgv: [...execArgv],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      serialization: 'advanced',
      env: { ...process.env, GGML_NO_BACKTRACE: '1' },
    })
    const found: Float32Array[] = []
    let words = ''
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      words = (words + text).slice(-2000)
    })
    child.on('message', (message) => {
      const answer = message as LogitsAnswer
      if (answer.type === 'failed') reject(HadalError.revive(answer.error))
      else found.push(answer.logits)
    })
    child.on('error', reject)
    child.on('close', (code, signal) => {
      if (found.length === sequences.length) resolve(found)
      else
        reject(modelUnusable(path, `llama.cpp ended with ${signal ?? `exit code ${code}`}: ${words.trim()}`))
    })
    child.send({ path, sequences, threads, ...rest } satisfies LogitsQuestion)
  })
}
