import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jsonPatch, type PatchOperation } from './json-patch.ts'

/** As RFC 6902 says, for the operations that are made here. */
function applied(value: unknown, operations: readonly PatchOperation[]): unknown {
  const root = { value: structuredClone(value) }
  for (const operation of operations) {
    const keys = operation.path.split('/').slice(1)
    const decoded = ['value', ...keys.map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))]
    const last = decoded.pop()!
    // biome-ignore lint/suspicious/noExplicitAny: a tree of anything.
    const parent = decoded.reduce((at: any, key) => at[key], root)
    if (operation.op !== 'add' && !(last in parent)) throw new Error(`${operation.path} is not there`)
    if (operation.op === 'remove') delete parent[last]
    else parent[last] = structuredClone(operation.value)
  }
  return root.value
}

const key = fc.constantFrom('a', 'b', 'a/b', '~', '~1', '')
const json = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(null, true, 0, 1, '', 'x'),
    fc.array(tie('any'), { maxLength: 3 }),
    fc.dictionary(key, tie('any'), { maxKeys: 3, noNullPrototype: true }),
  ),
})).any

describe('jsonPatch', () => {
  it('turns any value into any other', () => {
    fc.assert(
      fc.property(json, json, (before, after) => {
        expect(applied(before, jsonPatch(before, after))).toEqual(after)
      }),
    )
  })

  it('of the same is nothing', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(jsonPatch(value, structuredClone(value))).toEqual([])
      }),
    )
  })

  it('says no more than what differs', () => {
    const before = { a: [{ image: 'x:1', name: 'x' }], b: 1, 'c/d': true }
    const after = { a: [{ image: 'x:2', name: 'x' }], 'c/d': true, e: [] }
    expect(jsonPatch(before, after)).toEqual([
      { op: 'replace', path: '/a/0/image', value: 'x:2' },
      { op: 'remove', path: '/b' },
      { op: 'add', path: '/e', value: [] },
    ])
  })

  it('takes what is undefined for missing', () => {
    expect(jsonPatch({ a: undefined, b: 1 }, { b: undefined })).toEqual([{ op: 'remove', path: '/b' }])
  })
})
