import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { engineManifests } from '../../test/engine-manifests.ts'
import { fakeCluster } from '../../test/fake-cluster.ts'
import { makeCertificates } from '../../test/fake-kubernetes/certificates.ts'
import { gpuNode } from '../../test/fake-kubernetes/fake-kubernetes.ts'

const nodes = [gpuNode('gpu-1', 2, { tainted: true })]

describe('hadal deploy plan', () => {
  it('says that nothing fits, and why', async () => {
    await using cluster = await fakeCluster({ nodes: [1, 2, 3, 4].map((each) => gpuNode(`gpu-${each}`, 1)) })
    cluster.write(engineManifests({ replicas: 1, gpus: 4 }))
    const said = await cluster.deploy('plan')
    expect(said.code).toBe(3)
    expect(said.printed).toContain('GPUs     4 of 4 free, at most 1 on one node')
    expect(said.printed.replaceAll(/\s+/g, ' ')).toContain(
      'error[rollout_does_not_fit]: Deployment hadal/engine does not fit: none of 1 fit: 4 nodes with 1 nvidia.com/gpu free, but 4 are needed',
    )
  })

  it('counts quotas', async () => {
    await using cluster = await fakeCluster({ nodes })
    cluster.fake.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'hadal' } })
    cluster.fake.put({
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'team', namespace: 'hadal' },
      spec: { hard: { 'requests.nvidia.com/gpu': '1' } },
    })
    cluster.write(engineManifests())
    const said = await cluster.deploy('plan', '--json')
    const { blockers, gpus } = JSON.parse(said.printed)
    expect(blockers).toMatchObject([
      {
        code: 'rollout_quota_exceeded',
        message: expect.stringContaining(
          'the quota team leaves 1 of requests.nvidia.com/gpu, but 2 more are needed at once',
        ),
      },
    ])
    expect(gpus).toMatchObject({ total: 2, free: 2 })
  })

  it('refuses what cannot be changed, with a way out', async () => {
    await using cluster = await fakeCluster({ nodes })
    cluster.write(engineManifests())
    await cluster.deploy('apply', '--yes')
    const changed = engineManifests().map((manifest) =>
      JSON.parse(JSON.stringify(manifest).replaceAll('"app":"engine"', '"app":"other"')),
    )
    cluster.write(changed)
    const said = await cluster.deploy('plan')
    expect(said.code).toBe(3)
    expect(said.printed.replaceAll(/\s+/g, ' ')).toMatch(
      /error\[rollout_immutable_field\]: spec\.selector\.matchLabels\.app of Deployment hadal\/engine is immutable.* --cascade=orphan/,
    )
  })

  it('does without what may not be read, and says so', async () => {
    await using cluster = await fakeCluster({
      nodes,
      forbids: ({ verb, resource }) =>
        resource === 'nodes' || (verb === 'patch' && resource === 'deployments'),
    })
    cluster.write(engineManifests())
    const said = await cluster.deploy('plan')
    expect(said.code).toBe(0)
    expect(said.printed.replaceAll(/\s+/g, ' ')).toContain('no permission to list nodes')
    cluster.fake.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'hadal' } })
    const estimated = await cluster.deploy('plan')
    expect(estimated.printed.replaceAll(/\s+/g, ' ')).toContain(
      'the server checked nothing, changes are estimated: not allowed to patch deployments.apps in the namespace "hadal"',
    )
    const applied = await cluster.deploy('apply', '--yes')
    expect(applied.code).toBe(3)
    expect(applied.noted).toContain(
      'error[cluster_forbidden]: not allowed to patch deployments.apps in the namespace "hadal"',
    )
    expect(applied.noted).toContain('nothing was changed')
    expect(cluster.fake.requests.filter((each) => /^PATCH/.test(each) && !/dryRun/.test(each))).toEqual([])
  })

  it('names a right that is missing altogether', async () => {
    await using cluster = await fakeCluster({ nodes, forbids: ({ resource }) => resource === 'services' })
    cluster.write(engineManifests())
    const said = await cluster.deploy('plan')
    expect(said.noted).toContain(
      'error[cluster_forbidden]: not allowed to get services in the namespace "hadal"',
    )
    expect(said.noted).toContain(
      'help: Ask an administrator of the cluster for a Role with the verb get on services',
    )
  })

  it('reports everything that the server rejects', async () => {
    await using cluster = await fakeCluster({
      nodes,
      faultsOf: ({ kind }) =>
        kind === 'Service' || kind === 'ConfigMap' ? ['unknown field "spec.ports[0].prot"'] : [],
    })
    cluster.fake.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'hadal' } })
    cluster.write(engineManifests())
    const said = await cluster.deploy('plan', '--json')
    expect(said.code).toBe(3)
    const { blockers } = JSON.parse(said.printed) as { blockers: { code: string }[] }
    expect(blockers.map(({ code }) => code)).toEqual(['cluster_refused', 'cluster_refused'])
  })

  it('says that the namespace is missing', async () => {
    await using cluster = await fakeCluster({ nodes })
    cluster.write(engineManifests().slice(1))
    expect((await cluster.deploy('plan')).noted).toContain(
      'error[cluster_namespace_missing]: the namespace hadal does not exist',
    )
  })

  it('reads folders, and refuses what is no manifest', async () => {
    await using cluster = await fakeCluster({ nodes })
    cluster.write(engineManifests())
    const text = readFileSync(join(cluster.folder, 'all.yaml'), 'utf8')
    mkdirSync(join(cluster.folder, 'parts'))
    writeFileSync(join(cluster.folder, 'parts', 'one.yaml'), text)
    expect((await cluster.deploy('plan', '-f', 'parts')).noted).toContain('Namespace hadal is there twice')
    writeFileSync(join(cluster.folder, 'all.yaml'), `${text}---\n${text}`)
    expect((await cluster.deploy('plan')).noted).toContain(
      'error[rollout_manifests_unreadable]: all.yaml: Namespace hadal is there twice',
    )
    writeFileSync(join(cluster.folder, 'all.yaml'), 'a: [1')
    expect((await cluster.deploy('plan')).noted).toContain(
      'error[rollout_manifests_unreadable]: all.yaml:1: ',
    )
    rmSync(join(cluster.folder, 'all.yaml'))
    expect((await cluster.deploy('plan')).noted).toContain('error[rollout_manifests_unreadable]: all.yaml: ')
  })
})

