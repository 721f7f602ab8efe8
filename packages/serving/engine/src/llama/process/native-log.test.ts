import { expect, it } from 'vitest'
import type { Native } from '../binding.ts'
import { NativeLog } from './native-log.ts'

function logOf(...lines: [level: number, text: string][]): NativeLog {
  let write: (level: number, text: string) => void = () => {}
  const llama = { logSet: () => {} }
  const logCallback = (callback: typeof write): bigint => {
    write = callback
    return 0n
  }
  const native = { llama, logCallback }
  const log = new NativeLog(native as unknown as Native)
  for (const line of lines) write(...line)
  return log
}

it('gives the first error as the reason, and the kernels that were chosen', () => {
  const log = logOf(
    [2, 'load_backend: loaded CPU backend from /a/libggml-cpu-zen4.so\n'],
    [4, 'llama_model_load: error loading model: no such '],
    [5, 'tensor\n'],
    [4, 'later\n'],
  )
  expect([log.reason('none'), log.cpuKernels, log.lockError]).toEqual(['no such tensor', 'zen4', undefined])
  expect(logOf().reason('none')).toBe('none')
})

it('knows why the weights are not locked', () => {
  // As written by llama.cpp, with the system's error text in between.
  const refused =
    "warning: failed to mlock 152526848-byte buffer (after previously locking 0 bytes): Cannot allocate memory\nTry increasing RLIMIT_MEMLOCK ('ulimit -l' as root).\n"
  expect(logOf([3, refused]).lockError).toBe('Cannot allocate memory')
  expect(logOf([3, 'warning: mlock not supported on this system\n']).lockError).toBe(
    'mlock not supported on this system',
  )
})
