import { describe, expect, it } from 'vitest'
import { chooseRollback, lastRolledOut } from '../choose-rollback.ts'
import type { Condition, KubeEvent, KubeObject, KubePod, KubeWorkload } from '../kube-objects.ts'
import { rolloutBudget, standingBudget } from './rollout-budget.ts'
import { type RolloutSight, watchRollout } from './rollout-progress.ts'
import { podTrouble } from './trouble.ts'

const revision = 'deployment.kubernetes.io/revision'
const timedOut = (lastUpdateTime: string, replicaSet = 'e-2'): Condition => ({
  type: 'Progressing',
  status: 'False',
  reason: 'ProgressDeadlineExceeded',
  message: `ReplicaSet "${replicaSet}" has timed out progressing.`,
  lastUpdateTime,
})

function workload(
  status: object,
  given: { generation?: number; revision?: string; replicas?: number } = {},
): KubeWorkload {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: 'e',
      namespace: 'n',
      uid: 'u',
      generation: given.generation ?? 2,
      annotations: { [revision]: given.revision ?? '2' },
    },
    spec: {
      replicas: given.replicas ?? 2,
      selector: { matchLabels: { app: 'e' } },
      template: template('e:2'),
    },
    status,
  }
}
const template = (image: string): { spec: { containers: { name: string; image: string }[] } } => ({
  spec: { containers: [{ name: 'c', image }] },
})
const replicaSet = (number: number, readyReplicas = 0): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: {
    name: `e-${number}`,
    namespace: 'n',
    uid: `rs${number}`,
    annotations: { [revision]: String(number) },
    ownerReferences: [{ kind: 'Deployment', name: 'e', uid: 'u' }],
  },
  spec: {
    replicas: 1,
    template: { metadata: { labels: { app: 'e', 'pod-template-hash': 'x' } }, ...template(`e:${number}`) },
  },
  status: { readyReplicas },
})
const pod = (number: number, status: object = {}, spec: object = { nodeName: 'a' }): KubePod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: `p${number}`,
    namespace: 'n',
    uid: `p${number}`,
    labels: { app: 'e' },
    ownerReferences: [{ kind: 'ReplicaSet', name: `e-${number}`, uid: `rs${number}` }],
  },
  spec,
  status: status as NonNullable<KubePod['status']>,
})
const event = (reason: string, message: string, uid = 'p2'): KubeEvent => ({
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name: 'x' },
  reason,
  message,
  involvedObject: { uid },
})
const sight = (of: KubeWorkload | undefined, given: Partial<RolloutSight> = {}): RolloutSight => ({
  workload: of,
  replicaSets: [replicaSet(1, 2), replicaSet(2)],
  pods: [],
  events: [],
  ...given,
})
const watch = (before: readonly Condition[] = []): ReturnType<typeof watchRollout> =>
  watchRollout('e', { generation: 2, before, patienceMillis: 1000 })
const crash = (restartCount: number): object => ({
  containerStatuses: [
    {
      name: 'c',
      restartCount,
      state: { waiting: { reason: 'CrashLoopBackOff' } },
      lastState: { terminated: { exitCode: 1 } },
    },
  ],
})