describe('a cluster that is not as it should be', () => {
  const kubeconfigOf = (url: string, context = 'fake'): string =>
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': context,
      clusters: [{ name: 'c', cluster: { server: url } }],
      users: [{ name: 'u', user: { token: ['fake', 'x'].join('-') } }],
      contexts: [{ name: 'fake', context: { cluster: 'c', user: 'u' } }],
    })

  it.each([
    [
      'nothing listens',
      'http://127.0.0.1:9',
      'error[cluster_unreachable]: cannot reach the API server at http://127.0.0.1:9/: connection refused',
    ],
    [
      'no address',
      'nonsense',
      'error[cluster_config_invalid]: no cluster is configured: nonsense is no address of a server',
    ],
  ])('%s', async (_, url, message) => {
    await using cluster = await fakeCluster({ nodes })
    cluster.write(engineManifests())
    writeFileSync(cluster.fake.kubeconfig, kubeconfigOf(url))
    const said = await cluster.deploy('plan')
    expect([said.code, said.noted]).toEqual([1, expect.stringContaining(message)])
  })

  it('has no such context, no current one, or no kubeconfig', async () => {
    await using cluster = await fakeCluster({ nodes })
    cluster.write(engineManifests())
    expect((await cluster.deploy('plan', '--context', 'prod')).noted).toContain(
      'there is no context prod; there are fake',
    )
    writeFileSync(cluster.fake.kubeconfig, kubeconfigOf(cluster.fake.url, ''))
    expect((await cluster.deploy('plan')).noted).toContain('the kubeconfig has no current context')
    expect((await cluster.deploy('plan', '--kubeconfig', 'none')).noted).toMatch(
      /cluster_config_invalid.*none/,
    )
  })

  it('does not answer in time', async () => {
    await using cluster = await fakeCluster({ nodes })
    cluster.write(engineManifests())
    cluster.fake.faults.push({ on: /nodes/, what: { kind: 'hang' }, times: 9 })
    const said = await cluster.deploy('plan', '--request-timeout', '2s')
    expect(said.noted).toContain('error[cluster_timeout]')
    expect(said.noted).toContain('did not respond to GET the list of Nodes within 2 s')
  })

  it('gives no credentials, or none in time', async () => {
    await using cluster = await fakeCluster({ nodes })
    cluster.write(engineManifests())
    const withProgram = (script: string): void => {
      const exec = {
        apiVersion: 'client.authentication.k8s.io/v1',
        command: process.execPath,
        args: ['-e', script],
        interactiveMode: 'Never',
      }
      const kubeconfig = JSON.parse(kubeconfigOf(cluster.fake.url.replace('http:', 'https:')))
      writeFileSync(
        cluster.fake.kubeconfig,
        JSON.stringify({ ...kubeconfig, users: [{ name: 'u', user: { exec } }] }),
      )
    }
    withProgram('setTimeout(() => {}, 300_000)')
    expect((await cluster.deploy('plan', '--request-timeout', '100ms')).noted).toMatch(
      /error\[cluster_credentials\]: cannot get credentials for https:\S+ from the kubeconfig: no response within 0\.1 s/,
    )
    withProgram('process.exit(1)')
    expect((await cluster.deploy('plan')).noted).toContain('error[cluster_credentials]')
  })

  it('calls a field that it does not know a failure of its own', async () => {
    await using cluster = await fakeCluster({ nodes })
    cluster.fake.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'hadal' } })
    cluster.write(engineManifests())
    const message =
      'failed to create typed patch object (hadal/engine; apps/v1, Kind=Deployment): .spec.replicaz: field not declared in schema'
    cluster.fake.faults.push({
      on: /^PATCH .*deployments/,
      what: { kind: 'status', code: 500, message },
      times: 1,
    })
    const said = await cluster.deploy('apply', '--yes')
    expect(said.code).toBe(3)
    expect(said.noted).toContain(
      'error[cluster_refused]: the API server rejected Deployment hadal/engine: .spec.replicaz: field not declared in schema',
    )
  })

  it('fails again and again', async () => {
    await using cluster = await fakeCluster({ nodes })
    cluster.write(engineManifests())
    cluster.fake.faults.push({
      on: /nodes/,
      what: { kind: 'status', code: 503, retryAfterSeconds: 0.01 },
      times: 9,
    })
    expect((await cluster.deploy('plan')).noted).toContain('error[cluster_busy]')
  })

  it('speaks TLS, knows clients by their certificate, and is not trusted with another one', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'hadal-tls-'))
    try {
      const certificates = makeCertificates(folder)
      await using cluster = await fakeCluster({ nodes, certificates })
      cluster.write(engineManifests())
      const said = await cluster.deploy('apply', '--yes')
      expect(said.code, said.noted).toBe(0)
      const kubeconfig = parse(readFileSync(cluster.fake.kubeconfig, 'utf8'))
      delete kubeconfig.clusters[0].cluster['certificate-authority-data']
      writeFileSync(cluster.fake.kubeconfig, JSON.stringify(kubeconfig))
      expect((await cluster.deploy('plan')).noted).toMatch(
        /error\[cluster_certificate\]: the certificate of https:\S+ is not trusted: it is signed by an authority that the kubeconfig does not list/,
      )
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
