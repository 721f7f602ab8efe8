import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Kube } from './kube.ts'
import type { KubeConnection } from './kube-connection.ts'
import type { KubeRequest } from './kube-request.ts'
import { scaleTarget } from './scale-target.ts'

const never = new AbortController().signal
const group = {
  apiVersion: 'leaderworkerset.x-k8s.io/v1',
  kind: 'LeaderWorkerSet',
  name: 'hadal-engine-group',
}

/** Returns the same for every request, and keeps the requests. */
function kube(code: number, body: unknown): Kube & { readonly requested: KubeRequest[] } {
  const requested: KubeRequest[] = []
  const connection = { server: new URL('https://cluster'), context: 'c', namespace: 'n' } as KubeConnection
  return {
    connection,
    requested,
    async ask(request) {
      requested.push(request)
      return { code, body }
    },
  }
}

const live = (given: object = {}): object => ({
  metadata: { uid: 'u', resourceVersion: '7' },
  spec: { replicas: 3 },
  status: { readyReplicas: 2 },
  ...given,
})

describe('what is scaled', () => {
  it('is read whole, and changed in its number alone, with the version that was read', async () => {
    const of = kube(200, live())
    const target = scaleTarget(of, 'models', group)
    const seen = await target.read(never)
    expect(seen).toEqual({ replicas: 3, readyReplicas: 2, resourceVersion: '7', uid: 'u' })
    expect(await target.scale(5, seen, never)).toBe('done')
    const path = '/apis/leaderworkerset.x-k8s.io/v1/namespaces/models/leaderworkersets/hadal-engine-group'
    expect(of.requested.map(({ method, path: at }) => `${method} ${at}`)).toEqual([
      `GET ${path}`,
      `PATCH ${path}/scale?fieldManager=hadal-scale`,
    ])
    expect(of.requested[1]!.body).toEqual({ metadata: { resourceVersion: '7' }, spec: { replicas: 5 } })
  })

  it.each([
    ['is gone', 404, {}, 'scale_target_gone', /is not there/],
    [
      'goes',
      200,
      live({ metadata: { resourceVersion: '7', deletionTimestamp: '2026-01-01T00:00:00Z' } }),
      'scale_target_gone',
      /is being deleted/,
    ],
    ['is no workload', 200, {}, 'scale_target_gone', /not what the API server answers with/],
    ['may not be read', 401, {}, 'cluster_unauthorized', /credentials/],
    ['is behind a server that fails', 503, { message: 'etcd' }, 'cluster_busy', /etcd/],
  ])('that %s is reported with an error code', async (_what, code, body, said, message) => {
    await expect(scaleTarget(kube(code, body), 'models', group).read(never)).rejects.toMatchObject({
      code: said,
      message: expect.stringMatching(message),
    })
  })

  it('has numbers of engines, whatever stands there', async () => {
    await fc.assert(
      fc.asyncProperty(fc.anything(), fc.anything(), async (replicas, readyReplicas) => {
        const body = live({ spec: { replicas }, status: { readyReplicas } })
        const seen = await scaleTarget(kube(200, body), 'models', group).read(never)
        for (const count of [seen.replicas, seen.readyReplicas])
          expect(Number.isSafeInteger(count) && count >= 0).toBe(true)
      }),
    )
  })
})