describe('progress', () => {
  it('begins once the controller has seen the generation', () => {
    const done = {
      observedGeneration: 1,
      replicas: 2,
      updatedReplicas: 2,
      readyReplicas: 2,
      availableReplicas: 2,
      conditions: [timedOut('1')],
    }
    expect(watch().step(sight(workload(done)), 0)).toMatchObject({
      verdict: 'continue',
      line: 'e: waiting for the controller to observe it',
    })
    const taken = { ...done, observedGeneration: 2, conditions: [] }
    expect(watch().step(sight(workload(taken), { replicaSets: [replicaSet(2, 2)] }), 0)).toMatchObject({
      verdict: 'done',
      line: 'e: 2 of 2 ready',
    })
  })

  it('is of the new pods alone', () => {
    const status = {
      observedGeneration: 2,
      replicas: 3,
      updatedReplicas: 1,
      readyReplicas: 2,
      availableReplicas: 2,
    }
    const seen = watch().step(sight(workload(status), { pods: [pod(1, crash(9))] }), 0)
    expect(seen).toMatchObject({
      verdict: 'continue',
      ready: 0,
      oldLeft: 2,
      troubles: [],
      line: 'e: 0 of 2 new ready, 1 starting, 2 old left',
    })
  })

  it('is not failed by a deadline of before, and by one of now it is', () => {
    const status = (conditions: readonly Condition[]): object => ({
      observedGeneration: 2,
      replicas: 2,
      updatedReplicas: 1,
      conditions,
    })
    const stale = timedOut('1')
    expect(watch([stale]).step(sight(workload(status([stale]))), 0).verdict).toBe('continue')
    expect(watch([stale]).step(sight(workload(status([timedOut('1', 'e-1')]))), 0).verdict).toBe('continue')
    expect(watch([stale]).step(sight(workload(status([timedOut('2')]))), 0).verdict).toBe('failed')
  })

  it('gives a possibly transient error a grace period, and fails at once on a permanent one', () => {
    const status = { observedGeneration: 2, replicas: 2, updatedReplicas: 1 }
    const one = watch()
    expect(one.step(sight(workload(status), { pods: [pod(2, crash(1))] }), 0).verdict).toBe('continue')
    expect(one.step(sight(workload(status), { pods: [] }), 900).verdict).toBe('continue')
    expect(one.step(sight(workload(status), { pods: [pod(2, crash(1))] }), 1000).verdict).toBe('continue')
    expect(one.step(sight(workload(status), { pods: [pod(2, crash(2))] }), 2000).verdict).toBe('failed')
    expect(watch().step(sight(workload(status), { pods: [pod(2, crash(3))] }), 0).verdict).toBe('failed')
  })

  it('ends when the workload is gone, and at zero replicas', () => {
    expect(watch().step(sight(undefined), 0)).toMatchObject({
      verdict: 'failed',
      line: 'e: was deleted during the rollout',
    })
    expect(watch().step(sight(workload({ observedGeneration: 2 }, { replicas: 0 })), 0)).toMatchObject({
      verdict: 'done',
      line: 'e: scaled to zero',
    })
  })

  it('names a quota that refuses pods, and a pause', () => {
    const message =
      'Error creating: pods "e" is forbidden: exceeded quota: team, requested: requests.nvidia.com/gpu=1, used: 2, limited: 2'
    const seen = watch().step(
      sight(
        { ...workload({ observedGeneration: 2 }), spec: { ...workload({}).spec, paused: true } },
        { events: [event('FailedCreate', message, 'rs2')] },
      ),
      0,
    )
    expect(seen.troubles.map(({ sentence }) => sentence)).toEqual([
      'the quota team is exceeded: requested: requests.nvidia.com/gpu=1, used: 2, limited: 2',
      'the rollout is paused',
    ])
    const refusal =
      '(combined from similar events): Error creating: pods "e-1-x" is forbidden: violates PodSecurity "restricted:latest"'
    const refused = watch().step(
      sight(workload({ observedGeneration: 2 }), { events: [event('FailedCreate', refusal, 'rs2')] }),
      0,
    )
    expect(refused.troubles[0]?.sentence).toBe(
      'pods cannot be created: violates PodSecurity "restricted:latest"',
    )
  })

  it('takes no event for a trouble that is over, for events stay for an hour', () => {
    const status = { observedGeneration: 2, replicas: 2, updatedReplicas: 1 }
    const refused = [event('FailedCreate', 'exceeded quota: team, requested: pods=1', 'rs2')]
    const made: KubeObject = { ...replicaSet(2), status: { replicas: 1 } }
    const over = sight(workload(status), { replicaSets: [made], events: refused })
    expect(watch().step(over, 0).troubles).toEqual([])

    const at = (each: KubeEvent, lastTimestamp: string): KubeEvent => ({ ...each, lastTimestamp })
    const mount = at(event('FailedMount', 'timed out waiting for the condition'), '2026-01-01T00:00:05Z')
    const pulling = (time: string): KubeEvent => at(event('Pulling', 'Pulling image'), time)
    const waiting = pod(2, {
      containerStatuses: [{ name: 'c', state: { waiting: { reason: 'ContainerCreating' } } }],
    })
    expect(podTrouble(waiting, [mount, pulling('2026-01-01T00:00:09Z')])).toBeUndefined()
    expect(podTrouble(waiting, [mount, pulling('2026-01-01T00:00:01Z')])?.reason).toBe('FailedMount')
    const loading = pod(2, { initContainerStatuses: [{ name: 'download', state: { running: {} } }] })
    expect(podTrouble(loading, [mount])).toBeUndefined()
  })

  it('blames no pod that is ready for what ailed it long ago', () => {
    const crashed = { name: 'c', restartCount: 5, lastState: { terminated: { exitCode: 1 } } }
    const ready = pod(2, {
      conditions: [{ type: 'Ready', status: 'True' }],
      containerStatuses: [{ ...crashed, ready: true, state: { running: {} } }],
    })
    const status = { observedGeneration: 2, replicas: 3, updatedReplicas: 2 }
    expect(watch().step(sight(workload(status, { replicas: 3 }), { pods: [ready] }), 0)).toMatchObject({
      verdict: 'continue',
      troubles: [],
    })
  })

  it('does not blame what is rolled out for old pods of other kinds', () => {
    const of = (kind: string, status: object, labels: object, creationTimestamp: string): RolloutSight => {
      const given = workload({ observedGeneration: 2, ...status })
      const old = pod(2, crash(9))
      return sight(
        {
          ...given,
          kind,
          metadata: { ...given.metadata, managedFields: [{ time: '2026-01-01T00:01:00Z' }] },
        },
        {
          pods: [
            { ...old, metadata: { ...old.metadata, creationTimestamp, labels: { app: 'e', ...labels } } },
          ],
        },
      )
    }
    const hash = 'controller-revision-hash'
    const [before, after] = ['2026-01-01T00:00:00Z', '2026-01-01T00:01:02Z']
    const revisions = { updateRevision: 'b', currentRevision: 'a' }
    expect(watch().step(of('StatefulSet', revisions, { [hash]: 'a' }, before), 0).verdict).toBe('continue')
    expect(watch().step(of('StatefulSet', revisions, { [hash]: 'b' }, after), 0).verdict).toBe('failed')
    const daemons = { desiredNumberScheduled: 2 }
    expect(watch().step(of('DaemonSet', daemons, {}, before), 0).verdict).toBe('continue')
    expect(watch().step(of('DaemonSet', daemons, {}, after), 0).verdict).toBe('failed')
  })

  it('counts other kinds by their own fields', () => {
    const daemon = {
      ...workload({
        observedGeneration: 2,
        desiredNumberScheduled: 3,
        updatedNumberScheduled: 3,
        numberReady: 3,
      }),
      kind: 'DaemonSet',
    }
    expect(watch().step(sight(daemon), 0).verdict).toBe('done')
    const growing = {
      ...workload({ observedGeneration: 2, replicas: 1, updatedReplicas: 1 }),
      kind: 'StatefulSet',
    }
    expect(watch().step(sight(growing), 0).line).toBe('e: 0 of 2 new ready, 1 starting')
    const stateful = (current: string): KubeWorkload => ({
      ...workload({
        observedGeneration: 2,
        replicas: 2,
        updatedReplicas: 2,
        readyReplicas: 2,
        currentRevision: current,
        updateRevision: 'b',
      }),
      kind: 'StatefulSet',
    })
    expect(watch().step(sight(stateful('a')), 0).verdict).toBe('continue')
    expect(watch().step(sight(stateful('b')), 0).verdict).toBe('done')
  })
})

