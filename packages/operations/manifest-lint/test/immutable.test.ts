/** Fields that cannot be changed, against the objects as they are now. */

import { lintManifests, rejectionRules } from '@hadal/manifest-lint'
import { describe, expect, test } from 'vitest'
import { bases, edit, type Json } from './lint-bases.ts'

type Base = keyof typeof bases

const file = (manifest: Json) => [{ path: 'a.json', text: JSON.stringify(manifest) }]

function changes(now: Json, before: Json): string[] {
  return lintManifests(file(now), { rules: rejectionRules, before: file(before) })
    .filter(({ rule }) => rule === 'immutable_field')
    .map(({ path }) => path)
}

const claims = [
  {
    metadata: { name: 'data' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  },
]
const box = 'spec.template.spec.containers.0'
const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'other' }

describe('refused', () => {
  test.each<[Base, string, unknown, string]>([
    ['deployment', 'spec.selector.matchLabels', { app: 'web', tier: 'a' }, 'spec.selector'],
    ['daemonSet', 'spec.selector.matchLabels', { app: 'other' }, 'spec.selector'],
    ['statefulSet', 'spec.serviceName', 'other', 'spec.serviceName'],
    ['statefulSet', 'spec.serviceName', undefined, 'spec'],
    ['statefulSet', 'spec.podManagementPolicy', 'Parallel', 'spec.podManagementPolicy'],
    ['statefulSet', 'spec.volumeClaimTemplates', claims, 'spec.volumeClaimTemplates'],
    ['job', `${box}.image`, 'web:2', 'spec.template'],
    ['job', 'spec.completions', 5, 'spec.completions'],
    ['service', 'spec.clusterIP', 'None', 'spec.clusterIP'],
    ['service', 'spec.clusterIP', '10.0.0.9', 'spec.clusterIP'],
    ['claim', 'spec.resources.requests.storage', '5Gi', 'spec.resources.requests.storage'],
    ['claim', 'spec.accessModes', ['ReadWriteMany'], 'spec.accessModes'],
    ['claim', 'spec.storageClassName', 'fast', 'spec.storageClassName'],
    ['binding', 'roleRef', roleRef, 'roleRef'],
    ['secret', 'type', 'kubernetes.io/opaque', 'type'],
    ['storageClass', 'parameters', { type: 'gp3' }, 'parameters'],
    ['priority', 'value', 11, 'value'],
    ['pod', 'spec.containers.0.command', ['sh'], 'spec.containers'],
    ['definition', 'spec.scope', 'Cluster', 'spec.scope'],
  ])('%s %s = %j', (base, path, value, where) => {
    expect(changes(edit(bases[base](), path, value), bases[base]())).toEqual([where])
    expect(changes(bases[base](), bases[base]())).toEqual([])
  })

  test('data of what said immutable', () => {
    const frozen = () => edit(bases.configMap(), 'immutable', true)
    expect(changes(edit(frozen(), 'data', { 'a.txt': 'b' }), frozen())).toEqual(['data'])
    expect(changes(frozen(), frozen())).toEqual([])
    expect(changes(bases.configMap(), frozen())).toEqual([''])
    const secret = () => edit(bases.secret(), 'immutable', true)
    const same = edit(edit(secret(), 'data', undefined), 'stringData', { key: 'hi' })
    expect(changes(same, secret())).toEqual([])
    expect(changes(edit(same, 'stringData.key', 'ho'), secret())).not.toEqual([])
  })
})

describe('allowed', () => {
  test.each<[Base, string, unknown]>([
    ['deployment', 'spec.replicas', 5],
    ['deployment', `${box}.image`, 'web:2'],
    ['statefulSet', 'spec.replicas', 5],
    ['statefulSet', `${box}.image`, 'web:2'],
    ['statefulSet', 'spec.minReadySeconds', 5],
    ['claim', 'spec.resources.requests.storage', '20Gi'],
    ['claim', 'spec.resources.requests.storage', '10240Mi'],
    ['service', 'spec.type', 'NodePort'],
    ['pod', 'spec.containers.0.image', 'web:2'],
    ['configMap', 'data', { b: 'c' }],
    ['binding', 'subjects', []],
    ['job', 'spec.parallelism', 3],
  ])('%s %s = %j', (base, path, value) =>
    expect(changes(edit(bases[base](), path, value), bases[base]())).toEqual([]),
  )

  test('what a cluster filled in since', () => {
    const live = edit(bases.statefulSet(), 'spec.podManagementPolicy', 'OrderedReady')
    edit(live, 'spec.volumeClaimTemplates', [
      { ...claims[0], apiVersion: 'v1', kind: 'PersistentVolumeClaim', status: { phase: 'Pending' } },
    ])
    edit(live, `${box}.terminationMessagePath`, '/dev/termination-log')
    expect(changes(edit(bases.statefulSet(), 'spec.volumeClaimTemplates', claims), live)).toEqual([])
  })

  test('another object of the same name', () => {
    const other = edit(bases.deployment(), 'metadata.namespace', 'other')
    expect(changes(edit(bases.deployment(), 'spec.selector.matchLabels', { app: 'b' }), other)).toEqual([])
  })
})

describe('objects together', () => {
  const rulesOf = (...manifests: Json[]) =>
    lintManifests(
      manifests.map((manifest, index) => ({ path: `${index}.json`, text: JSON.stringify(manifest) })),
      { rules: rejectionRules },
    ).map(({ rule }) => rule)

  test('the same one twice', () => {
    expect(rulesOf(bases.deployment(), edit(bases.deployment(), 'spec.replicas', 2))).toEqual([
      'object_twice',
    ])
    expect(rulesOf(bases.deployment(), edit(bases.deployment(), 'metadata.namespace', 'other'))).toEqual([])
  })
  test('one port of all nodes for two', () => {
    const outside = (name: string) =>
      edit(
        edit(edit(bases.service(), 'spec.type', 'NodePort'), 'spec.ports.0.nodePort', 30_080),
        'metadata.name',
        name,
      )
    expect(rulesOf(outside('a'), outside('b'))).toEqual(['port_taken'])
  })
  test('a kind that nothing is known of is said to be unchecked, unless its definition is there', () => {
    const web = { apiVersion: 'example.com/v1', kind: 'Web', metadata: { name: 'a' } }
    expect(rulesOf(web)).toEqual(['unchecked_kind'])
    expect(rulesOf(web, bases.definition())).toEqual([])
  })
  test('what one cluster wrote into its own object', () =>
    expect(rulesOf(edit(bases.deployment(), 'metadata.resourceVersion', '12'))).toEqual(['exported_field']))
})
