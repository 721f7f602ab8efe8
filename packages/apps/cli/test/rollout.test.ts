import { resolve } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runs } from '../../../kernel/base/test/slow-tests.ts'
import { main } from '../src/main.ts'
import { engineManifests } from './engine-manifests.ts'
import { fakeCluster } from './fake-cluster.ts'
import { gpuNode } from './fake-kubernetes/fake-kubernetes.ts'

describe('the services whose manifests are kept', () => {
  it.each([
    ['laptop', 1],
    ['gpu-node', 1],
    ['vllm-8gpu', 8],
  ])('%s is rolled out, and again on exactly as many GPUs as it holds', async (name, gpus) => {
    const nodes = [gpuNode('gpu-1', gpus, { tainted: true }), gpuNode('cpu-1', 0), gpuNode('cpu-2', 0)]
    await using cluster = await fakeCluster({ nodes })
    const config = resolve(`tests/golden/deploy/${name}/hadal.config.ts`)
    const deploy = async (...args: string[]): Promise<[number, string]> => {
      cluster.terminal.printed.length = cluster.terminal.noted.length = 0
      const code = await main(['deploy', ...args, '--config', config], cluster.terminal)
      return [code, [...cluster.terminal.printed, ...cluster.terminal.noted].join('\n')]
    }
    const [, planned] = await deploy('plan')
    const namespace = /namespace (\S+)/.exec(planned)![1]!
    expect(planned).toMatch(/the Secret \S+ does not exist/)
    const secret = /the Secret (\S+) does not exist/.exec(planned)![1]!
    cluster.fake.put({ apiVersion: 'v1', kind: 'Secret', metadata: { name: secret, namespace }, data: {} })
    const [code, said] = await deploy('apply', '--yes', '--poll', '5ms')
    expect(code, said).toBe(0)
    expect((await deploy('diff'))[1]).toContain('no differences')
    expect((await deploy('status'))[0]).toBe(0)

    // Another version of everything: pods are replaced.
    for (const deployment of cluster.fake.store.list('Deployment', namespace)) {
      const spec = JSON.parse(
        JSON.stringify(deployment.spec).replaceAll(/"image":"([^"]+)"/g, '"image":"$1-old"'),
      )
      const { managedFields: _, ...metadata } = deployment.metadata
      cluster.fake.put({ ...deployment, metadata: { ...metadata, generation: 2 }, spec })
    }
    for (let second = 0; second < 60; second++) cluster.fake.advance(1000)
    const [again, text] = await deploy('apply', '--yes', '--poll', '5ms')
    expect(again, text).toBe(0)
    if (name === 'vllm-8gpu') expect(text).toContain('one at a time')
    for (const { status, spec } of cluster.fake.store.list('Deployment', namespace))
      expect(status).toMatchObject({ updatedReplicas: spec!.replicas, readyReplicas: spec!.replicas })
  })
})

describe('what is foretold of a rollout', () => {
  const surge = fc.constantFrom<object | undefined>(
    undefined,
    { type: 'Recreate' },
    { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    { rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
    { rollingUpdate: { maxSurge: 2, maxUnavailable: '50%' } },
  )

  it('is what controllers do', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 3 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 4 }),
        surge,
        async (gpus, before, after, strategy) => {
          await using cluster = await fakeCluster({
            nodes: gpus.map((each, index) => gpuNode(`n${index}`, each)),
          })
          const given = strategy === undefined ? {} : { strategy }
          cluster.write(engineManifests({ replicas: before, ...given }))
          const first = await cluster.deploy('plan', '--json')
          const fits = gpus.reduce((sum, each) => sum + each, 0) >= before
          expect(JSON.parse(first.printed).blockers.length === 0).toBe(fits)
          if (!fits) return
          expect((await cluster.deploy('apply', '--yes')).code).toBe(0)

          const changed = engineManifests({ replicas: after, image: 'engine:2', ...given })
          cluster.write(changed)
          const [workload] = JSON.parse((await cluster.deploy('plan', '--json')).printed).workloads
          const live = cluster.fake.store.get('Deployment', 'hadal', 'engine')!
          const { template } = changed[3]!.spec as { template: object }
          cluster.fake.put({
            ...live,
            metadata: { ...live.metadata, generation: 2 },
            spec: { ...live.spec, replicas: after, template },
          })
          for (let second = 0; second < 60; second++) cluster.fake.advance(1000)
          const { status } = cluster.fake.store.get('Deployment', 'hadal', 'engine')!
          const isDone =
            status?.updatedReplicas === after &&
            status?.replicas === after &&
            status?.availableReplicas === after
          expect(
            workload.ends,
            JSON.stringify({ gpus, before, after, strategy, why: workload.why, status }),
          ).toBe(isDone)
        },
      ),
      { numRuns: runs(10, 25) },
    )
  })
})
