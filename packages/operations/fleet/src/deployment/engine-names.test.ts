/** What engines are called. */

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { engineNames } from './engine-names.ts'

const names = (name: string, ...ids: string[]) =>
  engineNames(
    name,
    ids.map((id) => ({ id })),
  )

it('names the model only where there are several', () => {
  expect(names('hadal', 'chat')).toEqual(['hadal-engine'])
  expect(names('hadal', 'chat', 'Embed v2')).toEqual(['hadal-engine-chat', 'hadal-engine-embed-v2'])
  expect(names('hadal')).toEqual([])
})

it('distinguishes models whose names would collide', () => {
  const [one, other] = names('hadal', 'a/b', 'a.b')
  expect(one).toMatch(/^hadal-engine-a-b-[a-z0-9]+$/)
  expect(other).not.toBe(one)
})

it('gives names that Kubernetes takes, each once', () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,38}[a-z0-9]$/)
  fc.assert(
    fc.property(
      name,
      fc.uniqueArray(fc.string({ minLength: 1, unit: 'grapheme' }), { minLength: 2 }),
      (base, ids) => {
        const all = names(base, ...ids)
        expect(new Set(all).size).toBe(ids.length)
        for (const each of all) expect(each).toMatch(/^[a-z]([a-z0-9-]{0,54}[a-z0-9])$/)
      },
    ),
  )
})
