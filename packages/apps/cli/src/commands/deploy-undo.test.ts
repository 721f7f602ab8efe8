import type { Manifest } from '@hadal/fleet'
import { describe, expect, it } from 'vitest'
import { engineManifests } from '../../test/engine-manifests.ts'
import { fakeCluster } from '../../test/fake-cluster.ts'
import { gpuNode } from '../../test/fake-kubernetes/fake-kubernetes.ts'
import type { StoredObject } from '../../test/fake-kubernetes/object-store.ts'

const nodes = [gpuNode('gpu-1', 2, { tainted: true })]
const imageOf = (object: unknown): string | undefined => /"image":"([^"]+)"/.exec(JSON.stringify(object))?.[1]

describe('hadal deploy undo', () => {
  it('goes back to the revision before, in place where no GPU is free, and to a named one', async () => {
    await using cluster = await fakeCluster({ nodes })
    for (const version of [1, 2, 3]) {
      cluster.write(engineManifests({ image: `engine:${version}`, config: `c${version}` }))
      expect((await cluster.deploy('apply', '--yes', '--strategy', 'auto')).code).toBe(0)
    }
    const said = await cluster.deploy('undo', '--yes')
    expect(said.code, said.noted).toBe(0)
    expect(said.printed).toContain('Deployment hadal/engine: revision 3 → 2')
    expect(said.printed).toContain('image: engine:3 -> engine:2')
    expect(said.printed).toContain('2 replicas hold all 2 GPUs, and a surge needs')
    const live = cluster.get('Deployment', 'engine')
    expect(imageOf(live)).toBe('engine:2')
    expect(JSON.stringify(live)).toContain('engine-config-c2')
    expect(live?.status).toMatchObject({ readyReplicas: 2, updatedReplicas: 2 })

    expect((await cluster.deploy('undo', '--yes', '--to', '1')).code).toBe(0)
    expect(imageOf(cluster.get('Deployment', 'engine'))).toBe('engine:1')
    const none = await cluster.deploy('undo', '--yes', '--to', '99')
    expect(none.noted).toContain(
      'error[rollout_revision_not_found]: Deployment hadal/engine has no revision 99',
    )

    // What was undone is applied again without a conflict.
    cluster.write(engineManifests({ image: 'engine:4', config: 'c4' }))
    expect((await cluster.deploy('apply', '--yes', '--strategy', 'auto')).code).toBe(0)
  })

  it('says that there is nothing to go back to', async () => {
    await using cluster = await fakeCluster({ nodes })
    cluster.fake.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'hadal' } })
    cluster.write(engineManifests())
    expect((await cluster.deploy('undo', '--yes')).noted).toContain(
      'error[rollout_not_found]: the namespace hadal contains nothing of hadal',
    )
    await cluster.deploy('apply', '--yes')
    expect((await cluster.deploy('undo', '--yes')).noted).toContain('error[rollout_nothing_to_undo]')
    expect((await cluster.deploy('undo', '--yes', '--to', 'x')).code).toBe(2)
  })

  it('leaves alone what the manifests do not name, and what has nothing before it', async () => {
    await using cluster = await fakeCluster({ nodes })
    const named = (name: string, image: string): Manifest =>
      JSON.parse(
        JSON.stringify(engineManifests({ image, gpus: 0, replicas: 1 })[3])
          .replaceAll(/"app.kubernetes.io\/[^"]+":"hadal",?/g, '')
          .replaceAll(',}', '}')
          .replaceAll('"engine"', `"${name}"`),
      )
    const config = engineManifests().slice(0, 2)
    cluster.write([...config, named('theirs', 'a:1'), named('ours', 'a:1')])
    await cluster.deploy('apply', '--yes')
    cluster.write([...config, named('theirs', 'a:2'), named('ours', 'a:2'), named('fresh', 'a:2')])
    await cluster.deploy('apply', '--yes')
    cluster.write([named('ours', 'a:2'), named('fresh', 'a:2')])
    expect((await cluster.deploy('status')).printed).not.toContain('theirs')
    const said = await cluster.deploy('undo', '--yes')
    expect(said.code, said.noted).toBe(0)
    expect(said.noted).toContain('Deployment hadal/fresh has only its current revision: not rolled back')
    expect(imageOf(cluster.get('Deployment', 'ours'))).toBe('a:1')
    expect(imageOf(cluster.get('Deployment', 'theirs'))).toBe('a:2')
  })

  it('does not go back to what can no longer start', async () => {
    await using cluster = await fakeCluster({ nodes })
    for (const config of ['a', 'b']) {
      cluster.write(engineManifests({ config }))
      await cluster.deploy('apply', '--yes', '--strategy', 'auto')
    }
    cluster.fake.store.remove(cluster.get('ConfigMap', 'engine-config-a') as never)
    expect((await cluster.deploy('undo', '--yes')).noted).toContain(
      'error[rollout_revision_incomplete]: revision 1 of Deployment hadal/engine needs a deleted ConfigMap: engine-config-a',
    )
  })

  it('undoes what others applied, too', async () => {
    await using cluster = await fakeCluster({ nodes })
    cluster.write(engineManifests())
    await cluster.deploy('apply', '--yes')
    const live = cluster.get('Deployment', 'engine') as StoredObject
    const foreign = (image: string, generation: number): StoredObject => {
      const copy = JSON.parse(
        JSON.stringify(live).replace(/"image":"[^"]+"/, `"image":"${image}"`),
      ) as StoredObject
      const { managedFields: _, ...metadata } = copy.metadata
      return { ...copy, metadata: { ...metadata, generation } }
    }
    cluster.fake.put(foreign('engine:1', 2))
    cluster.fake.put({
      ...foreign('engine:2', 3),
      spec: { ...foreign('engine:2', 3).spec, strategy: { type: 'Recreate' } },
    })
    for (let second = 0; second < 10; second++) cluster.fake.advance(1000)
    expect((await cluster.deploy('undo', '--yes')).code).toBe(0)
    expect(imageOf(cluster.get('Deployment', 'engine'))).toBe('engine:1')
  })
})

