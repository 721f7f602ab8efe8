/** Realistic manifests: each broken one has one error, and the linter finds that and nothing else. */

import { readdirSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { dashboardsOf, type LintFinding, renderKubernetes, rulesOf } from '@hadal/fleet'
import { harmCatalogue, lintManifests } from '@hadal/manifest-lint'
import { describe, expect, test } from 'vitest'
import { gpuNode, laptop, vllm8gpu } from '../../fleet/test/deployments.ts'

const corpus = fileURLToPath(new URL('../../../../tests/golden/lint/', import.meta.url))

const filesIn = (folder: string): { path: string; text: string }[] =>
  readdirSync(`${corpus}${folder}`).map((path) => ({
    path,
    text: readFileSync(`${corpus}${folder}/${path}`, 'utf8'),
  }))

const isSerious = ({ severity }: LintFinding): boolean => severity !== 'advice'
const said = ({ rule, path }: LintFinding): string => (path === '' ? rule : `${rule} at ${path}`)

describe('good manifests', () => {
  test.each(filesIn('good'))('$path: nothing is refused and nothing hurts', (file) => {
    expect(lintManifests([file]).filter(isSerious)).toEqual([])
  })

  test.each([laptop, gpuNode, vllm8gpu])('neither in what is rendered of $name', (deployment) => {
    const extras = () => ({ rules: rulesOf(deployment), dashboards: dashboardsOf(deployment) })
    const files = renderKubernetes(deployment, extras).filter(({ path }) => path.startsWith('base/'))
    expect(lintManifests(files).filter(isSerious)).toEqual([])
  })
})

describe('broken manifests', () => {
  const broken = filesIn('broken')

  test.each(broken)('$path', (file) => {
    const expected = /^# expects: (.*)/.exec(file.text)![1]!.trim()
    const found = lintManifests([file])
    const match = found.find((each) => said(each) === expected)
    expect(match, `found ${found.map(said).join(', ')}`).toBeDefined()
    expect(found.filter(isSerious).filter((each) => said(each) !== expected)).toEqual([])
    expect(match!.reason.length).toBeGreaterThan(10)
    expect(match!.fix.length).toBeGreaterThan(3)
    expect(match!.file).toBe(file.path)
  })

  test('each rule for harms has one', () => {
    const tried = new Set(broken.map(({ text }) => /^# expects: (\w+)/.exec(text)![1]))
    expect(harmCatalogue.map(({ id }) => id).filter((id) => !tried.has(id))).toEqual([])
  })

  test('no value that was to stay secret is said', () => {
    for (const file of broken)
      for (const finding of lintManifests([file]))
        expect(JSON.stringify(finding), basename(file.path)).not.toMatch(/hunter2|letmein|this-is-no-real/)
  })
})
