import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AppsV1Api, CoreV1Api, KubeConfig, KubernetesObjectApi, Watch } from '@kubernetes/client-node'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeCertificates } from './certificates.ts'
import { type FakeKubernetes, fakeToken, gpuNode, startFakeKubernetes } from './fake-kubernetes.ts'

let folder: string
let fake: FakeKubernetes
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fake-kubernetes-'))
  fake = await startFakeKubernetes({
    folder,
    nodes: [gpuNode('gpu-1', 2)],
    millisPerRequest: 0,
  })
})
afterEach(async () => {
  await fake.close()
  rmSync(folder, { recursive: true })
})

interface Answer {
  readonly code: number
  // biome-ignore lint/suspicious/noExplicitAny: whatever an API server answers
  readonly body: any
}

async function ask(method: string, path: string, body?: unknown, type = 'application/json'): Promise<Answer> {
  const response = await fetch(fake.url + path, {
    method,
    headers: { authorization: `Bearer ${fakeToken}`, 'content-type': type },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { code: response.status, body: await response.json() }
}

const apply = (path: string, body: unknown, manager = 'one', force = false): Promise<Answer> =>
  ask('PATCH', `${path}?fieldManager=${manager}&force=${force}`, body, 'application/apply-patch+yaml')

const maps = '/api/v1/namespaces/default/configmaps'
const configMap = (data: Record<string, string>, name = 'a'): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, labels: { app: name } },
  data,
})
const deployment = (replicas: number, strategy?: object, image = 'x:1'): object => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'd' },
  spec: {
    replicas,
    ...(strategy === undefined ? {} : { strategy }),
    selector: { matchLabels: { app: 'd' } },
    template: {
      metadata: { labels: { app: 'd' } },
      spec: { containers: [{ name: 'c', image, resources: { limits: { 'nvidia.com/gpu': '1' } } }] },
    },
  },
})
const deployments = '/apis/apps/v1/namespaces/default/deployments'

/** Time passes in steps, as controllers see it. */
function pass(seconds: number): void {
  for (let second = 0; second < seconds; second++) fake.advance(1000)
}

describe('objects', () => {
  it('are made, read, replaced, selected and deleted, with versions', async () => {
    const made = await ask('POST', maps, configMap({ x: '1' }))
    expect([made.code, made.body.metadata.generation]).toEqual([201, 1])
    expect((await ask('POST', maps, configMap({ x: '1' }))).body).toMatchObject({
      code: 409,
      reason: 'AlreadyExists',
    })
    const stale = { ...made.body, data: { x: '2' } }
    expect((await ask('PUT', `${maps}/a`, stale)).body.data).toEqual({ x: '2' })
    expect((await ask('PUT', `${maps}/a`, stale)).body).toMatchObject({ code: 409, reason: 'Conflict' })
    await ask('POST', maps, configMap({ x: '1' }, 'b'))
    expect((await ask('GET', `${maps}?labelSelector=app%3Db`)).body.items).toHaveLength(1)
    expect((await ask('GET', `${maps}?fieldSelector=metadata.name%3Da`)).body.items).toHaveLength(1)
    expect((await ask('DELETE', `${maps}/a`)).code).toBe(200)
    expect((await ask('GET', `${maps}/a`)).body).toMatchObject({
      kind: 'Status',
      code: 404,
      reason: 'NotFound',
    })
  })

  it('are refused without a token, in no namespace, with a wrong kind, or as no JSON', async () => {
    expect((await fetch(`${fake.url}/api/v1/nodes`)).status).toBe(401)
    expect((await ask('POST', maps.replace('default', 'none'), configMap({}))).body.message).toContain(
      'namespaces "none" not found',
    )
    expect((await ask('POST', maps, { ...configMap({}), kind: 'Secret' })).code).toBe(400)
    expect((await ask('GET', '/apis/none/v1/things')).code).toBe(404)
  })

  it('keep nothing of a dry run', async () => {
    expect((await ask('POST', `${maps}?dryRun=All`, configMap({}))).code).toBe(201)
    expect((await ask('GET', `${maps}/a`)).code).toBe(404)
  })

  it('take merge, JSON and strategic patches', async () => {
    await ask('POST', deployments, deployment(1))
    const path = `${deployments}/d`
    const merged = await ask(
      'PATCH',
      path,
      { spec: { replicas: 2 }, metadata: { labels: { a: 'b' } } },
      'application/merge-patch+json',
    )
    expect(merged.body).toMatchObject({
      spec: { replicas: 2 },
      metadata: { labels: { a: 'b' }, generation: 2 },
    })
    const patched = await ask(
      'PATCH',
      path,
      [{ op: 'replace', path: '/spec/replicas', value: 0 }],
      'application/json-patch+json',
    )
    expect(patched.body.spec.replicas).toBe(0)
    const containers = [{ name: 'c', image: 'y:1' }]
    const strategic = await ask(
      'PATCH',
      path,
      { spec: { template: { spec: { containers } } } },
      'application/strategic-merge-patch+json',
    )
    expect(strategic.body.spec.template.spec.containers[0]).toMatchObject({
      image: 'y:1',
      resources: { limits: { 'nvidia.com/gpu': '1' } },
    })
    expect(
      (await ask('PATCH', `${path}/scale`, { spec: { replicas: 3 } }, 'application/merge-patch+json')).body
        .spec.replicas,
    ).toBe(3)
  })
})

