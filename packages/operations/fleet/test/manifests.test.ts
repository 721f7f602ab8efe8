/** The manifests of the three golden services and of deployments drawn by chance: they fit each other, and Kubernetes' own types. */

import {
  type Deployment,
  dashboardsOf,
  type ExtrasOf,
  lintManifests,
  type Manifest,
  manifestsOf,
  renderKubernetes,
  rulesOf,
  toYaml,
} from '@hadal/fleet'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runs } from '../../../kernel/base/test/slow-tests.ts'
import { gpuNode, laptop, vllm8gpu } from './deployments.ts'
import { drawnDeployment } from './drawn-deployments.ts'
import { runProgram, type Said, whyNoPrograms } from './programs.ts'

const why = whyNoPrograms('kubectl')
const golden: readonly (readonly [string, Deployment])[] = [
  ['laptop', laptop],
  ['gpu-node', gpuNode],
  ['vllm-8gpu', vllm8gpu],
]
const extrasOf: ExtrasOf = (deployment) => ({
  rules: rulesOf(deployment),
  dashboards: dashboardsOf(deployment),
})

// biome-ignore lint/suspicious/noExplicitAny: objects of every kind are looked into.
type Any = any
const isCustom = ({ apiVersion }: Manifest): boolean => /\.(com|sh|x-k8s\.io)\//.test(apiVersion)
const templatesOf = ({ kind, spec }: Any): Any[] =>
  kind === 'Deployment'
    ? [spec.template]
    : kind === 'LeaderWorkerSet'
      ? [spec.leaderWorkerTemplate.leaderTemplate, spec.leaderWorkerTemplate.workerTemplate]
      : []
const containersOf = ({ spec }: Any): Any[] => [...(spec.initContainers ?? []), ...spec.containers]

/** Each value of an object, with where it is. */
function* walk(value: unknown, path = ''): Generator<readonly [string, unknown]> {
  yield [path, value]
  if (typeof value === 'object' && value !== null)
    for (const [key, each] of Object.entries(value)) yield* walk(each, `${path}/${key}`)
}

const fits = (selector: Any, labels: Any): boolean =>
  Object.entries(selector).every(([key, value]) => labels?.[key] === value)

