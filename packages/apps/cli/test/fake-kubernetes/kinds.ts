/** Kinds served by the fake API. Tests may add kinds or omit a group as if it were not installed. */

export interface ServedKind {
  readonly apiVersion: string
  readonly kind: string
  readonly plural: string
  readonly isNamespaced: boolean
}

const of = (
  apiVersion: string,
  isNamespaced: boolean,
  kinds: Readonly<Record<string, string>>,
): ServedKind[] => Object.entries(kinds).map(([kind, plural]) => ({ apiVersion, kind, plural, isNamespaced }))

export const coreKinds: readonly ServedKind[] = [
  ...of('v1', false, { Namespace: 'namespaces', Node: 'nodes', PersistentVolume: 'persistentvolumes' }),
  ...of('v1', true, {
    Pod: 'pods',
    Service: 'services',
    ConfigMap: 'configmaps',
    Secret: 'secrets',
    ServiceAccount: 'serviceaccounts',
    PersistentVolumeClaim: 'persistentvolumeclaims',
    ResourceQuota: 'resourcequotas',
    Event: 'events',
  }),
  ...of('apps/v1', true, {
    Deployment: 'deployments',
    ReplicaSet: 'replicasets',
    StatefulSet: 'statefulsets',
    DaemonSet: 'daemonsets',
  }),
  ...of('batch/v1', true, { Job: 'jobs', CronJob: 'cronjobs' }),
  ...of('policy/v1', true, { PodDisruptionBudget: 'poddisruptionbudgets' }),
  ...of('networking.k8s.io/v1', true, { NetworkPolicy: 'networkpolicies', Ingress: 'ingresses' }),
  ...of('rbac.authorization.k8s.io/v1', true, { Role: 'roles', RoleBinding: 'rolebindings' }),
  ...of('rbac.authorization.k8s.io/v1', false, {
    ClusterRole: 'clusterroles',
    ClusterRoleBinding: 'clusterrolebindings',
  }),
  ...of('coordination.k8s.io/v1', true, { Lease: 'leases' }),
  ...of('autoscaling/v2', true, { HorizontalPodAutoscaler: 'horizontalpodautoscalers' }),
]

/** Kinds of the Prometheus operator and KEDA. */
export const operatorKinds: readonly ServedKind[] = [
  ...of('monitoring.coreos.com/v1', true, {
    ServiceMonitor: 'servicemonitors',
    PodMonitor: 'podmonitors',
    PrometheusRule: 'prometheusrules',
  }),
  ...of('keda.sh/v1alpha1', true, {
    ScaledObject: 'scaledobjects',
    TriggerAuthentication: 'triggerauthentications',
  }),
]

export const leaderWorkerSetKinds: readonly ServedKind[] = of('leaderworkerset.x-k8s.io/v1', true, {
  LeaderWorkerSet: 'leaderworkersets',
})
