/** Each thing that an API server refuses, broken into a good manifest: the linter names it, and nothing else before. */

import type { LintFinding } from '@hadal/fleet'
import { lintManifests, rejectionRules } from '@hadal/manifest-lint'
import { describe, expect, test } from 'vitest'
import { bases, edit, type Json } from './lint-bases.ts'

type Base = keyof typeof bases
type Case = readonly [rule: string, base: Base, path: string, value: unknown]

function rejections(...manifests: readonly Json[]): LintFinding[] {
  const files = manifests.map((manifest, index) => ({
    path: `${index}.yaml`,
    text: JSON.stringify(manifest),
  }))
  return lintManifests(files, { rules: rejectionRules }).filter(({ severity }) => severity === 'rejected')
}

const spec = 'spec.template.spec'
const box = `${spec}.containers.0`
const long = 'a'.repeat(64)
const handler = { tcpSocket: { port: 8080 } }
const hashes = {
  labelSelector: { matchLabels: { app: 'web' } },
  topologyKey: 'zone',
  maxSkew: 1,
  whenUnsatisfiable: 'DoNotSchedule',
}

const cases: readonly Case[] = [
  [
    'duplicate_mount',
    'deployment',
    `${box}.volumeMounts`,
    [
      { name: 'a', mountPath: '/a' },
      { name: 'b', mountPath: '/a' },
    ],
  ],
  // Kinds and versions.
  ['unknown_kind', 'deployment', 'kind', 'Deploymnt'],
  ['unknown_kind', 'deployment', 'apiVersion', 'v1'],
  ['unknown_kind', 'deployment', 'apiVersion', 'app/v1'],
  ['unknown_kind', 'deployment', 'apiVersion', 'apps/v1/x'],
  ['removed_api', 'deployment', 'apiVersion', 'extensions/v1beta1'],
  ['removed_api', 'deployment', 'apiVersion', 'apps/v1beta2'],
  ['removed_api', 'budget', 'apiVersion', 'policy/v1beta1'],
  ['removed_api', 'autoscaler', 'apiVersion', 'autoscaling/v2beta2'],
  ['removed_api', 'cronJob', 'apiVersion', 'batch/v1beta1'],
  ['removed_api', 'ingress', 'apiVersion', 'networking.k8s.io/v1beta1'],
  ['removed_api', 'definition', 'apiVersion', 'apiextensions.k8s.io/v1beta1'],
  ['removed_api', 'scaledObject', 'apiVersion', 'keda.sh/v1'],
  ['removed_api', 'budget', 'kind', 'PodSecurityPolicy'],
  ['unknown_kind', 'rule', 'kind', 'PrometheusRules'],
  ['unknown_kind', 'rule', 'apiVersion', 'monitoring.coreos.co/v1'],
  // Fields.
  ['unknown_field', 'deployment', 'spec.replica', 2],
  ['unknown_field', 'deployment', `${box}.imagePullpolicy`, 'Always'],
  ['unknown_field', 'deployment', `${spec}.replicas`, 2],
  ['unknown_field', 'service', 'spec.ports.0.containerPort', 80],
  ['unknown_field', 'scaledObject', 'spec.minReplicas', 1],
  ['unknown_field', 'serviceMonitor', 'spec.endpoints.0.scrapeInterval', '5s'],
  ['unknown_field', 'workers', 'spec.leaderWorkerTemplate.replicas', 2],
  ['unknown_field', 'configMap', 'spec', {}],
  ['unknown_field', 'deployment', 'metadata.label', {}],
  ['wrong_type', 'deployment', 'spec.replicas', '2'],
  ['wrong_type', 'deployment', 'spec.replicas', 1.5],
  ['wrong_type', 'deployment', 'spec.replicas', 2 ** 31],
  ['wrong_type', 'deployment', `${box}.env`, [{ name: 'A', value: 5 }]],
  ['wrong_type', 'deployment', `${box}.env`, { A: 'b' }],
  ['wrong_type', 'deployment', `${box}.command`, 'sh -c'],
  ['wrong_type', 'deployment', `${box}.args`, [1]],
  ['wrong_type', 'deployment', `${box}.ports.0.containerPort`, '8080'],
  ['wrong_type', 'deployment', `${box}.resources`, []],
  ['wrong_type', 'deployment', `${spec}.containers`, { name: 'web' }],
  ['wrong_type', 'deployment', `${spec}.hostNetwork`, 'true'],
  ['wrong_type', 'deployment', 'metadata.labels', { version: 1.1 }],
  ['wrong_type', 'deployment', 'metadata.annotations', { on: true }],
  ['wrong_type', 'configMap', 'data.port', 80],
  ['wrong_type', 'service', 'spec.ports.0.targetPort', true],
  ['wrong_type', 'scaledObject', 'spec.triggers.0.metadata.threshold', 10],
  ['wrong_type', 'scaledObject', 'spec.maxReplicaCount', '3'],
  ['missing_field', 'deployment', 'spec', undefined],
  ['missing_field', 'deployment', 'spec.selector', undefined],
  ['missing_field', 'deployment', 'spec.template', undefined],
  ['missing_field', 'deployment', `${spec}`, undefined],
  ['missing_field', 'deployment', `${spec}.containers`, undefined],
  ['missing_field', 'deployment', `${spec}.containers`, []],
  ['missing_field', 'deployment', `${box}.name`, undefined],
  ['missing_field', 'deployment', `${box}.image`, undefined],
  ['missing_field', 'deployment', `${box}.env`, [null]],
  ['missing_field', 'service', 'spec.ports', undefined],
  ['missing_field', 'service', 'spec.ports.0.port', undefined],
  ['missing_field', 'ingress', 'spec.rules.0.http.paths.0.pathType', undefined],
  ['missing_field', 'autoscaler', 'spec.maxReplicas', undefined],
  ['missing_field', 'cronJob', 'spec.schedule', ''],
  ['missing_field', 'scaledObject', 'spec.triggers', undefined],
  ['missing_field', 'scaledObject', 'spec.triggers', []],
  ['missing_field', 'scaledObject', 'spec.scaleTargetRef.name', undefined],
  ['missing_field', 'scaledObject', 'spec.triggers.0.metadata.query', undefined],
  ['missing_field', 'serviceMonitor', 'spec.selector', undefined],
  ['missing_field', 'serviceMonitor', 'spec.endpoints', undefined],
  ['missing_field', 'rule', 'spec.groups.0.name', undefined],
  ['missing_field', 'rule', 'spec.groups.0.rules.0.expr', undefined],
  ['missing_field', 'podMonitor', 'spec.selector', undefined],
  ['missing_field', 'workers', 'spec.leaderWorkerTemplate.workerTemplate', undefined],
  ['missing_field', 'jobSet', 'spec.replicatedJobs.0.name', undefined],
  ['bad_value', 'deployment', `${box}.imagePullPolicy`, 'always'],
  ['bad_value', 'deployment', `${box}.ports.0.protocol`, 'tcp'],
  ['bad_value', 'pod', 'spec.containers.0.image', ' web:1'],
  ['bad_security', 'deployment', `${box}.securityContext`, { procMount: 'Unmasked' }],
  ['bad_value', 'deployment', 'spec.strategy', { type: 'Rolling' }],
  ['bad_value', 'deployment', `${spec}.dnsPolicy`, 'Cluster'],
  ['bad_value', 'statefulSet', 'spec.podManagementPolicy', 'parallel'],
  ['bad_value', 'service', 'spec.type', 'Loadbalancer'],
  ['bad_value', 'cronJob', 'spec.concurrencyPolicy', 'Never'],
  ['bad_value', 'job', 'spec.completionMode', 'indexed'],
  ['bad_value', 'networkPolicy', 'spec.policyTypes', ['ingress']],
  ['bad_value', 'ingress', 'spec.rules.0.http.paths.0.pathType', 'prefix'],
  ['bad_value', 'claim', 'spec.accessModes', ['RWO']],
  ['bad_value', 'autoscaler', 'spec.metrics.0.type', 'CPU'],
  ['bad_value', 'deployment', `${spec}.tolerations`, [{ key: 'a', operator: 'Exists', effect: 'NoRun' }]],
  ['bad_value', 'deployment', `${spec}.tolerations`, [{ key: 'a', operator: 'In', value: 'b' }]],
  ['bad_value', 'serviceMonitor', 'spec.endpoints.0.scheme', 'ftp'],
  ['bad_value', 'scaledObject', 'spec.triggers.0.metricType', 'Utilization'],
  ['bad_value', 'workers', 'spec.startupPolicy', 'Ready'],
  // Amounts.
  ['bad_quantity', 'deployment', `${box}.resources.limits`, { memory: '16GB' }],
  ['bad_quantity', 'deployment', `${box}.resources.limits`, { memory: '8Gb' }],
  ['bad_quantity', 'deployment', `${box}.resources.limits`, { memory: '16 Gi' }],
  ['bad_quantity', 'deployment', `${box}.resources.limits`, { cpu: '1,5' }],
  ['bad_quantity', 'deployment', `${box}.resources.limits`, { cpu: '' }],
  ['bad_quantity', 'deployment', `${box}.resources.limits`, { cpu: '-1' }],
  ['bad_quantity', 'deployment', `${box}.resources.limits`, { 'nvidia.com/gpu': '0.5' }],
  ['bad_quantity', 'deployment', `${box}.resources.limits`, { 'nvidia.com/gpu': '500m' }],
  ['bad_quantity', 'claim', 'spec.resources.requests.storage', '0'],
  ['bad_resource', 'deployment', `${box}.resources.limits`, { gpu: 1 }],
  ['bad_resource', 'deployment', `${box}.resources.limits`, { storage: '1Gi' }],
  ['bad_resource', 'deployment', `${box}.resources`, { limits: { 'hugepages-2Mi': '2Mi' } }],
  [
    'requests_above_limits',
    'deployment',
    `${box}.resources`,
    { requests: { cpu: 2 }, limits: { cpu: '1500m' } },
  ],
  [
    'requests_above_limits',
    'deployment',
    `${box}.resources`,
    { requests: { memory: '1Gi' }, limits: { memory: '1G' } },
  ],
  [
    'requests_not_limits',
    'deployment',
    `${box}.resources`,
    { requests: { 'nvidia.com/gpu': 1 }, limits: { 'nvidia.com/gpu': 2 } },
  ],
  ['requests_without_limits', 'deployment', `${box}.resources`, { requests: { 'nvidia.com/gpu': 1 } }],
  ['bad_value', 'limitRange', 'spec.limits.0.type', 'Box'],
  ['missing_field', 'cronJob', 'spec.jobTemplate.spec', undefined],
  ['bad_name', 'binding', 'roleRef.name', 'a/b'],
  ['bad_limit_range', 'limitRange', 'spec.limits.0.min.memory', '3Gi'],
  // Names, labels, selectors.
  ['missing_name', 'deployment', 'metadata', undefined],
  ['missing_name', 'deployment', 'metadata.name', undefined],
  ['missing_name', 'deployment', 'metadata', { generateName: 'web-' }],
  ['bad_name', 'deployment', 'metadata.name', 'Web'],
  ['bad_name', 'deployment', 'metadata.name', 'web_1'],
  ['bad_name', 'deployment', 'metadata.name', 'web-'],
  ['bad_name', 'deployment', 'metadata.name', 'a'.repeat(254)],
  ['bad_name', 'deployment', 'metadata.namespace', 'my.space'],
  ['bad_name', 'service', 'metadata.name', '1web'],
  ['bad_name', 'service', 'metadata.name', long],
  ['bad_name', 'service', 'metadata.name', 'web.svc'],
  ['bad_name', 'namespace', 'metadata.name', 'a.b'],
  ['bad_name', 'cronJob', 'metadata.name', 'a'.repeat(53)],
  ['bad_name', 'role', 'metadata.name', 'a/b'],
  ['bad_name', 'definition', 'metadata.name', 'web.example.com'],
  ['bad_name', 'deployment', `${box}.name`, 'Web'],
  ['bad_name', 'deployment', `${box}.name`, 'web.1'],
  ['bad_label', 'deployment', 'metadata.labels', { 'a b': 'c' }],
  ['bad_label', 'deployment', 'metadata.labels', { a: 'b c' }],
  ['bad_label', 'deployment', 'metadata.labels', { a: long }],
  ['bad_label', 'deployment', 'metadata.labels', { a: 'http://x' }],
  ['bad_label', 'deployment', 'metadata.labels', { 'a/b/c': 'd' }],
  ['bad_label', 'deployment', 'metadata.labels', { 'UPPER.com/a': 'd' }],
  ['bad_label', 'deployment', `${spec}.nodeSelector`, { 'a b': 'c' }],
  ['bad_label', 'namespace', 'metadata.labels', { 'pod-security.kubernetes.io/enforce': 'strict' }],
  ['missing_field', 'ingressClass', 'spec', undefined],
  ['bad_annotation', 'deployment', 'metadata.annotations', { 'a b': 'c' }],
  ['bad_annotation', 'deployment', 'metadata.annotations', { a: 'x'.repeat(256 * 1024) }],
  ['object_too_large', 'configMap', 'data.big', 'x'.repeat(1024 * 1024)],
  ['selector_mismatch', 'deployment', 'spec.template.metadata.labels', { app: 'other' }],
  ['selector_mismatch', 'deployment', 'spec.template.metadata', undefined],
  ['selector_mismatch', 'statefulSet', 'spec.selector.matchLabels', { app: 'web', tier: 'db' }],
  [
    'selector_mismatch',
    'daemonSet',
    'spec.selector',
    { matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['web'] }] },
  ],
  ['bad_selector', 'deployment', 'spec.selector', {}],
  ['bad_selector', 'deployment', 'spec.selector.matchExpressions', [{ key: 'app', operator: 'In' }]],
  [
    'bad_selector',
    'deployment',
    'spec.selector.matchExpressions',
    [{ key: 'app', operator: 'Exists', values: ['a'] }],
  ],
  [
    'bad_value',
    'deployment',
    'spec.selector.matchExpressions',
    [{ key: 'app', operator: 'Equals', values: ['web'] }],
  ],
  // Pods.
  ['bad_restart_policy', 'deployment', `${spec}.restartPolicy`, 'Never'],
  ['bad_restart_policy', 'daemonSet', `${spec}.restartPolicy`, 'OnFailure'],
  ['bad_restart_policy', 'job', `${spec}.restartPolicy`, 'Always'],
  ['bad_restart_policy', 'job', `${spec}.restartPolicy`, undefined],
  ['bad_restart_policy', 'cronJob', 'spec.jobTemplate.spec.template.spec.restartPolicy', undefined],
  ['bad_value', 'deployment', `${spec}.activeDeadlineSeconds`, 60],
  ['bad_dns', 'deployment', `${spec}.dnsPolicy`, 'None'],
  ['bad_address', 'deployment', `${spec}.hostAliases`, [{ ip: 'localhost', hostnames: ['a'] }]],
  [
    'duplicate_container',
    'deployment',
    `${spec}.containers`,
    [
      { name: 'a', image: 'a' },
      { name: 'a', image: 'b' },
    ],
  ],
  ['duplicate_container', 'deployment', `${spec}.initContainers`, [{ name: 'web', image: 'a' }]],
  ['bad_probe', 'deployment', `${spec}.initContainers`, [{ name: 'a', image: 'a', readinessProbe: handler }]],
  ['bad_value', 'deployment', `${box}.restartPolicy`, 'Always'],
  [
    'duplicate_port',
    'deployment',
    `${box}.ports`,
    [
      { name: 'a', containerPort: 1 },
      { name: 'a', containerPort: 2 },
    ],
  ],
  [
    'duplicate_item',
    'deployment',
    `${box}.ports`,
    [{ containerPort: 1 }, { containerPort: 1, protocol: 'TCP' }],
  ],
  ['bad_port', 'deployment', `${box}.ports.0.containerPort`, 0],
  ['bad_port', 'deployment', `${box}.ports.0.containerPort`, 70_000],
  ['bad_port_name', 'deployment', `${box}.ports.0.name`, 'http-metrics-port'],
  ['bad_port_name', 'deployment', `${box}.ports.0.name`, '8080'],
  ['bad_port_name', 'deployment', `${box}.ports.0.name`, 'HTTP'],
  [
    'duplicate_item',
    'deployment',
    `${box}.env`,
    [
      { name: 'A', value: '1' },
      { name: 'A', value: '2' },
    ],
  ],
  ['bad_env', 'deployment', `${box}.env`, [{ name: 'A=B', value: '1' }]],
  [
    'bad_env',
    'deployment',
    `${box}.env`,
    [{ name: 'A', value: '1', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
  ],
  ['bad_env', 'deployment', `${box}.env`, [{ name: 'A', valueFrom: {} }]],
  ['bad_env', 'deployment', `${box}.envFrom`, [{ prefix: 'A' }]],
  [
    'bad_field_path',
    'deployment',
    `${box}.env`,
    [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'spec.hostIP' } } }],
  ],
  [
    'bad_field_path',
    'deployment',
    `${box}.env`,
    [{ name: 'A', valueFrom: { resourceFieldRef: { resource: 'limits.gpu' } } }],
  ],
  ['missing_field', 'deployment', `${box}.env`, [{ name: 'A', valueFrom: { secretKeyRef: { key: 'a' } } }]],
  ['unknown_volume', 'deployment', `${box}.volumeMounts`, [{ name: 'data', mountPath: '/data' }]],
  [
    'duplicate_volume',
    'deployment',
    `${spec}.volumes`,
    [
      { name: 'a', emptyDir: {} },
      { name: 'a', emptyDir: {} },
    ],
  ],
  ['volume_source', 'deployment', `${spec}.volumes`, [{ name: 'a', emptyDir: {}, configMap: { name: 'a' } }]],
  ['missing_field', 'deployment', `${spec}.volumes`, [{ name: 'a', configMap: {} }]],
  ['missing_field', 'deployment', `${spec}.volumes`, [{ name: 'a', secret: { name: 'a' } }]],
  ['bad_mode', 'deployment', `${spec}.volumes`, [{ name: 'a', configMap: { name: 'a', defaultMode: 644 } }]],
  [
    'bad_mount',
    'deployment',
    `${spec}.volumes`,
    [{ name: 'a', configMap: { name: 'a', items: [{ key: 'a', path: '../a' }] } }],
  ],
  ['bad_handler', 'deployment', `${box}.livenessProbe`, { periodSeconds: 5 }],
  ['bad_handler', 'deployment', `${box}.livenessProbe`, { ...handler, httpGet: { port: 8080 } }],
  ['bad_handler', 'deployment', `${box}.lifecycle`, { preStop: {} }],
  ['bad_probe', 'deployment', `${box}.livenessProbe`, { ...handler, successThreshold: 2 }],
  ['bad_probe', 'deployment', `${box}.startupProbe`, { ...handler, successThreshold: 3 }],
  ['bad_probe', 'deployment', `${box}.readinessProbe`, { ...handler, terminationGracePeriodSeconds: 5 }],
  ['out_of_range', 'deployment', `${box}.readinessProbe`, { ...handler, periodSeconds: -1 }],
  ['missing_field', 'deployment', `${box}.readinessProbe`, { httpGet: { path: '/' } }],
  ['bad_port', 'deployment', `${box}.readinessProbe`, { httpGet: { port: '8080' } }],
  ['bad_port', 'deployment', `${box}.readinessProbe`, { httpGet: { port: 0 } }],
  ['out_of_range', 'deployment', `${box}.lifecycle`, { preStop: { sleep: { seconds: 60 } } }],
  [
    'bad_security',
    'deployment',
    `${box}.securityContext`,
    { privileged: true, allowPrivilegeEscalation: false },
  ],
  ['bad_security', 'deployment', `${spec}.securityContext`, { seccompProfile: { type: 'Localhost' } }],
  ['out_of_range', 'deployment', `${spec}.securityContext`, { runAsUser: -1 }],
  ['bad_toleration', 'deployment', `${spec}.tolerations`, [{ key: 'a', operator: 'Exists', value: 'b' }]],
  ['bad_toleration', 'deployment', `${spec}.tolerations`, [{ effect: 'NoSchedule' }]],
  [
    'bad_toleration',
    'deployment',
    `${spec}.tolerations`,
    [{ key: 'a', operator: 'Exists', effect: 'NoSchedule', tolerationSeconds: 5 }],
  ],
  [
    'bad_affinity',
    'deployment',
    `${spec}.affinity`,
    { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } } },
  ],
  [
    'out_of_range',
    'deployment',
    `${spec}.affinity`,
    { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 101, preference: {} }] } },
  ],
  [
    'missing_field',
    'deployment',
    `${spec}.affinity`,
    { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: {} }] } },
  ],
  [
    'bad_selector',
    'deployment',
    `${spec}.affinity`,
    {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'In' }] }],
        },
      },
    },
  ],
  ['out_of_range', 'deployment', `${spec}.topologySpreadConstraints`, [{ ...hashes, maxSkew: 0 }]],
  ['duplicate_item', 'deployment', `${spec}.topologySpreadConstraints`, [hashes, hashes]],
  [
    'bad_spread',
    'deployment',
    `${spec}.topologySpreadConstraints`,
    [{ ...hashes, whenUnsatisfiable: 'ScheduleAnyway', minDomains: 2 }],
  ],
  // Workloads.
  ['out_of_range', 'deployment', 'spec.replicas', -1],
  ['bad_strategy', 'deployment', 'spec.strategy', { type: 'Recreate', rollingUpdate: { maxSurge: 1 } }],
  ['bad_strategy', 'deployment', 'spec.strategy', { rollingUpdate: { maxSurge: 0, maxUnavailable: '0%' } }],
  ['bad_percent', 'deployment', 'spec.strategy', { rollingUpdate: { maxSurge: '1' } }],
  ['bad_percent', 'deployment', 'spec.strategy', { rollingUpdate: { maxUnavailable: '150%' } }],
  ['out_of_range', 'deployment', 'spec.progressDeadlineSeconds', 0],
  ['bad_strategy', 'daemonSet', 'spec.updateStrategy', { rollingUpdate: { maxSurge: 1 } }],
  [
    'bad_strategy',
    'statefulSet',
    'spec.updateStrategy',
    { type: 'OnDelete', rollingUpdate: { partition: 1 } },
  ],
  ['unknown_field', 'statefulSet', 'spec.strategy', { type: 'RollingUpdate' }],
  [
    'missing_field',
    'statefulSet',
    'spec.volumeClaimTemplates',
    [{ metadata: { name: 'a' }, spec: { accessModes: ['ReadWriteOnce'] } }],
  ],
  ['bad_selector', 'job', 'spec.selector', { matchLabels: { app: 'web' } }],
  ['missing_field', 'job', 'spec.completionMode', 'Indexed'],
  ['bad_job', 'job', 'spec.backoffLimitPerIndex', 1],
  ['out_of_range', 'job', 'spec.backoffLimit', -1],
  ['bad_job', 'job', 'spec.podFailurePolicy', { rules: [{ action: 'Ignore' }] }],
  ['bad_schedule', 'cronJob', 'spec.schedule', '*/5 * * *'],
  ['bad_schedule', 'cronJob', 'spec.schedule', '60 * * * *'],
  ['bad_schedule', 'cronJob', 'spec.schedule', '0 0 * * 7'],
  ['bad_schedule', 'cronJob', 'spec.schedule', 'TZ=UTC 0 0 * * *'],
  ['bad_schedule', 'cronJob', 'spec.schedule', '@often'],
  ['bad_time_zone', 'cronJob', 'spec.timeZone', 'Europe/Berln'],
  // Services and networks.
  ['missing_field', 'service', 'spec.ports', [{ port: 80 }, { port: 81 }]],
  [
    'duplicate_port',
    'service',
    'spec.ports',
    [
      { name: 'a', port: 80 },
      { name: 'b', port: 80 },
    ],
  ],
  [
    'duplicate_port',
    'service',
    'spec.ports',
    [
      { name: 'a', port: 80 },
      { name: 'a', port: 81 },
    ],
  ],
  ['bad_port', 'service', 'spec.ports.0.port', 0],
  ['bad_port', 'service', 'spec.ports.0.targetPort', '8080'],
  ['bad_port', 'service', 'spec.ports.0.nodePort', 30_080],
  ['bad_service', 'service', 'spec.externalTrafficPolicy', 'Local'],
  ['bad_address', 'service', 'spec.clusterIP', 'none'],
  ['missing_field', 'service', 'spec.type', 'ExternalName'],
  ['bad_label', 'service', 'spec.selector', { app: 'a b' }],
  ['bad_ingress', 'ingress', 'spec.rules', []],
  ['bad_ingress', 'ingress', 'spec.rules.0.http.paths.0.path', 'api'],
  ['bad_ingress', 'ingress', 'spec.rules.0.http.paths.0.backend', {}],
  ['bad_ingress', 'ingress', 'spec.rules.0.http.paths.0.backend.service.port', { number: 80, name: 'http' }],
  ['unknown_field', 'ingress', 'spec.rules.0.http.paths.0.backend.serviceName', 'web'],
  ['bad_host', 'ingress', 'spec.rules.0.host', 'https://a.example.com'],
  ['bad_host', 'ingress', 'spec.rules.0.host', '10.0.0.1'],
  ['bad_host', 'ingress', 'spec.rules.0.host', 'a.*.example.com'],
  ['bad_host', 'ingress', 'spec.rules.0.host', 'a.example.com:8080'],
  ['bad_policy', 'networkPolicy', 'spec.ingress.0.from', [{}]],
  ['bad_address', 'networkPolicy', 'spec.ingress.0.from.0.ipBlock.cidr', '10.0.0.1'],
  ['bad_address', 'networkPolicy', 'spec.ingress.0.from.0.ipBlock.except', ['192.168.0.0/16']],
  ['bad_port', 'networkPolicy', 'spec.ingress.0.ports', [{ port: '80' }]],
  ['bad_port', 'networkPolicy', 'spec.ingress.0.ports', [{ endPort: 90 }]],
  // Autoscalers and budgets.
  ['bad_budget', 'budget', 'spec.maxUnavailable', 1],
  ['bad_percent', 'budget', 'spec.minAvailable', 'half'],
  ['bad_percent', 'budget', 'spec.minAvailable', '110%'],
  ['out_of_range', 'autoscaler', 'spec.minReplicas', 0],
  ['out_of_range', 'autoscaler', 'spec.minReplicas', 5],
  ['out_of_range', 'scaledObject', 'spec.minReplicaCount', 5],
  [
    'bad_metric',
    'autoscaler',
    'spec.metrics.0.pods',
    { metric: { name: 'a' }, target: { type: 'AverageValue', averageValue: 1 } },
  ],
  ['bad_metric', 'autoscaler', 'spec.metrics.0.resource.target', { type: 'Utilization' }],
  ['missing_field', 'autoscaler', 'spec.metrics.0.resource', undefined],
  ['out_of_range', 'autoscaler', 'spec.behavior.scaleDown.stabilizationWindowSeconds', 7200],
  ['out_of_range', 'autoscaler', 'spec.behavior.scaleDown.policies.0.periodSeconds', 3600],
  ['bad_value', 'autoscaler', 'spec.behavior.scaleDown.policies.0.type', 'Pod'],
  ['out_of_range', 'scaledObject', 'spec.minReplicaCount', 5],
  ['out_of_range', 'scaledObject', 'spec.idleReplicaCount', 1],
  // Access.
  ['missing_field', 'role', 'rules.0.verbs', []],
  ['missing_field', 'role', 'rules.0.apiGroups', undefined],
  ['bad_role', 'role', 'rules', [{ nonResourceURLs: ['/metrics'], verbs: ['get'] }]],
  ['bad_role', 'clusterRole', 'rules.0.resources', ['pods']],
  ['bad_binding', 'binding', 'roleRef.kind', 'role'],
  ['bad_binding', 'binding', 'roleRef.apiGroup', 'rbac.authorization.k8s.io/v1'],
  ['bad_binding', 'binding', 'subjects.0.kind', 'serviceaccount'],
  ['bad_binding', 'binding', 'subjects.0.apiGroup', 'rbac.authorization.k8s.io'],
  ['bad_binding', 'clusterBinding', 'roleRef.kind', 'Role'],
  ['missing_field', 'clusterBinding', 'subjects.0.namespace', undefined],
  // Data and storage.
  ['bad_key', 'configMap', 'data', { 'a/b': 'c' }],
  ['bad_key', 'configMap', 'binaryData', { 'a.txt': 'aGk=' }],
  ['bad_base64', 'secret', 'data.key', 'not base64!'],
  ['bad_secret', 'secret', 'type', 'kubernetes.io/tls'],
  ['bad_secret', 'secret', 'type', 'kubernetes.io/dockerconfigjson'],
  ['missing_field', 'claim', 'spec.accessModes', undefined],
  ['missing_field', 'claim', 'spec.resources', undefined],
  ['bad_claim', 'claim', 'spec.accessModes', ['ReadWriteOncePod', 'ReadWriteOnce']],
  ['volume_source', 'volume', 'spec.nfs', undefined],
  ['bad_name', 'storageClass', 'provisioner', 'a b'],
  ['out_of_range', 'priority', 'value', 2_000_000_000],
  ['bad_definition', 'definition', 'spec.versions.0.storage', false],
  ['missing_field', 'definition', 'spec.versions.0.schema', undefined],
  ['bad_webhook', 'webhook', 'webhooks.0.sideEffects', 'Some'],
  ['bad_webhook', 'webhook', 'webhooks.0.clientConfig', {}],
  // Custom resources.
  ['bad_duration', 'serviceMonitor', 'spec.endpoints.0.interval', '15 s'],
  ['bad_duration', 'rule', 'spec.groups.0.rules.0.for', '5min'],
  ['bad_rule', 'rule', 'spec.groups.0.rules.0.record', 'a:b'],
  ['bad_rule', 'rule', 'spec.groups.0.rules.0.alert', undefined],
  [
    'bad_strategy',
    'workers',
    'spec.rolloutStrategy',
    { type: 'RollingUpdate', rollingUpdateConfiguration: { maxUnavailable: 0 } },
  ],
  ['bad_job', 'jobSet', 'spec.successPolicy', { operator: 'All', targetReplicatedJobs: ['others'] }],
  ['duplicate_item', 'serviceAccount', 'secrets', [{ name: 'a' }, { name: 'a' }]],
]