describe('hadal deploy diff', () => {
  it('shows what differs in our fields, and no value of a secret', async () => {
    await using cluster = await fakeCluster({ nodes })
    const token = (value: string): object[] => [{ name: 'API_TOKEN', value }]
    const secret = (text: string): object => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'hadal-secrets' },
      data: { 'api-keys': Buffer.from(text).toString('base64') },
    })
    cluster.write([...engineManifests({ env: token('first-value') }), secret('first-value') as never])
    await cluster.deploy('apply', '--yes')
    const same = await cluster.deploy('diff')
    expect([same.code, same.printed, same.noted]).toEqual([0, '', 'no differences'])
    cluster.write([
      ...engineManifests({ image: 'engine:2', env: token('second-value') }),
      secret('second-value') as never,
    ])
    const said = await cluster.deploy('diff')
    expect(said.code).toBe(3)
    expect(said.printed).toContain('spec.template.spec.containers[engine].image: engine:1 -> engine:2')
    expect(said.printed).toContain('data.api-keys: (hidden) -> (hidden)')
    expect(said.printed).toMatch(/env\[API_TOKEN\]\.value:\n +- \(hidden\)\n +\+ \(hidden\)/)
    for (const text of ['first-value', 'second-value', Buffer.from('second-value').toString('base64')])
      expect(said.printed + said.noted).not.toContain(text)
  })
})

describe('hadal deploy status', () => {
  it('shows what runs, and what scales it', async () => {
    await using cluster = await fakeCluster({ nodes })
    cluster.write([
      ...engineManifests(),
      {
        apiVersion: 'keda.sh/v1alpha1',
        kind: 'ScaledObject',
        metadata: { name: 'engine' },
        spec: { scaleTargetRef: { name: 'engine' }, minReplicaCount: 1, maxReplicaCount: 4 },
      },
    ])
    await cluster.deploy('apply', '--yes')
    const said = await cluster.deploy('status')
    expect(said.code).toBe(0)
    expect(said.printed).toMatch(/^ +READY +GPUS +REVISION +RESTARTS +AGE\nengine +2\/2 +2 +1 +0 /)
    expect(said.printed).toContain('engine  ScaledObject engine, 1 to 4')
    const json = JSON.parse((await cluster.deploy('status', '--json')).printed)
    expect(json).toMatchObject([{ name: 'engine', ready: 2, wanted: 2, gpus: 2, revision: 1 }])
    const warned = await cluster.deploy('plan')
    expect(warned.printed.replaceAll(/\s+/g, ' ')).toContain('ScaledObject engine owns its replicas')
  })

  it('does without what may not be read', async () => {
    await using cluster = await fakeCluster({
      nodes,
      forbids: ({ resource }) => /autoscalers|scaledobjects|leaderworkersets|statefulsets/.test(resource),
    })
    cluster.write(engineManifests())
    await cluster.deploy('apply', '--yes')
    expect((await cluster.deploy('status')).code).toBe(0)
  })

  it('watches until all is ready', async () => {
    await using cluster = await fakeCluster({ nodes, script: { readyMillis: 40_000 } })
    cluster.write(engineManifests())
    await cluster.deploy('apply', '--yes', '--no-wait')
    const said = await cluster.deploy('status', '--watch')
    expect(said.code).toBe(0)
    expect(said.printed).toMatch(/0\/2[\s\S]*2\/2/)
  })
})