describe('what ails a pod', () => {
  const waiting = (reason: string, message = ''): object => ({
    containerStatuses: [{ name: 'c', image: 'e:2', state: { waiting: { reason, message } } }],
  })
  const ended = (terminated: object): object => ({
    containerStatuses: [
      {
        name: 'c',
        restartCount: 1,
        state: { waiting: { reason: 'CrashLoopBackOff' } },
        lastState: { terminated },
      },
    ],
  })
  const unbound = (message: string): KubePod =>
    pod(2, { conditions: [{ type: 'PodScheduled', status: 'False', message }] }, {})

  it.each<[KubePod, readonly KubeEvent[], string | undefined]>([
    [
      unbound('0/4 nodes are available: 4 Insufficient nvidia.com/gpu.'),
      [],
      'no node has enough nvidia.com/gpu free (Insufficient nvidia.com/gpu)',
    ],
    [
      unbound('0/1 nodes are available: 1 node(s) had untolerated taint {nvidia.com/gpu: present}.'),
      [],
      'it does not tolerate the taint nvidia.com/gpu=present of the suitable nodes',
    ],
    [
      unbound("0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector."),
      [],
      'no node has the labels that it selects',
    ],
    [
      unbound('0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims.'),
      [],
      'its volume does not exist yet: the claim is not bound',
    ],
    [unbound('0/1 nodes are available: 1 Insufficient memory.'), [], 'no node has enough memory free'],
    [unbound('gone wrong'), [], 'no node can run it: gone wrong'],
    [pod(2, waiting('ImagePullBackOff', 'e:2: not found')), [], 'the image e:2 does not exist'],
    [
      pod(2, waiting('ErrImagePull', 'unauthorized: authentication required')),
      [],
      'the registry denies e:2 to this cluster, or does not have it',
    ],
    [
      pod(2, waiting('ErrImagePull', 'dial tcp: i/o timeout')),
      [],
      'e:2 cannot be pulled: dial tcp: i/o timeout',
    ],
    [pod(2, waiting('InvalidImageName')), [], 'e:2 is not a valid image name'],
    [pod(2, waiting('ErrImageNeverPull')), [], 'e:2 is not on the node, and imagePullPolicy is Never'],
    [
      pod(2, waiting('CreateContainerConfigError', 'secret "s" not found')),
      [],
      'the Secret s does not exist',
    ],
    [
      pod(2, waiting('CreateContainerConfigError', "couldn't find key k in Secret n/s")),
      [],
      'the Secret n/s has no key k',
    ],
    [
      pod(2, waiting('CreateContainerError', 'no such device')),
      [],
      'the container cannot be created: no such device',
    ],
    [
      pod(2, ended({ exitCode: 127 })),
      [],
      'container c exits with code 127 (command not found in the image), restarted once',
    ],
    [
      pod(2, ended({ exitCode: 137, reason: 'OOMKilled' })),
      [],
      'container c exceeded its memory limit and was killed, once',
    ],
    [pod(2, { reason: 'Evicted' }), [], 'it was evicted because its node ran out of memory or disk'],
    [
      pod(2),
      [event('FailedMount', 'configmap "c" not found')],
      'the configmap c that it mounts does not exist',
    ],
    [
      pod(2),
      [event('FailedAttachVolume', 'Multi-Attach error for volume')],
      'its volume is still attached to another node',
    ],
    [
      pod(2),
      [event('FailedCreatePodSandBox', 'no runtime for "nvidia" is configured')],
      'its node cannot start pods: no runtime for "nvidia" is configured',
    ],
    [pod(2), [event('Unhealthy', 'Startup probe failed: 503')], 'Startup probe failed: 503'],
    [
      pod(2, { conditions: [{ type: 'Ready', status: 'True' }] }),
      [event('Unhealthy', 'Startup probe failed: 503')],
      undefined,
    ],
    [pod(2, waiting('ContainerCreating')), [], undefined],
  ])('%#', (ailing, events, sentence) => {
    const trouble = podTrouble(ailing, events)
    expect(trouble?.sentence).toBe(sentence)
    if (trouble !== undefined) expect(trouble.fix).toMatch(/\.$|:|`/)
  })

  it('says where to look', () => {
    expect(podTrouble(pod(2, ended({ exitCode: 1, message: 'a\nlast' })), [])).toMatchObject({
      sentence: 'container c exits with code 1, restarted once: last',
      fix: 'Check its log: kubectl -n n logs p2 -c c --previous.',
    })
  })
})

describe('going back', () => {
  const live = workload({}, { revision: '2' })
  it('is to the revision before, without the hash of its pods', () => {
    const back = chooseRollback(live, [replicaSet(1), replicaSet(2)], undefined)
    expect(back).toMatchObject({
      from: 2,
      to: 1,
      template: { metadata: { labels: { app: 'e' } }, spec: { containers: [{ image: 'e:1' }] } },
    })
    expect(back.restores).toContainEqual({
      path: 'spec.template.spec.containers[c].image',
      before: 'e:2',
      after: 'e:1',
    })
    expect(JSON.stringify(back.template)).not.toContain('pod-template-hash')
  })
  it('is refused where there is none', () => {
    expect(() => chooseRollback(live, [replicaSet(2)], undefined)).toThrow(
      expect.objectContaining({ code: 'rollout_nothing_to_undo' }),
    )
    expect(() => chooseRollback(live, [replicaSet(1), replicaSet(2)], 7)).toThrow(
      expect.objectContaining({
        code: 'rollout_revision_not_found',
        help: expect.stringContaining('Choose one of 1.'),
      }),
    )
    const foreign = { ...replicaSet(1), metadata: { ...replicaSet(1).metadata, ownerReferences: [] } }
    expect(() => chooseRollback(live, [foreign, replicaSet(2)], undefined)).toThrow(
      expect.objectContaining({ code: 'rollout_nothing_to_undo' }),
    )
  })
  it('is of those that were rolled out last', () => {
    const at = (name: string, when?: string): KubeWorkload => ({
      ...live,
      metadata: { name, ...(when === undefined ? {} : { annotations: { 'hadal.dev/rollout': when } }) },
    })
    const names = (all: readonly KubeWorkload[]): string[] =>
      lastRolledOut(all).map(({ metadata }) => metadata.name)
    expect(names([at('a', '2026-01-02'), at('b', '2026-01-01'), at('c', '2026-01-02'), at('d')])).toEqual([
      'a',
      'c',
    ])
    expect(names([at('a'), at('b')])).toEqual(['a', 'b'])
    expect(names([])).toEqual([])
  })
})

describe('the time that a rollout may take', () => {
  it('follows from its probes, round by round', () => {
    const slow = {
      spec: {
        terminationGracePeriodSeconds: 100,
        containers: [{ name: 'c', startupProbe: { periodSeconds: 10, failureThreshold: 90 } }],
      },
    }
    const plan = (
      surge: number,
      unavailable: number,
      replicas: number,
    ): Parameters<typeof rolloutBudget>[1] => ({
      replicas,
      strategy: { how: 'surge', isRecreate: false, surge, unavailable },
    })
    const given = { ...workload({}), spec: { template: slow } }
    expect(rolloutBudget(given, plan(0, 1, 4))).toBe((600 + 4 * 1000) * 1000)
    expect(rolloutBudget(given, plan(1, 1, 4))).toBe((600 + 2 * 1000) * 1000)
    const daemons = { ...given, kind: 'DaemonSet', status: { desiredNumberScheduled: 30 } }
    expect(standingBudget(daemons)).toBe((600 + 30 * 1000) * 1000)
  })
})
