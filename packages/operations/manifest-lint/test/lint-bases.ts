/** Small good manifests that tests break one field at a time. */

export type Json = Record<string, unknown>

const labels = { app: 'web' }
const pod = (): Json => ({
  containers: [{ name: 'web', image: 'web:1', ports: [{ name: 'http', containerPort: 8080 }] }],
})
const template = (): Json => ({ metadata: { labels }, spec: pod() })
const object = (apiVersion: string, kind: string, rest: Json, name = 'web'): Json => ({
  apiVersion,
  kind,
  metadata: { name },
  ...rest,
})

export const bases = {
  deployment: (): Json =>
    object('apps/v1', 'Deployment', { spec: { selector: { matchLabels: labels }, template: template() } }),
  statefulSet: (): Json =>
    object('apps/v1', 'StatefulSet', {
      spec: { serviceName: 'web', selector: { matchLabels: labels }, template: template() },
    }),
  daemonSet: (): Json =>
    object('apps/v1', 'DaemonSet', { spec: { selector: { matchLabels: labels }, template: template() } }),
  pod: (): Json => object('v1', 'Pod', { spec: pod() }),
  job: (): Json =>
    object('batch/v1', 'Job', { spec: { template: { spec: { ...pod(), restartPolicy: 'Never' } } } }),
  cronJob: (): Json =>
    object('batch/v1', 'CronJob', {
      spec: {
        schedule: '*/5 * * * *',
        jobTemplate: { spec: { template: { spec: { ...pod(), restartPolicy: 'Never' } } } },
      },
    }),
  service: (): Json =>
    object('v1', 'Service', { spec: { selector: labels, ports: [{ name: 'http', port: 80 }] } }),
  ingress: (): Json =>
    object('networking.k8s.io/v1', 'Ingress', {
      spec: {
        rules: [
          {
            host: 'a.example.com',
            http: {
              paths: [
                {
                  path: '/',
                  pathType: 'Prefix',
                  backend: { service: { name: 'web', port: { number: 80 } } },
                },
              ],
            },
          },
        ],
      },
    }),
  networkPolicy: (): Json =>
    object('networking.k8s.io/v1', 'NetworkPolicy', {
      spec: {
        podSelector: {},
        policyTypes: ['Ingress'],
        ingress: [
          { from: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } }], ports: [{ port: 80 }] },
        ],
      },
    }),
  budget: (): Json =>
    object('policy/v1', 'PodDisruptionBudget', {
      spec: { minAvailable: 1, selector: { matchLabels: labels } },
    }),
  autoscaler: (): Json =>
    object('autoscaling/v2', 'HorizontalPodAutoscaler', {
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
        minReplicas: 1,
        maxReplicas: 3,
        metrics: [
          {
            type: 'Resource',
            resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } },
          },
        ],
        behavior: { scaleDown: { policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }] } },
      },
    }),
  role: (): Json =>
    object('rbac.authorization.k8s.io/v1', 'Role', {
      rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }],
    }),
  clusterRole: (): Json =>
    object('rbac.authorization.k8s.io/v1', 'ClusterRole', {
      rules: [{ nonResourceURLs: ['/metrics'], verbs: ['get'] }],
    }),
  binding: (): Json =>
    object('rbac.authorization.k8s.io/v1', 'RoleBinding', {
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'web' },
      subjects: [{ kind: 'ServiceAccount', name: 'web', namespace: 'default' }],
    }),
  clusterBinding: (): Json =>
    object('rbac.authorization.k8s.io/v1', 'ClusterRoleBinding', {
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'web' },
      subjects: [{ kind: 'ServiceAccount', name: 'web', namespace: 'default' }],
    }),
  configMap: (): Json => object('v1', 'ConfigMap', { data: { 'a.txt': 'a' } }),
  secret: (): Json => object('v1', 'Secret', { type: 'Opaque', data: { key: 'aGk=' } }),
  claim: (): Json =>
    object('v1', 'PersistentVolumeClaim', {
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '10Gi' } } },
    }),
  volume: (): Json =>
    object('v1', 'PersistentVolume', {
      spec: {
        accessModes: ['ReadWriteOnce'],
        capacity: { storage: '10Gi' },
        nfs: { server: 'a', path: '/a' },
      },
    }),
  storageClass: (): Json => object('storage.k8s.io/v1', 'StorageClass', { provisioner: 'ebs.csi.aws.com' }),
  namespace: (): Json => object('v1', 'Namespace', {}),
  limitRange: (): Json =>
    object('v1', 'LimitRange', {
      spec: { limits: [{ type: 'Container', max: { memory: '2Gi' }, min: { memory: '1Gi' } }] },
    }),
  priority: (): Json => object('scheduling.k8s.io/v1', 'PriorityClass', { value: 10 }),
  definition: (): Json =>
    object(
      'apiextensions.k8s.io/v1',
      'CustomResourceDefinition',
      {
        spec: {
          group: 'example.com',
          scope: 'Namespaced',
          names: { plural: 'webs', kind: 'Web' },
          versions: [
            { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } },
          ],
        },
      },
      'webs.example.com',
    ),
  webhook: (): Json =>
    object('admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration', {
      webhooks: [
        {
          name: 'a.example.com',
          admissionReviewVersions: ['v1'],
          sideEffects: 'None',
          clientConfig: { service: { name: 'web', namespace: 'default' } },
        },
      ],
    }),
  scaledObject: (): Json =>
    object('keda.sh/v1alpha1', 'ScaledObject', {
      spec: {
        scaleTargetRef: { name: 'web' },
        minReplicaCount: 1,
        maxReplicaCount: 4,
        triggers: [
          {
            type: 'prometheus',
            metadata: { serverAddress: 'http://prometheus:9090', query: 'sum(up)', threshold: '10' },
          },
        ],
      },
    }),
  rule: (): Json =>
    object('monitoring.coreos.com/v1', 'PrometheusRule', {
      spec: { groups: [{ name: 'web', rules: [{ alert: 'Down', expr: 'up == 0', for: '5m' }] }] },
    }),
  serviceMonitor: (): Json =>
    object('monitoring.coreos.com/v1', 'ServiceMonitor', {
      spec: { selector: { matchLabels: labels }, endpoints: [{ port: 'http', interval: '15s' }] },
    }),
  podMonitor: (): Json =>
    object('monitoring.coreos.com/v1', 'PodMonitor', {
      spec: { selector: { matchLabels: labels }, podMetricsEndpoints: [{ port: 'http' }] },
    }),
  workers: (): Json =>
    object('leaderworkerset.x-k8s.io/v1', 'LeaderWorkerSet', {
      spec: { replicas: 1, leaderWorkerTemplate: { size: 2, workerTemplate: { spec: pod() } } },
    }),
  jobSet: (): Json =>
    object('jobset.x-k8s.io/v1alpha2', 'JobSet', {
      spec: {
        replicatedJobs: [{ name: 'workers', replicas: 1, template: { spec: { template: { spec: pod() } } } }],
      },
    }),
  ingressClass: (): Json =>
    object('networking.k8s.io/v1', 'IngressClass', { spec: { controller: 'example.com/a' } }),
  serviceAccount: (): Json => object('v1', 'ServiceAccount', {}),
} as const

/** The manifest with one place set to a value, or taken out. `spec.containers.0.image`; `~` in a step stands for a dot. */
export function edit(manifest: Json, path: string, value: unknown): Json {
  const steps = path.split('.').map((step) => step.replaceAll('~', '.'))
  let at = manifest
  for (const step of steps.slice(0, -1)) {
    at[step] ??= {}
    at = at[step] as Json
  }
  if (value === undefined) delete at[steps.at(-1)!]
  else at[steps.at(-1)!] = value
  return manifest
}
