/** Data from files in the loop: what is read, what is rejected before the first step, and that a stream resumes bit-exactly. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BadRow, ignoreIndex, type Windows } from '@hadal/nn'
import { setNumThreads } from '@hadal/tensor'
import {
  defineRun,
  labelledTexts,
  pairWindows,
  readCheckpoint,
  type StreamedWindows,
  streamWindows,
  type TrainEvent,
  train,
  type WindowStream,
} from '@hadal/train'
import { afterAll, describe, expect, it } from 'vitest'
import { programFile } from '../../../kernel/base/test/program-file.ts'
import { streamOptions, streamRun, vocabulary, writeChats } from './stream-run.ts'

setNumThreads(1)
const root = mkdtempSync(join(tmpdir(), 'hadal-stream-windows-'))
afterAll(() => rmSync(root, { recursive: true }))
const files = writeChats(root)
const { tokenizer, endOfText } = vocabulary
const file = (name: string, ...lines: unknown[]): string => {
  const path = join(root, name)
  writeFileSync(
    path,
    lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'),
  )
  return path
}
const codeOf = (act: () => unknown): string => {
  try {
    act()
    return 'nothing'
  } catch (thrown) {
    return (thrown as { code: string }).code
  }
}
const text = (ids: Int32Array): string =>
  Buffer.concat([...ids].map((id) => tokenizer.bytesOf(id))).toString('utf8')
const learnt = ({ targets }: Windows): string => text(targets.filter((id) => id !== ignoreIndex))

describe('windows from files of conversations', () => {
  it('teach what the assistant says and nothing else, and hold some out', () => {
    const { train: stream, valid } = streamWindows(streamOptions(files))
    const windows = stream.open().next(4) as Windows
    expect(windows).toMatchObject({ length: 48, count: 4 })
    expect(text(windows.inputs)).toContain('<|im_start|>user\nWhat is ')
    expect(learnt(windows)).toMatch(/^(It is \d+\.<\|im_end\|>)+/)
    const requested = (all: string): string[] => [...new Set(all.match(/is \d+ plus \d/g))]
    const held = requested(text(valid.inputs))
    expect(held.length).toBeGreaterThan(3)
    const epoch = stream.open()
    let read = ''
    while (epoch.epoch === 0) read += text((epoch.next(1) as Windows).inputs)
    expect(requested(read).filter((question) => held.includes(question))).toEqual([])
  })

  it('may be held out in separate files, up to the requested number', () => {
    const { validShare: _, ...rest } = streamOptions([files[0]!])
    const { valid } = streamWindows({ ...rest, validFiles: [files[1]!], validWindows: 2 })
    expect(valid.count).toBe(2)
  })

  it('are refused where nothing would be held out, in the words of who wrote them', () => {
    const { validFiles: _, ...rest } = { validFiles: undefined, ...streamOptions(files) }
    expect(() => streamWindows({ ...rest, validShare: 0 })).toThrow(
      expect.objectContaining({
        code: 'nn_data_options_invalid',
        message: expect.stringContaining('validShare is 0 and validFiles is empty'),
      }),
    )
  })

  it('have a fingerprint of files, tokenizer, template and options', () => {
    const of = (change: object, named: readonly string[] = files): string =>
      streamWindows({ ...streamOptions(named), ...change }).train.fingerprint
    const original = of({})
    expect(of({})).toBe(original)
    const other = join(root, 'other.jsonl')
    writeFileSync(other, '{"text": "one more"}\n')
    const template = `{# the same, in other words #}${vocabulary.template}`
    const changed = [
      of({ seed: 2 }),
      of({ length: 40 }),
      of({ overlong: 'drop' }),
      of({ turns: 'last' }),
      of({ template }),
      of({ vocabulary: { ...vocabulary, endOfText: endOfText + 1 } }),
      of({}, [...files, other]),
    ]
    expect(new Set([original, ...changed]).size).toBe(changed.length + 1)
  })
})

describe('before the first step', () => {
  const good = {
    messages: [
      { role: 'user', content: 'a' },
      { role: 'assistant', content: 'b' },
    ],
  }

  it.each<[string, () => unknown]>([
    ['nn_tokenizer_model_mismatch', () => streamWindows({ ...streamOptions(files), modelVocabSize: 100 })],
    ['nn_chat_template_failed', () => streamWindows({ ...streamOptions(files), template: '{% if %}' })],
    [
      'nn_data_row_invalid',
      () => streamWindows({ ...streamOptions(files), template: "{{ raise_exception('no') }}" }),
    ],
    ['nn_data_empty', () => streamWindows(streamOptions([file('empty.jsonl')]))],
    [
      'nn_data_empty',
      () => streamWindows({ ...streamOptions([file('one.jsonl', good)]), validShare: 0.001 }),
    ],
    ['nn_data_row_invalid', () => streamWindows(streamOptions([file('bad.jsonl', good, 'no JSON')]))],
    ['nn_data_file_unreadable', () => streamWindows(streamOptions([join(root, 'none.jsonl')]))],
    ['nn_data_options_invalid', () => streamWindows({ ...streamOptions(files), validShare: 1 })],
    ['nn_data_options_invalid', () => streamWindows({ ...streamOptions(files), length: 0 })],
  ])('%s', (code, act) => expect(codeOf(act)).toBe(code))

  it('a bad row is named by file and line, once, or ends it', () => {
    const path = join(root, 'mixed.jsonl')
    writeChats(root)
    writeFileSync(path, '{"messages": []}\n')
    const bad: BadRow[] = []
    const options = streamOptions([...files, path])
    const { train: stream } = streamWindows({
      ...options,
      onBadRow: 'skip',
      onSkipped: (row) => bad.push(row),
    })
    const reader = stream.open()
    while (reader.epoch < 2) reader.next(1)
    expect(bad).toEqual([{ path, line: 1, why: 'messages is empty' }])
    expect(() => streamWindows(options)).toThrow(`${path}:1: messages is empty`)
  })
})

const newest = (folder: string) => {
  const checkpoints = join(folder, 'checkpoints')
  return readCheckpoint(join(checkpoints, readdirSync(checkpoints).sort().at(-1)!))
}

describe('a streamed run', () => {
  const whole = join(root, 'whole')

  it.each(['SIGKILL', 'SIGTERM'] as const)(
    'is the same after %s in the middle of an epoch',
    async (signal) => {
      if (signal === 'SIGKILL') {
        const result = await train(streamRun(whole, files))
        expect(result).toMatchObject({ status: 'finished', step: 16 })
      }
      const folder = join(root, signal)
      const child = spawn(
        process.execPath,
        [programFile(import.meta.url, './stream-program.ts'), folder, signal, '8', ...files],
        {
          stdio: 'inherit',
        },
      )
      expect(await once(child, 'exit')).toEqual(signal === 'SIGKILL' ? [null, 'SIGKILL'] : [0, null])
      const events: TrainEvent[] = []
      await train(streamRun(folder, files), { listeners: [(event) => void events.push(event)] })
      const started = events.find((event) => event.type === 'started')
      expect(started).toMatchObject({ step: signal === 'SIGKILL' ? 5 : 8 })
      expect(newest(folder)).toEqual(newest(whole))
    },
  )

  it('does not go on with other files', async () => {
    appendFileSync(files[0]!, '{"text": "something new"}\n')
    await expect(train(streamRun(whole, files))).rejects.toMatchObject({ code: 'train_run_changed' })
    writeChats(root)
  })
})

const conversation = (question: string, answer: string) => [
  { role: 'user', content: question },
  { role: 'assistant', content: answer },
]

describe('pairs from files', () => {
  const options = { vocabulary, modelVocabSize: tokenizer.vocabSize, length: 48 }
  const rows = Array.from({ length: 40 }, (_, i) => ({
    prompt: `Is ${i} even?`,
    chosen: 'Yes',
    rejected: 'No',
  }))

  it('are windows with the prompt in both, of which the answers are learnt', () => {
    const forms = [
      rows[0]!,
      {
        prompt: conversation('Hi', 'Hello').concat({ role: 'user', content: 'Is 1?' }),
        chosen: 'Yes',
        rejected: { role: 'assistant', content: 'No' },
      },
      { messages: [{ role: 'user', content: 'What?' }], chosen: 'This', rejected: 'That' },
      { chosen: conversation('Q', 'A'), rejected: conversation('Q', 'B') },
    ]
    const path = file('pairs.jsonl', ...forms)
    const { chosen, rejected } = pairWindows({ ...options, length: 64, files: [path], validShare: 0 }).train
    expect(chosen.count).toBe(4)
    expect(learnt(chosen)).toBe('Yes<|im_end|>Yes<|im_end|>This<|im_end|>A<|im_end|>')
    expect(learnt(rejected)).toBe('No<|im_end|>No<|im_end|>That<|im_end|>B<|im_end|>')
    expect(text(chosen.inputs.subarray(0, 24))).toContain('Is 0 even?')
  })

  it('train a reward model, some held out', async () => {
    const data = pairWindows({ ...options, files: [file('many.jsonl', ...rows)], validShare: 0.2 })
    expect(data.train.chosen.count + data.valid.chosen.count).toBe(40)
    const { data: _, fingerprint: __, ...rest } = streamRun(join(root, 'reward'), files)
    const schedule = { peak: 0.02, warmupSteps: 0, totalSteps: 4, floorFraction: 1 }
    const result = await train(defineRun({ ...rest, data, schedule, objective: { kind: 'reward' } }))
    expect(result.validLoss).toBeGreaterThan(0)
  })

  it.each([
    [{ prompt: 'a', chosen: 'b' }, 'rejected must be a string'],
    [{ prompt: 3, chosen: 'b', rejected: 'c' }, 'prompt must be a string'],
    [{ chosen: 'b', rejected: 'c' }, 'prompt is missing'],
    [{ prompt: 'a', chosen: 'b', rejected: 'b' }, 'are the same'],
    [
      { prompt: 'a', chosen: [{ role: 'user', content: 'x' }], rejected: 'b' },
      'must end with an assistant message',
    ],
    [{ prompt: 'a '.repeat(60), chosen: 'b', rejected: 'c' }, 'a window holds only 48'],
    ['[1]', 'a row is an object'],
    ['{', 'not valid JSON'],
  ])('refuse %j', (row, why) => {
    const path = file('bad-pair.jsonl', rows[0], row)
    expect(() => pairWindows({ ...options, files: [path] })).toThrow(`${path}:2: `)
    expect(() => pairWindows({ ...options, files: [path] })).toThrow(why)
  })

  it('leave out bad rows where asked to, and need one that is good, a template and a tokenizer that fits', () => {
    const reported: BadRow[] = []
    const skipping = { ...options, onBadRow: 'skip', onSkipped: (row: BadRow) => reported.push(row) } as const
    const path = file('half.jsonl', '{', rows[1])
    expect(pairWindows({ ...skipping, files: [path], validShare: 0 }).train.chosen.count).toBe(1)
    expect(reported).toMatchObject([{ path, line: 1 }])
    expect(codeOf(() => pairWindows({ ...skipping, files: [file('none.jsonl', '{')] }))).toBe('nn_data_empty')
    const { template: _, ...bare } = vocabulary
    expect(codeOf(() => pairWindows({ ...options, files: [path], vocabulary: bare }))).toBe(
      'nn_chat_template_failed',
    )
    expect(codeOf(() => pairWindows({ ...options, files: [path], modelVocabSize: 1 }))).toBe(
      'nn_tokenizer_model_mismatch',
    )
  })
})

describe('texts with classes from files', () => {
  const options = { vocabulary, modelVocabSize: tokenizer.vocabSize, length: 12 }
  const rows = Array.from({ length: 30 }, (_, i) => ({
    text: `${i} is ${i % 2 ? 'odd' : 'even'}`,
    label: i % 2,
  }))

  it('are rows of one length, cut off at it', () => {
    const path = file(
      'texts.jsonl',
      { text: 'What is this?', label: 2 },
      { text: 'plus '.repeat(20), label: 0 },
    )
    const { train: data, classes } = labelledTexts({ ...options, files: [path], validShare: 0 })
    expect(classes).toBe(3)
    expect([...data.labels]).toEqual([2, 0])
    expect(text(data.inputs.subarray(0, data.sizes[0]))).toBe('What is this?')
    expect(data.sizes[1]).toBe(12)
  })

  it('train a classifier, with classes by name', async () => {
    const named = rows.map(({ text: said, label }) => ({ text: said, label: ['even', 'odd'][label] }))
    const data = labelledTexts({
      ...options,
      files: [file('named.jsonl', ...named)],
      classes: ['even', 'odd'],
      validShare: 0.2,
    })
    const { data: _, fingerprint: __, ...rest } = streamRun(join(root, 'classes'), files)
    const schedule = { peak: 0.02, warmupSteps: 0, totalSteps: 4, floorFraction: 1 }
    const result = await train(
      defineRun({ ...rest, data, schedule, objective: { kind: 'classes', classes: data.classes } }),
    )
    expect(result.validLoss).toBeGreaterThan(0)
  })

  it.each([
    [{ text: '', label: 0 }, undefined, 'text must be a non-empty string'],
    [{ text: 'a', label: -1 }, undefined, 'label must be a whole number of at least 0, got -1'],
    [{ text: 'a' }, undefined, 'label must be a whole number of at least 0, got nothing'],
    [{ text: 'a', label: 'c' }, ['a', 'b'], 'label must be one of a, b, got "c"'],
  ])('refuse %j', (row, classes, why) => {
    const path = file('bad-text.jsonl', row)
    expect(() => labelledTexts({ ...options, files: [path], ...(classes && { classes }) })).toThrow(
      `${path}:1: ${why}`,
    )
  })
})

it('a custom stream that ends early is reported, with its position', async () => {
  const run = streamRun(join(root, 'ended'), files)
  const { length, open } = run.data.train as StreamedWindows
  const ending = (): WindowStream => {
    const stream = open()
    let left = 7
    return {
      next: (count) => {
        left -= 1
        return (left < 0 ? undefined : stream.next(count)) as Windows
      },
      get state() {
        return { left }
      },
      restore: () => {},
      epoch: 0,
    }
  }
  const data = { ...run.data, train: { length, fingerprint: 'mine', open: ending } }
  await expect(train({ ...run, data })).rejects.toMatchObject({
    code: 'train_stream_ended',
    message: 'the stream of windows ended after {"left":0}',
  })
})
