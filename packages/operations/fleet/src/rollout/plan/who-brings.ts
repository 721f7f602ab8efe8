/** Which installation brings the kinds of a group. */

const installations: Readonly<Record<string, string>> = {
  'monitoring.coreos.com': 'the Prometheus operator (kube-prometheus-stack)',
  'keda.sh': 'KEDA',
  'leaderworkerset.x-k8s.io': 'the LeaderWorkerSet controller (lws)',
  'jobset.x-k8s.io': 'the JobSet controller',
  'trainer.kubeflow.org': 'the Kubeflow Trainer',
  'gateway.networking.k8s.io': 'the Gateway API',
}

export const whoBrings = (apiVersion: string): string => {
  const group = apiVersion.split('/')[0]!
  return installations[group] ?? `the API ${apiVersion}`
}
