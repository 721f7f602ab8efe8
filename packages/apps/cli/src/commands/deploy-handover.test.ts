import type { Manifest } from '@hadal/fleet'
import { describe, expect, it } from 'vitest'
import { engineManifests } from '../../test/engine-manifests.ts'
import { type FakeCluster, fakeCluster } from '../../test/fake-cluster.ts'
import { gpuNode } from '../../test/fake-kubernetes/fake-kubernetes.ts'

const roomy = { nodes: [gpuNode('gpu-1', 8, { tainted: true })] }

/** As rendered if an autoscaler sets the replica count. */
const unnumbered = (given: Parameters<typeof engineManifests>[0] = {}): Manifest[] =>
  engineManifests(given).map((manifest) => {
    if (manifest.kind !== 'Deployment') return manifest
    const { replicas: _, ...spec } = manifest.spec as Record<string, unknown>
    return { ...manifest, spec }
  })

/** Every replica count requested of the Deployment, in order. */
function numbersOf({ fake }: FakeCluster): number[] {
  const seen: number[] = []
  fake.store.onEvent(({ object }) => {
    const { replicas } = (object.spec ?? {}) as { replicas?: number }
    if (object.kind === 'Deployment' && replicas !== undefined && replicas !== seen.at(-1))
      seen.push(replicas)
  })
  return seen
}

const replicasIn = (cluster: FakeCluster): unknown =>
  (cluster.get('Deployment', 'engine')!.spec as { replicas?: number }).replicas

async function scaleTo(cluster: FakeCluster, replicas: number): Promise<void> {
  const response = await fetch(
    `${cluster.fake.url}/apis/apps/v1/namespaces/hadal/deployments/engine/scale?fieldManager=hadal-scale`,
    {
      method: 'PATCH',
      headers: {
        authorization: `Bearer ${['fake', 'token', '1'].join('-')}`,
        'content-type': 'application/merge-patch+json',
      },
      body: JSON.stringify({ spec: { replicas } }),
    },
  )
  expect(response.status).toBe(200)
}

describe('a number of engines that is handed over', () => {
  it('is never one for a moment when manifests no longer say it', async () => {
    await using cluster = await fakeCluster(roomy)
    cluster.write(engineManifests({ replicas: 4 }))
    expect((await cluster.deploy('apply', '--yes')).code).toBe(0)
    const numbers = numbersOf(cluster)
    cluster.write(unnumbered({ image: 'engine:2' }))
    const planned = await cluster.deploy('plan')
    expect(planned.printed).not.toContain('replicas:')
    const said = await cluster.deploy('apply', '--yes')
    expect(said.code, said.noted).toBe(0)
    expect(numbers).toEqual([4])
    expect(replicasIn(cluster)).toBe(4)
    // And again: nothing is left to hand over.
    const requests = cluster.fake.requests.length
    cluster.write(unnumbered({ image: 'engine:3' }))
    expect((await cluster.deploy('apply', '--yes')).code).toBe(0)
    expect(cluster.fake.requests.slice(requests).join('\n')).not.toContain('hadal-handover')
    expect(numbers).toEqual([4])
  })

  it('stays what an autoscaler made of it meanwhile', async () => {
    await using cluster = await fakeCluster(roomy)
    cluster.write(engineManifests({ replicas: 4 }))
    await cluster.deploy('apply', '--yes')
    await scaleTo(cluster, 6)
    const numbers = numbersOf(cluster)
    cluster.write(unnumbered({ image: 'engine:2' }))
    expect((await cluster.deploy('apply', '--yes')).code).toBe(0)
    expect(numbers).toEqual([6])
  })

  it('comes back without a conflict with our own scaler', async () => {
    await using cluster = await fakeCluster(roomy)
    cluster.write(unnumbered())
    await cluster.deploy('apply', '--yes')
    await scaleTo(cluster, 3)
    cluster.write(engineManifests({ replicas: 5 }))
    const said = await cluster.deploy('apply', '--yes')
    expect(said.code, said.noted).toBe(0)
    expect(replicasIn(cluster)).toBe(5)
  })
})
