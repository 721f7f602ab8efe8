/**
 * The linter against two readers of the same types: kubectl, which decodes manifests into Go's types without a cluster, and
 * the validators of kubernetes-models. Errors are drawn into good manifests; what the readers reject or lose, the linter rejects.
 */

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { readManifests } from '@hadal/fleet'
import { lintManifests, rejectionRules } from '@hadal/manifest-lint'
import { describe, expect, test } from 'vitest'
import { runProgram, whyNoPrograms } from '../../fleet/test/programs.ts'
import { mutate, type Step } from './mutations.ts'

type Json = Record<string, unknown>

const require = createRequire(import.meta.url)
const folder = new URL('./manifests/good/', import.meta.url)
const texts = ['web.yaml', 'platform.yaml', 'monitoring.yaml'].map((name) => ({
  path: name,
  text: readFileSync(new URL(name, folder), 'utf8'),
}))
const good = readManifests(texts).objects.map(({ manifest }) => JSON.parse(JSON.stringify(manifest)) as Json)

/** Harmful is what a server takes though its own schema says otherwise, as in the pods of a StatefulSet. */
const rejections = (manifest: Json) =>
  lintManifests([{ path: 'a.json', text: JSON.stringify(manifest) }], { rules: rejectionRules }).filter(
    ({ severity }) => severity !== 'advice',
  )

/** Numbers that look drawn and are the same in each run. */
function drawing(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

test('realistic manifests are not rejected', () => {
  const found = lintManifests(texts, { rules: rejectionRules })
  expect(found.filter(({ severity }) => severity === 'rejected')).toEqual([])
})

describe.skipIf(whyNoPrograms('kubectl') !== undefined)('kubectl', () => {
  const pods = good.filter(({ kind }) =>
    /^(Deployment|StatefulSet|DaemonSet|Job|CronJob|Pod)$/.test(String(kind)),
  )

  /** What Go's types make of it, or what keeps them from it. */
  function decoded(manifest: Json): { issue?: string; value?: unknown } {
    const input = JSON.stringify(manifest)
    const { code, output } = runProgram(
      'kubectl',
      ['set', 'image', '--local', '-f', '-', '*=i:1', '-o', 'json'],
      { input },
    )
    return code === 0 ? { value: JSON.parse(output) } : { issue: output }
  }

  /** Paths that were there and are not any more, where they said something. */
  function lost(before: unknown, after: unknown, path: readonly Step[]): string[] {
    if (!before || (Array.isArray(before) && before.length === 0)) return []
    if (typeof before !== 'object') return after === undefined ? [path.join('.')] : []
    if (after === undefined) return Object.keys(before).length > 0 ? [path.join('.')] : []
    return Object.entries(before).flatMap(([key, one]) =>
      lost(one, (after as Json | undefined)?.[key], [...path, key]),
    )
  }

  test('what it cannot decode, or loses, is refused; what is refused as unknown or of a wrong type, it cannot', () => {
    const draw = drawing(7)
    for (let round = 0; round < 40; round++) {
      const { how, path, mutated } = mutate(pods[draw(pods.length)]!, draw)
      const { issue, value } = decoded(mutated)
      // Without a container there is no image to set; that error is not about the types.
      if (issue?.includes('unable to find container')) continue
      const gone =
        issue === undefined ? lost(mutated, value, []).filter((one) => !/image|status/.test(one)) : []
      const isRefused = issue !== undefined || (how === 'rename' && gone.length > 0)
      const found = rejections(mutated)
      const place = `${how} ${path.join('.')}: ${issue ?? gone.join()}`
      if (isRefused) expect(found.length, place).toBeGreaterThan(0)
      if (how === 'retype' && found.some(({ rule }) => rule === 'wrong_type'))
        expect(issue, place).toBeDefined()
    }
  })
})

describe('the validators of kubernetes-models', () => {
  /** Where they want a field that the server fills in or leaves empty. */
  const filledIn =
    /roleRef must have .*apiGroup|podSelector|property value|property limits|property endpoints|0 must have required property status/
  type Model = new (data: Json) => { validate(): void }

  function modelOf({ apiVersion, kind }: Json): Model | undefined {
    try {
      return (require(`kubernetes-models/${apiVersion}/${kind}`) as Record<string, Model>)[String(kind)]
    } catch {
      return undefined
    }
  }

  test('refuse nothing that the linter takes', () => {
    const draw = drawing(11)
    const known = good.filter((manifest) => modelOf(manifest) !== undefined)
    expect(known.length).toBeGreaterThan(30)
    for (let round = 0; round < 500; round++) {
      const { how, path, mutated } = mutate(known[draw(known.length)]!, draw)
      const Model = modelOf(mutated)!
      let issue = ''
      try {
        new Model(mutated).validate()
      } catch (error) {
        issue = String(error)
      }
      if (issue === '' || filledIn.test(issue)) continue
      expect(
        rejections(mutated).length,
        `${how} ${path.join('.')} of ${mutated.kind}: ${issue}`,
      ).toBeGreaterThan(0)
    }
  })
})

test('no random mutation makes a rule throw, and each finding has a position', () => {
  const draw = drawing(3)
  for (let round = 0; round < 500; round++) {
    let broken = good[draw(good.length)]!
    for (let issues = draw(4); issues >= 0; issues--) broken = mutate(broken, draw).mutated
    const text = JSON.stringify(broken, null, 1)
    for (const { line, rule, file } of lintManifests([{ path: 'a.json', text }])) {
      expect(line).toBeGreaterThan(0)
      expect(line).toBeLessThanOrEqual(text.split('\n').length)
      expect(rule).toMatch(/^[a-z0-9_]+$/)
      expect(file).toBe('a.json')
    }
  }
})
