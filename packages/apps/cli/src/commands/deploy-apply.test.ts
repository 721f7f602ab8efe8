import type { Clock } from '@hadal/base'
import { visibleLength } from '@hadal/output'
import { describe, expect, it } from 'vitest'
import { engineManifests } from '../../test/engine-manifests.ts'
import { fakeCluster } from '../../test/fake-cluster.ts'
import { gpuNode } from '../../test/fake-kubernetes/fake-kubernetes.ts'
import { deployApply } from './deploy-apply.ts'

const oneNode = { nodes: [gpuNode('gpu-1', 2, { tainted: true })] }
const surge = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } }

const imageOf = (object: Record<string, unknown> | undefined): string | undefined =>
  /"image":"([^"]+)"/.exec(JSON.stringify(object))?.[1]
const statusOf = (object: Record<string, unknown> | undefined): Record<string, unknown> =>
  object?.status as Record<string, unknown>

/** Passes only while a rollout is waited for, so that a timeout is a number of polls. */
function clockOfPolls(): Clock {
  let now = 0
  const sleep = async (millis: number): Promise<void> => {
    now += millis
  }
  return { now: () => now, wallClock: () => now, sleep }
}

describe('hadal deploy apply', () => {
  it('rolls out what is new, waits until it is ready, and then has nothing to change', async () => {
    await using cluster = await fakeCluster(oneNode)
    cluster.write(engineManifests())
    const said = await cluster.deploy('apply', '--yes')
    expect(said.code, said.noted).toBe(0)
    expect(said.noted).toContain('created Deployment hadal/engine')
    expect(said.noted).toMatch(/0 of 2 new ready, 2 starting/)
    expect(said.noted).toMatch(/2 of 2 ready\napplied, and ready$/)
    expect(statusOf(cluster.get('Deployment', 'engine')).readyReplicas).toBe(2)
    const again = await cluster.deploy('apply', '--yes')
    expect([again.code, again.noted]).toEqual([0, 'nothing to change'])
    expect(again.printed).toContain('= 4 unchanged')
  })

  it('finishes on exactly as many GPUs as replicas, where the usual strategy hangs', async () => {
    await using cluster = await fakeCluster(oneNode)
    cluster.write(engineManifests({ strategy: surge }))
    expect((await cluster.deploy('apply', '--yes')).code).toBe(0)
    cluster.write(engineManifests({ image: 'engine:2', strategy: surge }))

    const refused = await cluster.deploy('apply', '--yes')
    expect(refused.code).toBe(3)
    expect(refused.noted).toContain(
      'error[rollout_would_deadlock]: Deployment hadal/engine would deadlock: 2 replicas hold all 2 GPUs, and a surge needs 1 more',
    )
    expect(imageOf(cluster.get('Deployment', 'engine'))).toBe('engine:1')

    const chosen = await cluster.deploy('apply', '--yes', '--strategy', 'auto')
    expect(chosen.code, chosen.noted).toBe(0)
    expect(chosen.printed).toContain('2 replicas of 1 GPU, one at a time')
    expect(imageOf(cluster.get('Deployment', 'engine'))).toBe('engine:2')
    expect(statusOf(cluster.get('Deployment', 'engine'))).toMatchObject({
      readyReplicas: 2,
      updatedReplicas: 2,
    })
  })

  it('explains a deadlocked rollout that another client started', async () => {
    await using cluster = await fakeCluster(oneNode)
    cluster.write(engineManifests({ strategy: surge }))
    await cluster.deploy('apply', '--yes')
    const live = cluster.get('Deployment', 'engine') as ReturnType<typeof engineManifests>[number]
    const [, , , changed] = engineManifests({ image: 'engine:2', strategy: surge })
    cluster.fake.put({
      ...live,
      metadata: { ...live.metadata, generation: 2 },
      spec: { ...(live.spec as object), template: (changed!.spec as { template: object }).template },
    })
    cluster.fake.advance(700_000)
    const said = await cluster.deploy('status')
    expect(said.code).toBe(3)
    expect(said.printed).toContain('no node has enough nvidia.com/gpu free (Insufficient nvidia.com/gpu)')
    expect(said.printed).toContain('no progress for 600 seconds')

    // A stale ProgressDeadlineExceeded does not fail what corrects it.
    cluster.write(engineManifests({ image: 'engine:2' }))
    const corrected = await cluster.deploy('apply', '--yes', '--strategy', 'auto', '--force')
    expect(corrected.code, corrected.noted).toBe(0)
  })

  it('rolls back to the previous state when pods crash, with the config of then', async () => {
    await using cluster = await fakeCluster({ ...oneNode, script: { images: { 'engine:bad': 'crash' } } })
    cluster.write(engineManifests())
    await cluster.deploy('apply', '--yes', '--strategy', 'auto')
    cluster.write(engineManifests({ image: 'engine:bad', config: 'b' }))
    const said = await cluster.deploy('apply', '--yes', '--strategy', 'auto')
    expect(said.code).toBe(1)
    expect(said.noted).toContain(
      'error[rollout_failed]: the rollout failed; what stood before is restored, and ready',
    )
    expect(said.noted).toMatch(/container engine exits with code 1, restarted 3 times: cannot load model/)
    const live = cluster.get('Deployment', 'engine')
    expect(imageOf(live)).toBe('engine:1')
    expect(JSON.stringify(live)).toContain('engine-config-a')
    expect(statusOf(live)).toMatchObject({ readyReplicas: 2, updatedReplicas: 2, replicas: 2 })
    expect(cluster.get('ConfigMap', 'engine-config-b')).toBeUndefined()

    // The corrected one conflicts with no other field manager.
    cluster.write(engineManifests({ image: 'engine:3', config: 'b' }))
    const corrected = await cluster.deploy('apply', '--yes', '--strategy', 'auto')
    expect(corrected.code, corrected.noted).toBe(0)
  })

  it.each([
    ['missing', 'the image engine:bad does not exist'],
    ['denied', 'the registry denies engine:bad to this cluster'],
    ['outOfMemory', 'exceeded its memory limit and was killed'],
    ['neverReady', 'Startup probe failed: HTTP probe failed with statuscode: 503'],
  ] as const)('says why: %s', async (script, sentence) => {
    await using cluster = await fakeCluster({ ...oneNode, script: { images: { 'engine:bad': script } } })
    cluster.write(engineManifests({ image: 'engine:bad' }))
    const thrown = await deployApply(
      { file: ['all.yaml'], namespace: 'hadal', yes: true, timeout: '30s', poll: '1s' },
      cluster.terminal,
      clockOfPolls(),
    ).catch((error: Error) => error)
    expect(thrown).toMatchObject({ message: expect.stringContaining(sentence) })
    expect(thrown).toMatchObject({ message: expect.stringContaining('what was new is deleted again') })
    expect(cluster.get('Deployment', 'engine')).toBeUndefined()
    expect(cluster.get('Namespace', 'hadal')).toBeDefined()
  })

  it('says which Secret is missing, and leaves a failed rollout where that is wanted', async () => {
    await using cluster = await fakeCluster(oneNode)
    const env = [
      { name: 'HF_TOKEN', valueFrom: { secretKeyRef: { name: 'hadal-secrets', key: 'hf-token' } } },
    ]
    cluster.write(engineManifests({ env }))
    const applied = deployApply(
      { file: ['all.yaml'], namespace: 'hadal', yes: true, timeout: '30s', poll: '1s', rollback: false },
      cluster.terminal,
      clockOfPolls(),
    )
    await expect(applied).rejects.toMatchObject({
      code: 'rollout_timeout',
      message: expect.stringMatching(
        /^not ready after 30\.0 s, and what was applied is left as it is.*the Secret hadal-secrets does not exist/s,
      ),
    })
    expect(cluster.get('Deployment', 'engine')).toBeDefined()
  })

  it('reports the manager of a conflicting field, and takes the field over with --force', async () => {
    await using cluster = await fakeCluster(oneNode)
    cluster.write(engineManifests())
    await cluster.deploy('apply', '--yes')
    const response = await fetch(
      `${cluster.fake.url}/apis/apps/v1/namespaces/hadal/deployments/engine/scale?fieldManager=kubectl-scale`,
      {
        method: 'PATCH',
        headers: {
          authorization: `Bearer ${'fake-token-1'}`,
          'content-type': 'application/merge-patch+json',
        },
        body: JSON.stringify({ spec: { replicas: 1 } }),
      },
    )
    expect(response.status).toBe(200)
    const said = await cluster.deploy('apply', '--yes')
    expect(said.code).toBe(3)
    expect(said.noted).toContain(
      'error[cluster_conflict]: Deployment hadal/engine has fields with other managers: .spec.replicas ("kubectl-scale")',
    )
    expect(said.printed).toContain('spec.replicas: 1 -> 2')
    expect((await cluster.deploy('apply', '--yes', '--force')).code).toBe(0)
    expect((cluster.get('Deployment', 'engine')!.spec as { replicas: number }).replicas).toBe(2)
  })

  it('deletes what is no longer wanted once the rest is ready, and no claim, secret or config of a revision', async () => {
    await using cluster = await fakeCluster(oneNode)
    const labels = { 'app.kubernetes.io/instance': 'hadal', 'app.kubernetes.io/managed-by': 'hadal' }
    const old = [
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'old', labels },
        spec: { ports: [{ port: 1 }] },
      },
      { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'old', labels }, spec: {} },
    ]
    cluster.write([...engineManifests(), ...old])
    await cluster.deploy('apply', '--yes')
    cluster.write(engineManifests({ config: 'b' }))
    const kept = await cluster.deploy('apply', '--yes', '--strategy', 'auto')
    expect(kept.printed).not.toContain('- Service hadal/old')
    const said = await cluster.deploy('apply', '--yes', '--prune')
    expect(said.noted).toContain('deleted Service hadal/old')
    expect(cluster.get('Service', 'old')).toBeUndefined()
    expect(cluster.get('PersistentVolumeClaim', 'old')).toBeDefined()
    expect(cluster.get('ConfigMap', 'engine-config-a')).toBeDefined()
  })

  it('refuses kinds that are not served, or leaves them out', async () => {
    await using cluster = await fakeCluster(oneNode)
    const group = {
      apiVersion: 'leaderworkerset.x-k8s.io/v1',
      kind: 'LeaderWorkerSet',
      metadata: { name: 'big' },
      spec: { replicas: 1, leaderWorkerTemplate: { size: 2, workerTemplate: { spec: { containers: [] } } } },
    }
    cluster.write([...engineManifests(), group])
    const refused = await cluster.deploy('apply', '--yes')
    expect(refused.code).toBe(3)
    expect(refused.noted).toContain(
      'error[rollout_kind_not_served]: the cluster does not serve LeaderWorkerSet of leaderworkerset.x-k8s.io/v1 (big)',
    )
    expect(cluster.get('Namespace', 'hadal')).toBeUndefined()
    const said = await cluster.deploy('apply', '--yes', '--skip-missing')
    expect(said.code).toBe(0)
    expect(said.printed).toContain('! LeaderWorkerSet hadal/big  skipped')
  })

  it('asks before it changes anything, and changes nothing in a dry run', async () => {
    await using cluster = await fakeCluster(oneNode)
    cluster.write(engineManifests())
    const requested = await cluster.deploy('apply')
    expect([requested.code, requested.noted]).toEqual([
      2,
      expect.stringContaining('no terminal for the confirmation; use --yes'),
    ])
    expect((await cluster.deploy('apply', '--dry-run')).code).toBe(0)
    expect(cluster.get('Namespace', 'hadal')).toBeUndefined()
    const unwaited = await cluster.deploy('apply', '--yes', '--no-wait')
    expect(unwaited.noted).toContain('applied; check readiness with `hadal deploy status`')
  })

  it('waits for what an apply that was killed has left', async () => {
    await using cluster = await fakeCluster({ ...oneNode, script: { readyMillis: 60_000 } })
    cluster.write(engineManifests())
    await cluster.deploy('apply', '--yes', '--no-wait')
    const said = await cluster.deploy('apply', '--yes')
    expect(said.code, said.noted).toBe(0)
    expect(said.noted).toContain('Deployment hadal/engine is unchanged and not ready; waits for it')
    expect(statusOf(cluster.get('Deployment', 'engine')).readyReplicas).toBe(2)
  })

  it('does not say that all is well when nothing changes and nothing runs', async () => {
    await using cluster = await fakeCluster({ ...oneNode, script: { images: { 'engine:1': 'crash' } } })
    cluster.write(engineManifests())
    await cluster.deploy('apply', '--yes', '--no-wait')
    const said = await cluster.deploy('apply', '--yes')
    expect(said.code).toBe(1)
    expect(said.noted).toContain(
      'error[rollout_failed]: the rollout failed of what was not changed; nothing is taken back',
    )
    expect(cluster.get('Deployment', 'engine')).toBeDefined()
  })

  it('does not roll back a rollout that another client started meanwhile', async () => {
    await using cluster = await fakeCluster({
      ...oneNode,
      script: { images: { 'engine:bad': 'neverReady' } },
    })
    cluster.write(engineManifests())
    await cluster.deploy('apply', '--yes')
    cluster.write(engineManifests({ image: 'engine:bad' }))
    const waiting = cluster.deploy('apply', '--yes', '--strategy', 'auto')
    await expect.poll(() => cluster.terminal.noted.join('\n')).toContain('1 starting')
    const live = cluster.get('Deployment', 'engine') as { metadata: { generation: number } }
    const text = JSON.stringify(live).replaceAll('engine:bad', 'engine:2')
    const theirs = JSON.parse(text.replace(/"hadal.dev\/rollout":"[^"]+"/, '"hadal.dev/rollout":"theirs"'))
    theirs.metadata.generation = live.metadata.generation + 1
    cluster.fake.put(theirs)
    const said = await waiting
    expect(said.code).toBe(1)
    expect(said.noted).toContain(
      'error[rollout_overtaken]: another client applied Deployment hadal/engine during the rollout',
    )
    expect(imageOf(cluster.get('Deployment', 'engine'))).toBe('engine:2')
  })

  it('says what state is left when it is stopped while it waits', async () => {
    await using cluster = await fakeCluster({ ...oneNode, script: { images: { 'engine:1': 'neverReady' } } })
    cluster.write(engineManifests())
    const waiting = cluster.deploy('apply', '--yes')
    await expect.poll(() => cluster.terminal.noted.join('\n')).toContain('2 starting')
    process.emit('SIGINT')
    const said = await waiting
    expect(said.code).toBe(130)
    expect(said.noted).toContain('stopped waiting; the rollout continues:')
    expect(said.noted).toContain('hadal/engine: 0 of 2 new ready, 2 starting')
  })

  it('goes on when the API server is restarted or fails meanwhile, and gives up when a token expires', async () => {
    await using cluster = await fakeCluster(oneNode)
    cluster.write(engineManifests())
    cluster.fake.faults.push(
      {
        on: /^PATCH .*services\/engine/,
        what: { kind: 'status', code: 429, retryAfterSeconds: 0.01 },
        times: 2,
      },
      { on: /^PATCH .*configmaps/, what: { kind: 'cut' }, times: 1 },
      { on: /^PATCH .*deployments/, what: { kind: 'status', code: 409, reason: 'Conflict' }, times: 1 },
      { on: /^GET .*\/pods/, what: { kind: 'status', code: 500 }, times: 1 },
    )
    expect((await cluster.deploy('apply', '--yes')).code).toBe(0)
    cluster.write(engineManifests({ image: 'engine:2' }))
    cluster.fake.faults.push({
      on: /^GET .*replicasets/,
      what: { kind: 'status', code: 401, reason: 'Unauthorized' },
      times: 1,
    })
    cluster.fake.expireTokens()
    const said = await cluster.deploy('apply', '--yes')
    expect(said.noted).toContain('error[cluster_unauthorized]')
  })

  it('detects that the workload was deleted during the rollout', async () => {
    await using cluster = await fakeCluster({ ...oneNode, script: { images: { 'engine:1': 'neverReady' } } })
    cluster.write(engineManifests())
    const waiting = cluster.deploy('apply', '--yes', '--no-rollback')
    await expect.poll(() => cluster.terminal.noted.join('\n')).toContain('2 starting')
    cluster.fake.store.remove(cluster.get('Deployment', 'engine') as never)
    expect((await waiting).noted).toContain('the workload was deleted during the rollout')
  })

  it('is right whatever the clock of the cluster says, and fits 80 columns', async () => {
    await using cluster = await fakeCluster({ ...oneNode, skewMillis: 400 * 86_400_000 })
    cluster.write(engineManifests({ strategy: surge }))
    expect((await cluster.deploy('apply', '--yes')).code).toBe(0)
    cluster.write(
      engineManifests({ image: 'a-registry.example/with/a/very/long/name/engine:2', strategy: surge }),
    )
    const plan = await cluster.deploy('plan', '--strategy', 'auto')
    for (const line of plan.printed.split('\n')) expect(visibleLength(line), line).toBeLessThanOrEqual(80)
  })
})