/** What does not fit, in words. */
function issuesOf(deployment: Deployment): string[] {
  const manifests = manifestsOf(deployment) as readonly Any[]
  const templates = manifests.flatMap(templatesOf)
  const has = (kind: string, name: string): boolean =>
    manifests.some((each) => each.kind === kind && each.metadata.name === name)
  const claims = deployment.engines.filter(({ model }) => !model.makesClaim).map(({ model }) => model.claim)
  const issues: string[] = []
  const demand = (holds: boolean, what: string): void => {
    if (!holds) issues.push(what)
  }

  const keys = manifests.map(({ kind, metadata }) => `${kind} ${metadata.name}`)
  demand(new Set(keys).size === keys.length, `twice: ${keys}`)
  for (const manifest of manifests) {
    const { kind, metadata, spec } = manifest
    const called = `${kind} ${metadata.name}`
    demand(metadata.name.length <= 63, `${called}: longer than 63`)
    demand(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(metadata.name), `${called}: no name`)
    demand(kind === 'Namespace' || metadata.namespace === deployment.namespace, `${called}: no namespace`)
    for (const [path, value] of walk(manifest)) demand(value !== undefined, `${called}${path}: undefined`)
    for (const labels of [metadata.labels, ...templatesOf(manifest).map((each) => each.metadata.labels)])
      for (const value of Object.values<string>(labels))
        demand(/^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/.test(value), `${called}: label ${value}`)
    if (kind === 'Deployment')
      demand(fits(spec.selector.matchLabels, spec.template.metadata.labels), `${called}: selector`)
    if (kind === 'Service') {
      const served = templates.filter((each) => fits(spec.selector, each.metadata.labels))
      demand(served.length === 1, `${called}: selects ${served.length} kinds of pods`)
      const ports = served.flatMap((each) => containersOf(each).flatMap(({ ports = [] }) => ports))
      for (const { targetPort, port } of spec.ports)
        demand(
          ports.some((each) => each.name === targetPort && each.containerPort === port),
          `${called}: port`,
        )
    }
    if (kind === 'PodDisruptionBudget')
      demand(spec.minAvailable === undefined && spec.maxUnavailable >= 1, called)
    if (kind === 'ServiceMonitor') {
      const services = manifests.filter(
        (each) => each.kind === 'Service' && fits(spec.selector.matchLabels, each.metadata.labels),
      )
      demand(services.length === 1, `${called}: selects ${services.length} services`)
      for (const { port } of spec.endpoints)
        demand(
          services.every((each) => each.spec.ports.some((has: Any) => has.name === port)),
          `${called}: port`,
        )
    }
    if (kind === 'PodDisruptionBudget' || kind === 'NetworkPolicy') {
      const selector = (spec.selector ?? spec.podSelector).matchLabels
      demand(
        templates.some((each) => fits(selector, each.metadata.labels)),
        `${called}: selects nothing`,
      )
    }
    if (kind === 'RoleBinding') {
      demand(has(spec?.kind ?? 'Role', manifest.roleRef.name), `${called}: role`)
      for (const { name } of manifest.subjects) demand(has('ServiceAccount', name), `${called}: subject`)
    }
    if (kind === 'Ingress')
      for (const { http } of spec.rules)
        for (const { backend } of http.paths)
          demand(has('Service', backend.service.name), `${called}: backend`)
    if (kind === 'HorizontalPodAutoscaler' || kind === 'ScaledObject') {
      const { kind: of, name } = spec.scaleTargetRef
      const target = manifests.find((each) => each.kind === of && each.metadata.name === name)
      demand(target !== undefined, `${called}: target`)
      demand(target?.spec.replicas === undefined, `${called}: its target has replicas`)
    }
  }
  for (const { metadata, spec } of templates) {
    const called = `pod of ${metadata.labels['app.kubernetes.io/component']}`
    demand(has('ServiceAccount', spec.serviceAccountName), `${called}: account`)
    demand(spec.enableServiceLinks === false, `${called}: service links`)
    demand(spec.securityContext.runAsNonRoot === true, `${called}: root`)
    demand(spec.securityContext.seccompProfile.type === 'RuntimeDefault', `${called}: seccomp`)
    const volumes = new Map<string, Any>(spec.volumes.map((each: Any) => [each.name, each]))
    for (const { configMap, persistentVolumeClaim } of volumes.values()) {
      if (configMap) demand(has('ConfigMap', configMap.name), `${called}: config ${configMap.name}`)
      const claim = persistentVolumeClaim?.claimName
      if (claim)
        demand(has('PersistentVolumeClaim', claim) || claims.includes(claim), `${called}: claim ${claim}`)
    }
    for (const container of containersOf({ spec })) {
      const { securityContext, volumeMounts, env, resources, command } = container
      demand(securityContext.readOnlyRootFilesystem === true, `${called}: writes`)
      demand(securityContext.allowPrivilegeEscalation === false, `${called}: escalates`)
      demand(securityContext.capabilities.drop.includes('ALL'), `${called}: capabilities`)
      demand(
        volumeMounts.every((each: Any) => volumes.has(each.name)),
        `${called}: mounts`,
      )
      demand(
        volumeMounts.some((each: Any) => each.mountPath === '/tmp'),
        `${called}: /tmp`,
      )
      demand(resources.requests !== undefined && resources.limits !== undefined, `${called}: resources`)
      demand(command.length > 0, `${called}: command`)
      demand(new Set(env.map((each: Any) => each.name)).size === env.length, `${called}: a variable twice`)
      for (const { valueFrom } of env)
        if (valueFrom?.secretKeyRef)
          demand(valueFrom.secretKeyRef.name === deployment.secretName, `${called}: secret`)
    }
  }
  return issues
}

