/** Deploy operations with a real config file, a real folder and a fake cluster. */

import { appendFileSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describeDeployment, diffDeployment, lintAnswer, renderedFile } from '@hadal/admin'
import type { Terminal } from '@hadal/output'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fakeCluster } from '../../../test/fake-cluster.ts'
import { recordingTerminal } from '../../../test/recording-terminal.ts'
import { main } from '../../main.ts'

const config = {
  model: 'nano',
  deploy: { overlays: { staging: { namespace: 'staging' } }, replicas: 2 },
}
const password = ['hunter', '2hunter2'].join('')

let folder: string
let terminal: Terminal
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hadal-deploy-'))
  writeFileSync(join(folder, 'hadal.config.json'), JSON.stringify(config))
  terminal = recordingTerminal({ folder, env: { HOME: folder, MY_TOKEN: password } })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('a deployment', () => {
  it('is described with its files, choices, secrets and findings', async () => {
    const reported = await describeDeployment({}, terminal)
    expect(reported).toMatchObject({ name: 'hadal', config: 'hadal.config.json', overlays: ['staging'] })
    expect(reported.files.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['base/engine-deployment.yaml', 'overlays/staging/kustomization.yaml']),
    )
    // It has everything a second time.
    expect(reported.files.map(({ path }) => path)).not.toContain('all.yaml')
    expect(reported.reasons.length).toBeGreaterThan(3)
    expect(reported.secretKeys).toContainEqual({
      key: 'api-keys',
      variable: 'HADAL_API_KEYS',
      optional: false,
    })
    expect(reported.lint.findings).toContainEqual(
      expect.objectContaining({ rule: 'missing_reference', about: expect.stringMatching(/\w/) }),
    )
    expect(reported).toMatchObject({ hasCluster: false })
    expect(reported).not.toHaveProperty('renderedFolder')
  })

  it('is one of an overlay, and there is no other', async () => {
    expect(await describeDeployment({ overlay: 'staging' }, terminal)).toMatchObject({
      namespace: 'staging',
      overlays: ['staging'],
    })
    await expect(describeDeployment({ overlay: 'moon' }, terminal)).rejects.toMatchObject({
      code: 'deploy_overlay_unknown',
    })
  })

  it('gives a file that was rendered, and no other of the disk', async () => {
    expect((await renderedFile({ path: 'base/namespace.yaml' }, terminal))?.text).toContain('kind: Namespace')
    for (const path of ['../hadal.config.json', join(folder, 'hadal.config.json'), 'base'])
      expect(await renderedFile({ path }, terminal)).toBeUndefined()
  })
})

describe('differences', () => {
  it('of an overlay are reported line by line', async () => {
    const diff = await diffDeployment({ against: 'overlay', overlay: 'staging' }, terminal)
    if (diff.kind !== 'files') expect.unreachable()
    const namespace = diff.files.find(({ path }) => path === 'base/namespace.yaml')!
    expect(namespace.hunks.flatMap(({ lines }) => lines)).toEqual(
      expect.arrayContaining([
        { kind: 'removed', text: '  name: hadal' },
        { kind: 'added', text: '  name: staging' },
      ]),
    )
    expect(diff.files.every(({ path }) => /^(base|monitoring)\//.test(path))).toBe(true)
    expect(diff.unchanged).toBeGreaterThan(10)
  })

  it('of the rendered folder require a rendered folder, and contain no secrets', async () => {
    await expect(diffDeployment({ against: 'rendered' }, terminal)).rejects.toMatchObject({
      code: 'deploy_not_rendered',
    })
    expect(await main(['deploy', 'render'], terminal)).toBe(0)
    expect(await diffDeployment({ against: 'rendered' }, terminal)).toMatchObject({ files: [] })
    appendFileSync(join(folder, 'deploy/base/namespace.yaml'), `# the password is ${password}\n`)
    // A link in place of a file is not followed.
    rmSync(join(folder, 'deploy/base/network.yaml'))
    symlinkSync(join(folder, 'hadal.config.json'), join(folder, 'deploy/base/network.yaml'))
    const diff = await diffDeployment({ against: 'rendered' }, terminal)
    if (diff.kind !== 'files') expect.unreachable()
    expect(diff.files.map(({ path, change }) => [path, change])).toEqual([
      ['base/namespace.yaml', 'changed'],
      ['base/network.yaml', 'added'],
    ])
    expect(JSON.stringify(diff)).toContain('the password is hidden')
    expect(JSON.stringify(diff)).not.toContain(password)
  })

  it('of a cluster are what it would keep, and nothing is changed', async () => {
    await using cluster = await fakeCluster()
    writeFileSync(join(cluster.folder, 'hadal.config.json'), JSON.stringify(config))
    const diff = await diffDeployment({ against: 'cluster' }, cluster.terminal)
    expect(diff).toMatchObject({ kind: 'objects', namespace: 'hadal' })
    if (diff.kind !== 'objects') expect.unreachable()
    expect(diff.objects).toContainEqual({
      name: 'Deployment hadal/hadal-engine',
      change: 'added',
      restartsPods: expect.any(Boolean),
      fields: [],
    })
    expect(cluster.get('Deployment', 'hadal-engine')).toBeUndefined()
  })

  it('of an unspecified cluster are an error', async () => {
    await expect(diffDeployment({ against: 'cluster' }, terminal)).rejects.toMatchObject({
      code: 'cluster_config_invalid',
    })
  })
})

it('lints pasted text, whatever it contains', () => {
  const text = 'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: a\nspec:\n  replica: 2\n'
  const { objects, findings } = lintAnswer([{ path: 'pasted.yaml', text }])
  expect(objects).toBe(1)
  expect(findings).toContainEqual(
    expect.objectContaining({ severity: 'rejected', file: 'pasted.yaml', line: 6, path: 'spec.replica' }),
  )
  expect(lintAnswer([{ path: 'x', text: '\u0000{{{' }]).findings.length).toBeGreaterThan(0)
})
