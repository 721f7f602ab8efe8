import { chatRequestSchema } from '@hadal/protocol'
import { describe, expect, it } from 'vitest'
import { issueOf, type Knob, knobGroups, knobs } from './knobs.ts'

const base = { messages: [{ role: 'user', content: 'Hi' }], logprobs: true }
const isTaken = (name: string, value: unknown): boolean => {
  const { success, data } = chatRequestSchema.safeParse({ ...base, [name]: value })
  return success && data[name as keyof typeof data] !== undefined
}
const wire = (value: string): unknown =>
  value === 'true' ? true : value === 'false' ? false : /^\d+$/.test(value) ? Number(value) : value
const examples = (knob: Knob): unknown[] => {
  if (knob.kind === 'boolean') return [true]
  if (knob.kind === 'choice') return knob.choices.map(wire)
  if (knob.kind === 'texts') return [['a', 'b']]
  if (knob.kind === 'bias') return [{ '12': -5 }]
  return [knob.min, knob.max, ...(knob.default === undefined ? [] : [knob.default])]
}

describe('the table of knobs', () => {
  it.each(knobs.map((knob) => [knob.name, knob] as const))('%s: the server takes its range', (name, knob) => {
    for (const value of examples(knob)) expect(isTaken(name, value), `${name} ${value}`).toBe(true)
  })

  it.each(
    knobs.flatMap((knob) =>
      (knob.kind === 'number' || knob.kind === 'integer') && !['n', 'seed'].includes(knob.name)
        ? [[knob.name, knob] as const]
        : [],
    ),
  )('%s: the server takes no more than its range', (name, knob) => {
    expect(isTaken(name, knob.min - 1)).toBe(false)
    expect(isTaken(name, knob.max + 1)).toBe(false)
    if (knob.kind === 'integer') expect(isTaken(name, knob.min + 0.5)).toBe(false)
  })

  it('has each once, in a group, in both languages', () => {
    expect(new Set(knobs.map(({ name }) => name)).size).toBe(knobs.length)
    for (const { group, en, zh } of knobs) {
      expect(knobGroups.map(({ id }) => id)).toContain(group)
      for (const word of [...en, ...zh]) expect(word).not.toBe('')
    }
  })

  it('says what is wrong with a value before the server does', () => {
    const [temperature, topK] = ['temperature', 'top_k'].map((name) => knobs.find((k) => k.name === name)!)
    expect(issueOf(temperature!, 2.1)).toBe('range')
    expect(issueOf(temperature!, Number.NaN)).toBe('range')
    expect(issueOf(temperature!, 0)).toBeUndefined()
    expect(issueOf(topK!, 1.5)).toBe('whole')
    const bias = knobs.find((knob) => knob.kind === 'bias')!
    expect(issueOf(bias, { 12: -100, 13: 100 })).toBeUndefined()
    expect(issueOf(bias, { 'what is no bias': Number.NaN })).toBe('lines')
  })
})
