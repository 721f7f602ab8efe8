import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Capture, clusterChecks, clusterSources, type RawReading, runChecks } from '@hadal/doctor'
import type { Terminal } from '@hadal/output'
import { afterEach, describe, expect, it } from 'vitest'
import { engineManifests } from '../../../apps/cli/test/engine-manifests.ts'
import { fakeCluster } from '../../../apps/cli/test/fake-cluster.ts'
import { gpuNode } from '../../../apps/cli/test/fake-kubernetes/fake-kubernetes.ts'
import { writeKubeconfig } from '../../../apps/cli/test/fake-kubernetes/kubeconfig.ts'
import { recordingTerminal } from '../../../apps/cli/test/recording-terminal.ts'
import { openClusterReader } from './open-cluster-reader.ts'

/** Capture of everything that the checks read. */
async function captureOf(terminal: Terminal): Promise<Capture> {
  using reader = await openClusterReader({}, terminal)
  const readings = await Promise.all(
    clusterSources.map(async ({ name, read }) => {
      if (read.kind !== 'kubernetes') throw new Error(`${name} is read from the cluster`)
      return [name, await reader.read(read.path, 10_000)] as const
    }),
  )
  return { version: 1, takenAt: Date.now(), readings: Object.fromEntries(readings) }
}

const endings: (() => void)[] = []
afterEach(() => {
  for (const end of endings.splice(0)) end()
})

/** A fake API server. */
async function serverOf(listener: RequestListener): Promise<Terminal> {
  const folder = mkdtempSync(join(tmpdir(), 'hadal-reader-'))
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  endings.push(() => {
    server.closeAllConnections()
    server.close()
    rmSync(folder, { recursive: true })
  })
  const kubeconfig = join(folder, 'config')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  writeKubeconfig(kubeconfig, { url, token: 'x', certificates: undefined, namespace: 'models' })
  return recordingTerminal({ folder, env: { KUBECONFIG: kubeconfig } })
}

async function read(terminal: Terminal, path: string, limitMillis = 10_000): Promise<RawReading> {
  using reader = await openClusterReader({}, terminal)
  return reader.read(path, limitMillis)
}

const itemsOf = (reading: RawReading): unknown[] => JSON.parse(reading.text ?? '').items

describe('a cluster that is deployed to', () => {
  it('is read by every source, and judged', async () => {
    await using cluster = await fakeCluster({
      nodes: [gpuNode('gpu-1', 1)],
      script: { images: { 'engine:1': 'missing' } },
    })
    for (const manifest of engineManifests({
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
    }))
      cluster.fake.put(manifest)
    cluster.fake.advance(60_000)
    const capture = await captureOf(cluster.terminal)
    const said = runChecks(clusterChecks, capture).findings.map(
      ({ id, severity, says }) => `${severity} ${id}: ${says}`,
    )
    expect(said).toContainEqual(expect.stringMatching(/^ok cluster-reachable: .*v1\.33\.0/))
    expect(said).toContainEqual(
      expect.stringMatching(/^error cluster-images: the image engine:1 cannot be pulled/),
    )
    expect(said).toContainEqual(
      expect.stringMatching(
        /cluster-pending: 1 pod of default\/engine waits for a node: no node has enough nvidia/,
      ),
    )
    // No KEDA, no other servers of the API.
    expect(capture.readings['kubernetes-apiservices']).toMatchObject({ failed: 'absent' })
  })

  it('gives what the account may see: its own namespace, and says that there is more', async () => {
    await using cluster = await fakeCluster({
      nodes: [gpuNode('gpu-1', 1)],
      forbids: ({ namespace }) => namespace === undefined,
    })
    const capture = await captureOf(cluster.terminal)
    expect(capture.readings['kubernetes-pods']).toEqual({ text: '{"items":[]}', isCut: true })
    expect(capture.readings['kubernetes-nodes']).toMatchObject({ failed: 'refused' })
    const { findings } = runChecks(clusterChecks, capture)
    expect(findings.filter(({ severity }) => severity === 'ok').map(({ id }) => id)).toEqual([
      'cluster-reachable',
    ])
  })

  it('does not let in who has no valid token', async () => {
    await using cluster = await fakeCluster()
    cluster.fake.expireTokens()
    expect(await read(cluster.terminal, '/version')).toMatchObject({ failed: 'refused' })
  })
})

