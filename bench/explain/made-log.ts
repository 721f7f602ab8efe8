/** Logs of any length, the same each time: calm lines of a server, the same as JSON, or nothing but failures. One error is last. */

export type LogKind = 'calm' | 'json' | 'failures'

const words =
  'step loss tokens engine slot request prompt decode cache batch model weights loaded queue latency'.split(
    ' ',
  )
const failures = [
  'NCCL WARN Timeout waiting for connection from peer 3',
  'RuntimeError: CUDA error: an illegal memory access was encountered',
  'Error: connect ECONNREFUSED 10.0.0.7:8080',
  '  File "/usr/lib/python3/site-packages/torch/nn/modules/module.py", line 1739, in _call_impl',
]
const last =
  'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 79.15 GiB of which 1.00 GiB is free.'

export function madeLog(kind: LogKind, bytes: number): string {
  const lines: string[] = []
  let state = 1
  const random = (below: number): number => {
    state = (state * 48_271) % 2_147_483_647
    return state % below
  }
  for (let length = 0, index = 0; length < bytes; index += 1) {
    const at = new Date(Date.UTC(2026, 10, 29) + index * 50).toISOString()
    const said =
      kind === 'failures'
        ? failures[random(failures.length)]!
        : Array.from({ length: 9 }, () => `${words[random(words.length)]}=${random(100_000)}`).join(' ')
    const line =
      kind === 'json'
        ? JSON.stringify({ level: 30, time: at, pid: 7, msg: said })
        : `${at} INFO worker: ${said}`
    lines.push(line)
    length += line.length + 1
  }
  return `${[...lines, last].join('\n')}\n`
}
