import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { quickData, writeData } from './build.ts'
import { residueIn } from './residue.ts'

const data = quickData()

test('the same data every time', () => {
  expect(quickData()).toEqual(data)
})

test('no line carries traces of how it was made', () => {
  const lines = [
    ...data.pretrain,
    ...data.pretrainValid,
    ...[...data.chat, ...data.chatValid].flatMap(({ messages }) => messages.map(({ content }) => content)),
  ]
  expect(lines.length).toBeGreaterThan(5000)
  expect(lines.filter((line) => residueIn(line) !== undefined)).toEqual([])
})

test('conversations alternate and end with a reply that contains the answer', () => {
  for (const { messages, answer } of [...data.chat, ...data.chatValid]) {
    const roles = messages.map(({ role }) => role)
    const turns = roles[0] === 'system' ? roles.slice(1) : roles
    expect(turns.length % 2).toBe(0)
    expect(turns.every((role, i) => role === (i % 2 === 0 ? 'user' : 'assistant'))).toBe(true)
    if (answer !== undefined) expect(messages.at(-1)!.content).toContain(answer)
  }
})

test('validation asks in words, or for facts, that training never contains', () => {
  const asked = new Set(
    data.chat.flatMap(({ messages }) => messages.map(({ content }) => content.toLowerCase())),
  )
  const lastQuestion = (talk: (typeof data.chat)[number]): string =>
    talk.messages.at(-2)!.content.toLowerCase()
  const phrased = data.chatValid.filter(({ heldOut, kind }) => heldOut === 'phrasing' && kind === 'define')
  const seen = phrased.filter((talk) => asked.has(lastQuestion(talk)))
  expect(phrased.length).toBeGreaterThan(10)
  expect(seen).toEqual([])
  const sums = data.chatValid.filter(({ heldOut, kind }) => heldOut === 'fact' && kind === 'add')
  expect(sums.length).toBeGreaterThan(3)
  const replies = new Set(data.chat.flatMap(({ messages }) => messages.map(({ content }) => content)))
  expect(sums.filter(({ messages }) => replies.has(messages.at(-1)!.content))).toEqual([])
})

test('the files and the manifest agree', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nano-data-'))
  try {
    writeData(data, folder, true)
    const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'))
    const text = readFileSync(join(folder, 'pretrain.txt'), 'utf8')
    expect(text.split('<|endoftext|>\n').length - 1).toBe(manifest.files['pretrain.txt'].items)
    expect(Buffer.byteLength(text)).toBe(manifest.files['pretrain.txt'].bytes)
    const talks = readFileSync(join(folder, 'chat.jsonl'), 'utf8').trimEnd().split('\n')
    expect(talks.length).toBe(manifest.files['chat.jsonl'].items)
    expect(JSON.parse(talks[0]!).messages.length).toBeGreaterThan(1)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