describe('manifests', () => {
  it.each(golden)('of %s fit each other', (_, deployment) => {
    expect(issuesOf(deployment)).toEqual([])
  })

  it.each(golden)('of %s are nothing for the linter but what others have to make', (_, deployment) => {
    const files = renderKubernetes(deployment, extrasOf).filter(({ path }) => path === 'all.yaml')
    const findings = lintManifests(files, { freeGpus: 0 })
    expect(findings.filter(({ rule }) => rule !== 'missing_reference')).toEqual([])
    for (const { severity, reason } of findings)
      expect([severity, reason]).toEqual([
        'advice',
        expect.stringMatching(/^(Secret|PersistentVolumeClaim) /),
      ])
  })

  it('of any deployment fit each other, and no API server would refuse them', () => {
    fc.assert(
      fc.property(drawnDeployment, (deployment) => {
        expect(issuesOf(deployment)).toEqual([])
        const text = toYaml(manifestsOf(deployment))
        const findings = lintManifests([{ path: 'all.yaml', text }])
        expect(findings.filter(({ severity }) => severity === 'rejected')).toEqual([])
      }),
      { numRuns: runs(15, 50) },
    )
  })

  it('start pods anew when their config changes, and leave the old config for an undo', () => {
    const config = (each: Deployment): string =>
      manifestsOf(each).find(({ kind }) => kind === 'ConfigMap')!.metadata.name
    const changed = {
      ...laptop,
      gateway: { ...laptop.gateway, config: { ...laptop.gateway.config, port: 8081 } },
    }
    expect(config(changed)).not.toBe(config(laptop))
    expect(config(changed)).toMatch(/^hadal-gateway-config-[0-9a-f]{8}$/)
  })

  it('never change a selector when the model is another one', () => {
    const selectors = (each: Deployment): unknown[] =>
      (manifestsOf(each) as Any[])
        .filter(({ kind }) => kind === 'Deployment')
        .map(({ spec }) => spec.selector)
    const changed = { ...laptop, engines: laptop.engines.map((engine) => ({ ...engine, modelId: 'other' })) }
    expect(selectors(changed)).toEqual(selectors(laptop))
  })

  it('give a rollout more time than a start takes', () => {
    fc.assert(
      fc.property(drawnDeployment, (deployment) => {
        const deployments = (manifestsOf(deployment) as Any[]).filter(({ kind }) => kind === 'Deployment')
        for (const { spec } of deployments) {
          const { startupProbe } = spec.template.spec.containers[0]
          const { terminationGracePeriodSeconds } = spec.template.spec
          const budget = startupProbe.periodSeconds * startupProbe.failureThreshold
          expect(spec.progressDeadlineSeconds).toBeGreaterThan(budget + terminationGracePeriodSeconds)
        }
      }),
      { numRuns: runs(15, 50) },
    )
  })

  it('have gateways that are ready without engines only where engines may sleep', () => {
    const readiness = (each: Deployment): string =>
      (manifestsOf(each) as Any[]).find(
        ({ kind, metadata }) => kind === 'Deployment' && metadata.name === each.gateway.name,
      ).spec.template.spec.containers[0].readinessProbe.httpGet.path
    expect(readiness(vllm8gpu)).toBe('/ready')
    expect(
      readiness({ ...vllm8gpu, scaling: { ...vllm8gpu.scaling, minReplicas: 0, scaleToZero: true } }),
    ).toBe('/health')
  })

  it('take one place at a time where no GPU is free', () => {
    const [engine] = (manifestsOf(gpuNode) as Any[])
      .filter(({ metadata }) => metadata.name === 'hadal-engine')
      .filter(({ kind }) => kind === 'Deployment')
    expect(engine.spec.strategy.rollingUpdate).toEqual({ maxSurge: 0, maxUnavailable: 1 })
  })
})

describe.skipIf(why !== undefined)(`kubectl ${why ?? ''}`, () => {
  const decode = (args: readonly string[], manifests: readonly Manifest[]): Said =>
    runProgram('kubectl', ['set', ...args, '--local', '-o', 'json', '-f', '-'], { input: toYaml(manifests) })

  it.each(golden)('decodes every object of %s', (_, deployment) => {
    const builtIn = manifestsOf(deployment, extrasOf).filter((each) => !isCustom(each))
    const { output } = decode(['env', 'A=b'], builtIn)
    expect(output).not.toContain('unable to decode')
    // It decodes into the real types before it says that most kinds have no pods.
    const podless = output.match(/does not have a pod template: \*v\d\./g) ?? []
    expect(podless.length).toBe(builtIn.length - builtIn.flatMap(templatesOf).length)
  })

  it.each(golden)('keeps every field of what it prints of %s', (_, deployment) => {
    const kinds = new Set<string>()
    for (const manifest of JSON.parse(JSON.stringify(manifestsOf(deployment))) as Any[]) {
      const { kind, spec, subjects } = manifest
      const [container] = templatesOf(manifest).map((each) => each.spec.containers[0])
      const args = container
        ? ['image', `${container.name}=changed`]
        : { Service: ['selector', 'a=b'], RoleBinding: ['subject', '--user=somebody'] }[kind as string]
      if (args === undefined) continue
      const { code, output } = decode(args, [manifest])
      expect(code, output).toBe(0)
      const printed = JSON.parse(output)
      if (container) printed.spec.template.spec.containers[0].image = container.image
      else if (kind === 'Service') printed.spec.selector = spec.selector
      else printed.subjects = subjects
      expect(printed).toMatchObject(manifest)
      kinds.add(kind)
    }
    expect([...kinds].sort()).toEqual(['Deployment', 'RoleBinding', 'Service'])
  })

  it('says what is of the wrong type', () => {
    const [budget] = manifestsOf(laptop).filter(({ kind }) => kind === 'PodDisruptionBudget')
    const broken = { ...budget!, spec: { maxUnavailable: [1] } }
    expect(decode(['env', 'A=b'], [broken]).output).toContain('unable to decode')
  })
})
