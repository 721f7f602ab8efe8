/** What kustomize makes of an overlay is what the overlay's deployment says: the same objects, to the last field. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type Deployment, type ExtrasOf, type Manifest, manifestsOf, renderKubernetes } from '@hadal/fleet'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { runs } from '../../../kernel/base/test/slow-tests.ts'
import { gpuNode, laptop, vllm8gpu } from './deployments.ts'
import { drawnOverlay } from './drawn-deployments.ts'
import { runProgram, whyNoPrograms } from './programs.ts'

const why = whyNoPrograms('kubectl')

/** Less than the real ones, which have thousands of lines. */
const extrasOf: ExtrasOf = ({ namespace, name }) => ({
  rules: { groups: [{ name, rules: [{ alert: 'A', expr: `up{namespace="${namespace}"} == 0` }] }] },
  dashboards: [{ name: 'serving', json: JSON.stringify({ title: `{{ ${namespace} }}`, n: 1e21 }, null, 2) }],
})

/** Output of `kubectl kustomize`, in its own order. */
function built(deployment: Deployment, folder: string, extras: ExtrasOf): Manifest[] {
  const root = mkdtempSync(join(tmpdir(), 'hadal-overlays-'))
  try {
    for (const { path, text } of renderKubernetes(deployment, extras)) {
      mkdirSync(dirname(join(root, path)), { recursive: true })
      writeFileSync(join(root, path), text)
    }
    const { code, output } = runProgram('kubectl', ['kustomize', join(root, folder)])
    if (code !== 0) throw new Error(output)
    return parseAllDocuments(output).map((document) => document.toJS() as Manifest)
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

const sorted = (manifests: readonly Manifest[]): Manifest[] => {
  const key = ({ kind, metadata }: Manifest): string => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`
  return [...manifests].sort((a, b) => (key(a) < key(b) ? -1 : 1))
}

/** As JSON has it: what is undefined is missing. */
const plain = (manifests: readonly Manifest[]): Manifest[] => JSON.parse(JSON.stringify(sorted(manifests)))

function withOverlay(base: Deployment, deployment: Deployment): Deployment {
  return { ...base, overlays: [{ name: 'other', deployment }] }
}

describe.skipIf(why !== undefined)(`kustomize ${why ?? ''}`, () => {
  it.each([
    ['laptop', laptop],
    ['gpu-node', gpuNode],
    ['vllm-8gpu', vllm8gpu],
  ])('builds the base and the overlays of %s', (_, deployment) => {
    expect(sorted(built(deployment, 'base', extrasOf))).toEqual(plain(manifestsOf(deployment, extrasOf)))
    const [all] = renderKubernetes(deployment, extrasOf)
    const documents = parseAllDocuments(all!.text).map((document) => document.toJS() as Manifest)
    expect(documents).toEqual(JSON.parse(JSON.stringify(manifestsOf(deployment, extrasOf))))
    for (const { name, deployment: other } of deployment.overlays)
      expect(sorted(built(deployment, `overlays/${name}`, extrasOf))).toEqual(
        plain(manifestsOf(other, extrasOf)),
      )
  })

  it('deletes what an overlay has not, adds what only it has, and takes fields away', () => {
    const { host: _, ...rest } = gpuNode
    const overlay = {
      ...rest,
      host: undefined,
      engines: [],
      scaling: vllm8gpu.scaling,
      imagePullSecret: 'registry',
    }
    const deployment = withOverlay(gpuNode, overlay)
    const paths = renderKubernetes(deployment).map(({ path }) => path)
    expect(paths).not.toContain('overlays/other/gateway-ingress.yaml')
    expect(sorted(built(deployment, 'overlays/other', extrasOf))).toEqual(
      plain(manifestsOf(overlay, extrasOf)),
    )
    const back = withOverlay(overlay, gpuNode)
    expect(sorted(built(back, 'overlays/other', extrasOf))).toEqual(plain(manifestsOf(gpuNode, extrasOf)))
  })

  it('has no more than a line of what is otherwise', () => {
    const overlay = { ...gpuNode, gateway: { ...gpuNode.gateway, replicas: 7 } }
    const files = renderKubernetes(withOverlay(gpuNode, overlay)).filter(({ path }) =>
      path.startsWith('overlays/'),
    )
    expect(files.map(({ path }) => path)).toEqual([
      'overlays/other/kustomization.yaml',
      'overlays/other/patches/gateway-deployment.yaml',
    ])
    expect(files[1]!.text).toContain('- op: replace\n  path: /spec/replicas\n  value: 7\n')
  })

  it('is the overlay’s own objects where everything is called otherwise', () => {
    const overlay: Deployment = {
      ...laptop,
      name: 'other',
      gateway: { ...laptop.gateway, name: 'other-gateway' },
      engines: laptop.engines.map((engine) => ({ ...engine, name: 'other-engine' })),
    }
    const deployment = withOverlay(laptop, overlay)
    expect(sorted(built(deployment, 'overlays/other', extrasOf))).toEqual(
      plain(manifestsOf(overlay, extrasOf)),
    )
  })

  it('holds for any two deployments', () => {
    fc.assert(
      fc.property(drawnOverlay, ({ base, overlay }) => {
        const deployment = withOverlay(base, overlay)
        expect(sorted(built(deployment, 'overlays/other', extrasOf))).toEqual(
          plain(manifestsOf(overlay, extrasOf)),
        )
      }),
      { numRuns: runs(4, 12) },
    )
  })
})