describe('good manifests', () => {
  test.each(Object.keys(bases) as Base[])('%s', (base) => expect(rejections(bases[base]())).toEqual([]))
})

describe('what an API server refuses', () => {
  /** A server sees the schema of these only, or not into their pods: what else is wrong there hurts later. */
  const halfSeen: readonly Base[] = ['jobSet', 'rule', 'scaledObject', 'statefulSet', 'workers']

  test.each(cases)('%s: %s %s = %j', (rule, base, path, value) => {
    const text = JSON.stringify(edit(bases[base](), path, value))
    const found = lintManifests([{ path: 'a.json', text }], { rules: rejectionRules })
    const wanted = found.filter((one) => one.rule === rule).map(({ severity }) => severity)
    expect(wanted).not.toEqual([])
    if (!halfSeen.includes(base)) expect(wanted).toContain('rejected')
    for (const one of found) {
      expect(one.reason).not.toMatch(/undefined|\[object/)
      expect(one.fix).toMatch(/^[A-Z].*[.?]$/s)
    }
  })
})

describe('what a server takes, and what is said all the same', () => {
  test.each<[string, string, Base, string, unknown]>([
    ['advice', 'namespace_on_cluster_kind', 'clusterRole', 'metadata.namespace', 'default'],
    ['harmful', 'volume_source', 'deployment', `${spec}.volumes`, [{ name: 'a', emptyDir: null }]],
    ['harmful', 'missing_field', 'statefulSet', `${box}.image`, undefined],
    ['harmful', 'bad_value', 'deployment', `${box}.image`, ' web:1'],
    ['harmful', 'out_of_range', 'deployment', `${spec}.terminationGracePeriodSeconds`, -1],
    ['harmful', 'bad_value', 'deployment', `${spec}.volumes`, [{ name: 'a', emptyDir: { medium: 'SSD' } }]],
  ])('%s %s', (severity, rule, base, path, value) => {
    const text = JSON.stringify(edit(bases[base](), path, value))
    const found = lintManifests([{ path: 'a.json', text }], { rules: rejectionRules })
    expect(found).toEqual([expect.objectContaining({ severity, rule })])
  })
})

describe('what was meant', () => {
  test.each<[Base, string, unknown, string]>([
    ['deployment', `${box}.imagepullpolicy`, 'Always', 'Use imagePullPolicy.'],
    ['deployment', `${spec}.replicas`, 2, 'It belongs 2 levels up: indent it less.'],
    ['deployment', 'spec.metadata', {}, 'It belongs 1 level up: indent it less.'],
    ['deployment', `${box}.limits`, {}, 'It belongs under resources.'],
    ['scaledObject', 'spec.minReplicas', 1, 'Use minReplicaCount.'],
    ['service', 'spec.prots', [], 'Did you mean ports?'],
  ])('%s %s = %j', (base, path, value, fix) => {
    const found = rejections(edit(bases[base](), path, value)).filter(({ rule }) => rule === 'unknown_field')
    expect(found.map((one) => one.fix)).toEqual([fix])
  })
})
