import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { causes } from '@hadal/causes'
import { type ExplainInput, explain } from '@hadal/doctor'
import { expect, test } from 'vitest'
import { type CorpusCase, corpus } from './expected.ts'

/** A file of YAML is one whole, and no logger writes before its lines. */
const logs = corpus.filter(({ files }) => files.every((file) => !file.endsWith('.yaml')))

const now = Date.UTC(2025, 11, 1)

const inputsOf = ({ files }: CorpusCase, change = (text: string): string => text): ExplainInput[] =>
  files.map((name) => ({
    name,
    text: change(readFileSync(fileURLToPath(new URL(name, import.meta.url)), 'utf8')),
  }))

const causeOf = (inputs: readonly ExplainInput[]): string | undefined =>
  explain(inputs, causes, { now }).cause?.id

test.each(corpus)('$files is of $cause', (each) => {
  expect(causeOf(inputsOf(each))).toBe(each.cause)
})

test('there are at least 60 failures and 15 innocent texts', () => {
  expect(corpus.filter(({ cause }) => cause !== undefined).length).toBeGreaterThanOrEqual(60)
  expect(corpus.filter(({ cause }) => cause === undefined).length).toBeGreaterThanOrEqual(15)
})

test('every text of a failure names its lines, what it means and what to do', () => {
  for (const each of corpus.filter(({ cause }) => cause !== undefined)) {
    const { cause } = explain(inputsOf(each), causes, { now })
    expect(cause?.evidence.length, each.files[0]).toBeGreaterThan(0)
    expect(cause?.says, each.files[0]).toMatch(/\w.{10,}\.$|: .{3,}$/)
    expect(cause?.says, each.files[0]).not.toMatch(/undefined(?! \(reading)|NaN GiB|\?/)
    expect(cause?.fix.text.length, each.files[0]).toBeGreaterThan(10)
  }
})

test.each([
  [
    'memory/oom-plain.txt',
    '2.0 GiB was asked for on GPU 0, where 1.1 GiB of 23.5 GiB is free. PyTorch holds 21.6 GiB',
  ],
  ['memory/oom-other-process.txt', 'Process 3053273 and others outside this one hold 44.1 GiB'],
  ['memory/oom-fragmented.txt', 'PyTorch had 10.1 GiB reserved and not in use'],
  ['memory/oom-graphs.txt', '9.6 GiB lies in private pools of CUDA graphs'],
  ['memory/oom-above-capacity.txt', '128 GiB was asked for on GPU 1, where 61.0 GiB of 79.1 GiB is free'],
  ['memory/oom-ample-free.txt', '2.0 GiB was asked for on GPU 2, where 30.4 GiB of 79.1 GiB is free'],
  ['memory/host-oom-dmesg.txt', 'python3 (40988), which held 60.1 GiB'],
  ['memory/vllm-context.txt', '101648 tokens would fit'],
  ['gpu/xid-119.txt', 'The GPU at 0000:9b:00 reported Xid 119 while process 2024380 (python3) used it'],
  ['nccl/watchdog.txt', 'Rank 1 waited 600 s in ALLREDUCE (number 808)'],
  ['node/port.txt', 'port 8080'],
  ['llama/truncated.txt', 'blk.27.ffn_down.weight'],
  ['kubernetes/evicted-memory.txt', 'engine used 14Gi and had asked for 4Gi'],
  ['training/norms-rise-to-nan.txt', 'From step 1030 on the gradient norm was above 100 for 5 logged steps'],
])('%s is explained with its measurements', (file, words) => {
  expect(explain(inputsOf({ files: [file], cause: '' }), causes, { now }).cause?.says).toContain(words)
})

test('a run whose norms are high is sent back to its last good step at half the rate', () => {
  const { cause } = explain(inputsOf({ files: ['training/metrics.jsonl'], cause: '' }), causes, { now })
  expect(cause?.fix.text).toContain('go back to the last good state (step 49)')
  expect(cause?.fix.text).toContain('half the learning rate (to 0.0005)')
})

test.each([
  ['Windows line ends', (text: string) => text.replaceAll('\n', '\r\n')],
  ['a byte order mark', (text: string) => `\uFEFF${text}`],
  ['colours', (text: string) => text.replace(/^(.+)$/gm, '\u001B[31m$1\u001B[0m')],
  [
    "containerd's prefix",
    (text: string) => text.replace(/^(.*)$/gm, '2025-03-12T10:00:00.000000000Z stderr F $1'),
  ],
])('with %s the cause is the same', (_, change) => {
  const wrong = logs.flatMap((each) => {
    const found = causeOf(inputsOf(each, change))
    return found === each.cause ? [] : [`${each.files[0]}: ${found}`]
  })
  expect(wrong).toEqual([])
})

test('the end of a text that was cut anywhere is never of a cause that is not in it', () => {
  for (const each of logs) {
    const whole = explain(inputsOf(each), causes, { now })
    const known = new Set([whole.cause?.id, ...whole.alsoSeen.map(({ id }) => id)])
    for (const part of [0.25, 0.5, 0.75]) {
      const cut = causeOf(
        inputsOf(each, (text) => {
          const lines = text.split('\n')
          return lines.slice(Math.floor(lines.length * part)).join('\n')
        }),
      )
      if (cut !== undefined && each.cause === undefined) expect.fail(`${each.files[0]} became ${cut}`)
      if (cut !== undefined && !known.has(cut)) expect.soft(cut, each.files[0]).toBe(each.cause)
    }
  }
})
