import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../kube-objects.ts'
import { changesOf, estimatedChanges, hiddenValue } from './field-changes.ts'
import { isAppliedBy, ownedFields } from './owned-fields.ts'

const object = (spec: unknown, metadata: object = {}): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'd', ...metadata },
  spec,
})
const paths = (changes: readonly { path: string }[]): string[] => changes.map(({ path }) => path)

describe('changes', () => {
  it('match list items by their merge key', () => {
    const before = object({
      containers: [
        { name: 'a', image: '1' },
        { name: 'b', image: '1' },
      ],
    })
    const after = object({
      containers: [
        { name: 'b', image: '2' },
        { name: 'a', image: '1' },
      ],
    })
    expect(changesOf(before, after)).toEqual([{ path: 'spec.containers[b].image', before: '1', after: '2' }])
  })
  it('are none where quantities are the same, and where the server wrote', () => {
    const before = object(
      { cpu: '1' },
      {
        resourceVersion: '1',
        generation: 3,
        uid: 'x',
        managedFields: [],
        annotations: { 'hadal.dev/rollout': 'a' },
      },
    )
    expect(changesOf({ ...before, status: { a: 1 } }, object({ cpu: '1000m' }))).toEqual([])
  })
  it('are never values of secrets', () => {
    const secret = (data: object): KubeObject => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's' },
      data,
    })
    expect(changesOf(secret({ a: '1' }), secret({ a: '2', b: '3' }))).toEqual([
      { path: 'data.a', before: hiddenValue, after: hiddenValue },
      { path: 'data.b', before: undefined, after: hiddenValue },
    ])
    const env = (value: string): KubeObject =>
      object({
        env: [
          { name: 'DB_PASSWORD', value },
          { name: 'X', value },
        ],
      })
    expect(JSON.stringify(changesOf(env('one'), env('two')))).toContain(
      '"path":"spec.env[X].value","before":"one"',
    )
    expect(changesOf(env('one'), env('two'))[0]).toMatchObject({ before: hiddenValue, after: hiddenValue })
    expect(JSON.stringify(changesOf(object({}), env('sesame'))).match(/sesame/g)).toHaveLength(1)
  })
  it('have no password of an address', () => {
    const at = (password: string): KubeObject => object({ url: `postgres://u:${password}@h/d` })
    expect(JSON.stringify(changesOf(at('first'), at('second')))).not.toMatch(/first|second/)
  })
  it('are none of an object with itself, and some of two that differ', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (left, right) => {
        expect(changesOf(object(left), object(left))).toEqual([])
        expect(estimatedChanges(object(left), object(left), 'hadal')).toEqual([])
        if (typeof left === 'number' && typeof right === 'number' && left !== right)
          expect(changesOf(object(left), object(right))).toHaveLength(1)
      }),
    )
  })
})

describe('without a server', () => {
  const managedFields = [
    {
      manager: 'hadal',
      operation: 'Apply',
      fieldsV1: {
        'f:spec': {
          'f:replicas': {},
          'f:paused': {},
          'f:containers': { 'k:{"name":"a"}': { '.': {}, 'f:name': {}, 'f:image': {} } },
          'f:finalizers': { 'v:"x"': {} },
        },
      },
    },
  ]
  const live = object(
    {
      replicas: 2,
      paused: true,
      deadline: 600,
      containers: [{ name: 'a', image: '1', policy: 'x' }],
      finalizers: ['x', 'y'],
    },
    { managedFields },
  )

  it('are those of fields that are named, and of those that were ours', () => {
    const wanted = object({
      replicas: 2,
      containers: [{ name: 'a', image: '2' }],
      finalizers: ['x', 'y'],
      empty: [],
    })
    expect(paths(estimatedChanges(live, wanted, 'hadal'))).toEqual([
      'spec.containers[a].image',
      'spec.paused',
    ])
  })
  it('take back what was ours', () => {
    expect(ownedFields(live, 'hadal')).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'd' },
      spec: { replicas: 2, paused: true, containers: [{ name: 'a', image: '1' }], finalizers: ['x'] },
    })
    expect(ownedFields(live, 'other')).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'd' },
    })
    expect([isAppliedBy(live, 'hadal'), isAppliedBy(live, 'other')]).toEqual([true, false])
  })
})