describe('a list', () => {
  it('is read page by page, with what checks need of it', async () => {
    const asked: string[] = []
    const secret = ['sk', 'marked'].join('-')
    const terminal = await serverOf(({ url = '' }, response) => {
      asked.push(url)
      const isLast = url.includes('continue=2')
      response.end(
        JSON.stringify({
          metadata: isLast ? {} : { continue: '2' },
          items: [
            {
              metadata: { name: isLast ? 'b' : 'a', annotations: { secret } },
              spec: { containers: [{ name: 'c', env: [{ value: secret }] }] },
            },
          ],
        }),
      )
    })
    const reading = await read(terminal, '/api/v1/events?fieldSelector=type%3DWarning')
    expect(asked).toEqual([
      '/api/v1/events?fieldSelector=type%3DWarning&limit=500',
      '/api/v1/events?fieldSelector=type%3DWarning&limit=500&continue=2',
    ])
    expect(itemsOf(reading)).toEqual([{ metadata: { name: 'a' } }, { metadata: { name: 'b' } }])
    expect(reading.text).not.toContain(secret)
  })

  it('without an end is cut', async () => {
    const terminal = await serverOf((_request, response) =>
      response.end(JSON.stringify({ metadata: { continue: 'more' }, items: [{ metadata: { name: 'a' } }] })),
    )
    const reading = await read(terminal, '/api/v1/pods')
    expect(reading).toMatchObject({ isCut: true })
    expect(itemsOf(reading)).toHaveLength(40)
  })

  it.each([
    ['a page of HTML', '<html></html>', 'unreadable'],
    ['no list', '{"kind":"Status"}', 'unreadable'],
    ['nothing', '', 'unreadable'],
  ])('that is %s is none', async (_title, body, failed) => {
    const terminal = await serverOf((_request, response) => response.end(body))
    expect(await read(terminal, '/api/v1/pods')).toMatchObject({ failed })
    expect(await read(terminal, '/version')).not.toMatchObject({ text: expect.stringContaining('git') })
  })

  it('that never comes is waited for no longer than its limit', async () => {
    const terminal = await serverOf(() => {})
    expect(await read(terminal, '/api/v1/pods', 50)).toMatchObject({ failed: 'timed-out' })
  })

  it('that is not served is absent', async () => {
    const terminal = await serverOf((_request, response) => response.writeHead(404).end('{}'))
    expect(await read(terminal, '/apis/keda.sh/v1alpha1/scaledobjects')).toMatchObject({ failed: 'absent' })
  })
})

describe('without a cluster', () => {
  it('it is said that there is no kubeconfig, or none that can be read', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'hadal-reader-'))
    endings.push(() => rmSync(folder, { recursive: true }))
    const terminal = recordingTerminal({ folder, env: { HOME: folder } })
    await expect(read(terminal, '/version')).rejects.toMatchObject({
      code: 'cluster_config_invalid',
      message: expect.stringMatching(/there is no kubeconfig/),
    })
    const broken = join(folder, 'broken')
    writeFileSync(broken, '{ not yaml')
    const named = recordingTerminal({ folder, env: { KUBECONFIG: broken } })
    await expect(read(named, '/version')).rejects.toMatchObject({ code: 'cluster_config_invalid' })
  })

  it('a server that is not there is unreadable, and soon', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'hadal-reader-'))
    endings.push(() => rmSync(folder, { recursive: true }))
    const kubeconfig = join(folder, 'config')
    writeKubeconfig(kubeconfig, { url: 'http://127.0.0.1:1', token: 'x', certificates: undefined })
    const terminal = recordingTerminal({ folder, env: { KUBECONFIG: kubeconfig } })
    expect(await read(terminal, '/version', 500)).toMatchObject({
      failed: expect.stringMatching(/unreadable|timed-out/),
    })
  })
})
