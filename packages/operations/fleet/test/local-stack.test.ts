/** What one machine without a cluster is given to run: as the programs see it, and without what only a cluster has. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type Deployment, localDeployment, localStack, metricNamesOf, rulesOf } from '@hadal/fleet'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { gpuNode, laptop, vllm8gpu } from './deployments.ts'
import { runProgram, whyNoPrograms } from './programs.ts'

const services = { laptop, gpuNode, vllm8gpu }

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hadal-local-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const stackOf = (deployment: Deployment) =>
  localStack(deployment, {
    folder,
    targets: [{ job: deployment.name, url: 'http://127.0.0.1:8080/metrics' }],
    hasGpus: false,
    prometheus: '127.0.0.1:9090',
    alertmanager: '127.0.0.1:9093',
    retentionMillis: 15 * 86_400_000,
  })

const namesIn = (deployment: Deployment, hasGpus: boolean): readonly string[] => {
  const { groups } = rulesOf(localDeployment(deployment, { folder, hasGpus }))
  return groups.flatMap(({ rules }) => rules.flatMap(({ expr }) => metricNamesOf(expr)))
}

const whyNot = whyNoPrograms('promtool', 'amtool')

it.skipIf(whyNot !== undefined).each(Object.entries(services))(
  `the files of %s are right ${whyNot ?? ''}`,
  (_, deployment) => {
    for (const { path, text } of stackOf(deployment).files) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), text)
    }
    const check = (...args: string[]) => runProgram('promtool', ['check', ...args], { cwd: folder })
    expect(check('config', 'prometheus.yml').output).toMatch(
      /1 rule files found[\s\S]*SUCCESS: \d+ rules found/,
    )
    expect(runProgram('amtool', ['check-config', 'alertmanager.yml'], { cwd: folder }).output).toContain(
      'SUCCESS',
    )
  },
)

describe.each(Object.entries(services))('rules of %s on one machine', (_, deployment) => {
  it('ask for nothing that only a cluster has', () => {
    const { groups } = rulesOf(localDeployment(deployment, { folder, hasGpus: true }))
    const rules = groups.flatMap((group) => group.rules.map(({ expr }) => expr)).join('\n')
    expect(rules).not.toMatch(/namespace=|pod=~|exported_pod|kube_/)
    expect(rules).toContain(`up{job="${deployment.name}"}`)
  })

  it('include GPU metrics only when there is a GPU exporter', () => {
    const ofGpus = (hasGpus: boolean) =>
      namesIn(deployment, hasGpus).filter((name) => name.startsWith('DCGM_'))
    expect(ofGpus(false)).toEqual([])
    expect(ofGpus(true)).toContain('DCGM_FI_DEV_GPU_UTIL')
  })
})

it('models of other services are watched, engines of the cluster are not', () => {
  const isUpstream = (name: string): boolean => name.startsWith('hadal_upstream_')
  expect(namesIn(laptop, false).filter(isUpstream)).toEqual([])
  expect(namesIn(vllm8gpu, false).filter(isUpstream)).toContain('hadal_upstream_replica_up')
})

it('both programs listen on the configured addresses, and Alertmanager opens no cluster port', () => {
  const { prometheusArguments, alertmanagerArguments } = stackOf(laptop)
  expect(prometheusArguments).toContain('--web.listen-address=127.0.0.1:9090')
  expect(prometheusArguments).toContain('--storage.tsdb.retention.time=15d')
  expect(alertmanagerArguments).toContain('--web.listen-address=127.0.0.1:9093')
  expect(alertmanagerArguments).toContain('--cluster.listen-address=')
})