describe('server-side apply', () => {
  it('removes what its manager no longer names, and nothing of others', async () => {
    await apply(`${maps}/a`, configMap({ x: '1', y: '1' }))
    await apply(`${maps}/a`, { ...configMap({ z: '1' }), metadata: { name: 'a' } }, 'two')
    const said = await apply(`${maps}/a`, configMap({ x: '2' }))
    expect(said.body.data).toEqual({ x: '2', z: '1' })
    expect(said.body.metadata.managedFields.map((each: { manager: string }) => each.manager).sort()).toEqual([
      'one',
      'two',
    ])
  })

  it('conflicts, names manager and field, and takes over when forced', async () => {
    await apply(`${maps}/a`, configMap({ x: '1' }))
    const said = await apply(`${maps}/a`, configMap({ x: '2' }), 'two')
    expect(said).toMatchObject({
      code: 409,
      body: { details: { causes: [{ message: 'conflict with "one"', field: '.data.x' }] } },
    })
    expect((await apply(`${maps}/a`, configMap({ x: '2' }), 'two', true)).body.data).toEqual({ x: '2' })
    const back = await apply(`${maps}/a`, { ...configMap({}), metadata: { name: 'a' } })
    expect(back.body.data).toEqual({ x: '2' })
  })

  it('merges containers and variables by name', async () => {
    await apply(`${deployments}/d`, deployment(1))
    const sidecar = {
      ...deployment(1),
      spec: {
        ...(deployment(1) as { spec: object }).spec,
        template: { spec: { containers: [{ name: 's', image: 's:1' }] } },
      },
    }
    const said = await apply(`${deployments}/d`, sidecar, 'two')
    expect(said.body.spec.template.spec.containers.map(({ name }: { name: string }) => name)).toEqual([
      'c',
      's',
    ])
  })
})

