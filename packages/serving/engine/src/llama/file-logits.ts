/**
 * The logits of a GGUF file as exactly as llama.cpp computes them: for checking files against the models they were made from. In
 * a process of its own, which a file that llama.cpp does not survive ends. Serves nobody.
 */

import { fork } from 'node:child_process'
import { HadalError, programEntry } from '@hadal/base'
import { modelUnusable } from '../errors.ts'
import type { WireError } from './messages.ts'

/** What the process is sent, once. */
export interface LogitsQuestion {
  readonly path: string
  readonly sequences: readonly (readonly number[])[]
  readonly threads: number
  /** A LoRA in GGUF that is put beside the model, at scale 1. */
  readonly adapter?: string
}

/** What it answers: one sequence after the other, or why not. */
export type LogitsAnswer =
  | { readonly type: 'logits'; readonly logits: Float32Array }
  | { readonly type: 'failed'; readonly error: WireError }

/**
 * For each sequence of tokens the logits [tokens, vocabulary] after each of them, one row behind the other. Keys and values are
 * kept in F32. Throws `model_unusable`, also where the process dies of the file, and `adapter_unusable`.
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
