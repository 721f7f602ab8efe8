import { packStream } from '@hadal/nn'
import { defineRun, planRun, planTechniques } from '@hadal/train'
import { describe, expect, it } from 'vitest'
import { recordingTerminal } from '../../../apps/cli/test/recording-terminal.ts'
import { execute } from './execute.ts'
import { memoryHere } from './memory-here.ts'
import { answerOf, memoryLines } from './memory-lines.ts'

const mebi = 1024 ** 2
const windows = packStream([Array.from({ length: 9000 }, (_, i) => i % 500)], 128, 0)
const options = {
  name: 'shown',
  folder: 'unused',
  model: {
    vocab_size: 2048,
    hidden_size: 256,
    intermediate_size: 768,
    num_hidden_layers: 8,
    num_attention_heads: 4,
    num_key_value_heads: 2,
    max_position_embeddings: 128,
    rms_norm_eps: 1e-5,
    rope_theta: 1e4,
    tie_word_embeddings: true,
  },
  data: { train: windows, valid: windows },
  batch: { windows: 8, accumulate: 1 },
  schedule: { peak: 1e-3, warmupSteps: 0, totalSteps: 10, floorFraction: 1 },
  evaluate: { everySteps: 10 },
} as const
const run = defineRun(options)
const answer = (memoryBytes: number) =>
  answerOf(planRun(run), memoryBytes, 300 * mebi, (room) => planTechniques(run, room))
const shown = (memoryBytes: number): string =>
  memoryLines(run, answer(memoryBytes), recordingTerminal({}).style).join('\n')

describe('what --plan says', () => {
  it('is that a run fits as it is', () => {
    const text = shown(8 * 1024 * mebi)
    expect(text).toMatch(/^shown: 8\.0 GiB of memory\. The process and its data take 300 MiB/)
    expect(text).toMatch(/^as it is +yes +\d+ MiB/m)
    expect(text).toMatch(/^every layer recomputed +yes .* 1[23]\d %$/m)
    expect(text).toMatch(/^--precision bf16 +none/m)
    expect(text).toContain('It fits; memory peaks in the ')
  })

  it('is what to change first, with the flags for it', () => {
    const { copiesBytes, plan } = answer(8 * 1024 * mebi)
    const half = plan.techniques[0]!.peakBytes / 2
    const text = shown(half + copiesBytes + 300 * mebi)
    expect(text).toMatch(/^as it is +no/m)
    expect(text).toMatch(/^It does not fit\. Change first: .+\. Then it needs \d+ MiB:\n {2}--/m)
  })

  it('is that nothing helps, with each flag once', () => {
    const text = shown(301 * mebi)
    expect(text).toContain('0 B remain for tensors')
    expect(text).toContain('It does not fit, even with all of these')
    const flags = text
      .split('\n')
      .at(-1)!
      .trim()
      .split(/ (?=--)/)
    const names = flags.map((flag) => flag.split(' ')[0])
    expect(new Set(names).size).toBe(names.length)
  })
})

describe('hadal train --plan', () => {
  const executed = async (...args: string[]) => {
    const terminal = recordingTerminal({})
    const code = await execute({ kind: 'train' }, options, '/run.ts', args, terminal)
    return { code, text: terminal.printed.join('\n') }
  }

  it('applies the given settings, and prints JSON with --json', async () => {
    const { code, text } = await executed('--plan', '--json', '--memory', '2GiB', '--batch-windows', '4')
    expect(code).toBe(0)
    const said = JSON.parse(text) as ReturnType<typeof answer>
    expect(said.memoryBytes).toBe(2 * 1024 * mebi)
    const wanted = planRun(defineRun({ ...options, batch: { windows: 4, accumulate: 1 } })).bytes
    expect(said.plan.techniques[0]!.bytes).toEqual(wanted)
    expect(said.plan.memoryBytes).toBe(said.memoryBytes - said.processBytes - said.copiesBytes)
  })

  it('is a table without', async () => {
    expect((await executed('--plan')).text).toMatch(/^as it is +yes/m)
  })

  it.each([
    [['--plan', '--memory', 'much'], '"much" is not a size'],
    [['--memory', '2GiB'], '--memory requires --plan'],
    [['--json'], '--json requires --plan'],
  ])('refuses %j', async (args, message) => {
    await expect(executed(...args)).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining(message),
    })
  })
})

it('the memory there is is the machine’s, or less where the process is held to less', () => {
  expect(memoryHere(100, 0)).toBe(100)
  expect(memoryHere(100, 60)).toBe(60)
  expect(memoryHere(100, 2 ** 63)).toBe(100)
  expect(memoryHere()).toBeGreaterThan(0)
})