describe('controllers', () => {
  it('roll out, count GPUs, and hang where a surge has no room', async () => {
    await ask('POST', deployments, deployment(2))
    pass(5)
    expect((await ask('GET', `${deployments}/d`)).body.status).toMatchObject({
      readyReplicas: 2,
      observedGeneration: 1,
    })
    await ask('PUT', `${deployments}/d`, deployment(2, undefined, 'x:2'))
    pass(700)
    const hung = await ask('GET', `${deployments}/d`)
    expect(hung.body.status).toMatchObject({ readyReplicas: 2, updatedReplicas: 1, replicas: 3 })
    expect(hung.body.status.conditions[0]).toMatchObject({
      reason: 'ProgressDeadlineExceeded',
      status: 'False',
    })
    const events = await ask('GET', '/api/v1/namespaces/default/events')
    expect(events.body.items.map(({ message }: { message: string }) => message)).toContain(
      '0/1 nodes are available: 1 Insufficient nvidia.com/gpu.',
    )

    const inPlace = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } }
    await ask('PUT', `${deployments}/d`, deployment(2, inPlace, 'x:2'))
    pass(30)
    expect((await ask('GET', `${deployments}/d`)).body.status).toMatchObject({
      readyReplicas: 2,
      updatedReplicas: 2,
      replicas: 2,
    })
    await ask('PUT', `${deployments}/d`, deployment(2, { type: 'Recreate' }, 'x:3'))
    expect((await ask('GET', `${deployments}/d`)).body.status.readyReplicas ?? 0).toBe(0)
    pass(10)
    expect((await ask('GET', `${deployments}/d`)).body.status).toMatchObject({
      readyReplicas: 2,
      updatedReplicas: 2,
    })
    await ask('DELETE', `${deployments}/d`)
    pass(5)
    expect((await ask('GET', '/api/v1/pods')).body.items).toEqual([])
  })
})

describe('with the Kubernetes client', () => {
  it('lists, applies, and watches on after a cut, a bookmark and a version that is too old', async () => {
    const config = new KubeConfig()
    config.loadFromFile(fake.kubeconfig)
    config.clusters = config.clusters.map((each) => ({ ...each, skipTLSVerify: true }))
    expect(
      (await config.makeApiClient(CoreV1Api).listNode()).items.map((node) => node.metadata?.name),
    ).toEqual(['gpu-1'])
    await KubernetesObjectApi.makeApiClient(config).create(deployment(1) as never)
    expect(
      (await config.makeApiClient(AppsV1Api).readNamespacedDeployment({ name: 'd', namespace: 'default' }))
        .spec?.replicas,
    ).toBe(1)

    const seen: string[] = []
    const versions: string[] = []
    const follow = (resourceVersion: string): Promise<unknown> =>
      new Promise((resolve, reject) => {
        new Watch(config)
          .watch(
            maps,
            { resourceVersion, allowWatchBookmarks: true },
            (type, object) => {
              seen.push(`${type} ${object.metadata?.name ?? object.code ?? ''}`.trim())
              if (object.metadata?.resourceVersion) versions.push(object.metadata.resourceVersion)
            },
            resolve,
          )
          .catch(reject)
      })
    const first = follow(String(fake.store.version))
    await expect.poll(() => fake.requests.some((each) => each.includes('watch=true'))).toBe(true)
    await ask('POST', maps, configMap({ x: '1' }))
    fake.bookmark()
    await expect.poll(() => seen).toEqual(['ADDED a', 'BOOKMARK'])
    fake.cutWatches()
    await first
    await ask('DELETE', `${maps}/a`)
    const second = follow(versions.at(-1)!)
    await expect.poll(() => seen.at(-1)).toBe('DELETED a')
    fake.cutWatches()
    await second
    fake.store.compact()
    await follow('5')
    expect(seen.at(-1)).toBe('ERROR 410')
  })

  it('restarts on the same port, and injects failures', async () => {
    await fake.restart()
    expect((await ask('GET', '/version')).body.minor).toBe('33')
    fake.faults.push(
      { on: /^GET \/version/, what: { kind: 'status', code: 429, retryAfterSeconds: 1 }, times: 1 },
      { on: /^GET \/version/, what: { kind: 'slow', millis: 5 }, times: 1 },
      { on: /^GET \/version/, what: { kind: 'cut' }, times: 1 },
    )
    expect((await ask('GET', '/version')).code).toBe(429)
    expect((await ask('GET', '/version')).code).toBe(200)
    await expect(ask('GET', '/version')).rejects.toThrow()
    expect((await ask('GET', '/version')).code).toBe(200)
  })

  it('knows clients by their certificate', async () => {
    const other = await startFakeKubernetes({ folder, certificates: makeCertificates(folder) })
    try {
      const config = new KubeConfig()
      config.loadFromFile(other.kubeconfig)
      expect((await config.makeApiClient(CoreV1Api).listNamespace()).items).toHaveLength(2)
    } finally {
      await other.close()
    }
  })
})
