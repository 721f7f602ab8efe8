/** Cluster causes: lost or overloaded nodes, eviction, stuck rollouts and autoscalers. */

import { advice, plainly, withFigure } from '../advice.ts'
import type { Cause } from '../cause.ts'
import { restartedPods } from '../consequences.ts'
import {
  kubernetesAutoscaling,
  kubernetesDeployments,
  kubernetesEviction,
  kubernetesNodes,
} from '../sources.ts'

export const clusterCauses: readonly Cause[] = [
  {
    id: 'k8s_evicted_memory',
    family: 'kubernetes',
    title: 'Evicted: the node ran low on memory',
    severity: 'error',
    weight: 5,
    shows: [
      /The node was low on resource: memory\.(?: Threshold quantity: (?<threshold>\w{1,20}), available: (?<available>\w{1,20}))?(?:.{0,40}Container (?<container>[\w.-]{1,80}) was using (?<used>\w{1,20}), request is (?<request>\w{1,20}))?/,
      /must evict pod\(s\) to reclaim"? resourceName="memory/,
    ],
    explains: ['k8s_evicted', 'exit_137', ...restartedPods],
    says: ({ available, container, used, request }) =>
      `The kubelet ended the pod because the node had${withFigure(available, (text) => ` only ${text} of`)} memory left${withFigure(container, (name) => `: ${name} used ${used ?? '?'} and had asked for ${request ?? '?'}`)}. Pods that use more than they ask for go first.`,
    fix: advice(
      'Let requests.memory say what is really used, so that the scheduler leaves room.',
      'kubectl describe node NODE | grep -A8 "Allocated resources"; kubectl top pods',
    ),
    source: kubernetesEviction,
  },
  {
    id: 'k8s_evicted_disk',
    family: 'kubernetes',
    title: 'Evicted: the disk of the node or of the pod is full',
    severity: 'error',
    weight: 5,
    shows: [
      /The node was low on resource: (?<resource>ephemeral-storage|inodes|imagefs|nodefs)/,
      /The node had condition: \[(?<resource>DiskPressure)\]/,
      /must evict pod\(s\) to reclaim"? resourceName="(?<resource>ephemeral-storage|inodes|imagefs|nodefs|containerfs)/,
      /ephemeral local storage usage exceeds the total limit of containers (?<limit>\w{1,20})/,
      /Usage of EmptyDir volume "(?<volume>[^"]{1,120})" exceeds the limit "(?<limit>[^"]{1,20})"/,
      /Container \S{1,80} exceeded its local ephemeral storage limit "(?<limit>[^"]{1,20})"/,
    ],
    explains: ['k8s_evicted', 'exit_137', ...restartedPods],
    says: ({ volume, limit, resource }) =>
      `The kubelet ended the pod because ${volume !== undefined ? `its volume ${volume}` : limit !== undefined ? 'it' : 'the node'} ran out of ${resource ?? 'local storage'}${withFigure(limit, (text) => ` (limit ${text})`)}: logs, caches or downloaded models.`,
    fix: advice(
      'Put models and caches on a volume of their own, and set limits for ephemeral-storage and emptyDir.',
      'kubectl describe pod POD | grep -iE "ephemeral|emptyDir" -A3; df -h',
    ),
    source: kubernetesEviction,
  },
  {
    id: 'k8s_evicted',
    family: 'kubernetes',
    title: 'The pod was evicted',
    severity: 'warning',
    weight: -1,
    shows: [/\bEvicted\b/, /\bPreempt(?:ed|ing) by (?:pod )?(?<other>\S{1,120})/, /\bTaintManagerEviction\b/],
    explains: ['exit_137', 'process_stopped'],
    says: ({ other }) =>
      `The pod had to leave its node${withFigure(other, (name) => ` for ${name}, which counts more`)}.`,
    fix: advice(
      'The message of the pod says why.',
      'kubectl describe pod POD | grep -A4 -E "Status|Message"',
    ),
    source: kubernetesEviction,
  },
  {
    id: 'k8s_node_not_ready',
    family: 'kubernetes',
    title: 'A node is gone',
    severity: 'critical',
    weight: 4,
    shows: [
      /Node (?<node>\S{1,120}) status is now: NodeNotReady/,
      /\bNodeNotReady\b/,
      /Kubelet stopped posting node status/,
      /PLEG is not healthy/,
      /container runtime (?:is down|network not ready)/,
    ],
    explains: [
      'k8s_evicted',
      'k8s_probe_failed',
      'k8s_liveness',
      'k8s_node_conditions_taint',
      'nccl_peer_gone',
      'nccl_watchdog_timeout',
      ...restartedPods,
    ],
    says: ({ node }) =>
      `Node${withFigure(node, (name) => ` ${name}`)} does not report any more: it is down, cut off, out of memory, or its kubelet or runtime hangs.`,
    fix: advice(
      'Look at the node itself.',
      'kubectl describe node NODE | grep -A12 Conditions; ssh NODE journalctl -u kubelet -n 100',
    ),
    source: kubernetesNodes,
  },
  {
    id: 'k8s_node_pressure',
    family: 'kubernetes',
    title: 'A node is under pressure',
    severity: 'warning',
    weight: 1,
    shows: [
      /\bNodeHas(?<kind>DiskPressure|InsufficientMemory|InsufficientPID)\b/,
      /status is now: NodeHas(?<kind>DiskPressure|InsufficientMemory|InsufficientPID)/,
      /\b(?:EvictionThresholdMet|FreeDiskSpaceFailed|ImageGCFailed)\b/,
    ],
    explains: ['k8s_evicted', 'k8s_evicted_memory', 'k8s_evicted_disk', 'k8s_node_conditions_taint'],
    says: ({ kind }) => `The node runs short of something (${kind ?? 'disk'}), and ends pods to get it back.`,
    fix: advice(
      'See what fills it.',
      'kubectl describe node NODE | grep -A12 Conditions; df -h; crictl rmi --prune',
    ),
    source: kubernetesEviction,
  },
  {
    id: 'k8s_hpa_no_metrics',
    family: 'kubernetes',
    title: 'The autoscaler gets no figures',
    severity: 'error',
    weight: 4,
    shows: [
      /\bFailed(?:Get(?:Resource|Pods|Object|External|ContainerResource)Metric|ComputeMetricsReplicas)\b/,
      /unable to (?:get|fetch) (?:\w{1,20} )?metrics? .{0,200}(?:no metrics returned|could not find the requested resource|not found|unable to fetch)/,
      /failed to get (?:cpu|memory) (?:resource metric value|utilization): (?<reason>.{1,200})/,
      /\bKEDAScalerFailed\b/,
    ],
    says: ({ reason }) =>
      `The autoscaler cannot read what it is to scale by${withFigure(reason, (text) => ` (${text})`)}, so the number of replicas stays as it is.`,
    fix: advice(
      'See whether the metrics API serves the figure, and whether the pods say requests.',
      'kubectl get apiservices | grep metrics; kubectl describe hpa',
    ),
    source: kubernetesAutoscaling,
  },
  {
    id: 'k8s_disruption_budget',
    family: 'kubernetes',
    title: 'A PodDisruptionBudget does not let a pod go',
    severity: 'warning',
    weight: 3,
    shows: [/[Cc]annot evict pod as it would violate the pod's disruption budget/],
    says: plainly('Draining the node waits, because fewer pods would stay than the budget demands.'),
    fix: advice(
      'Start another replica elsewhere first, or let the budget allow one to be missing.',
      'kubectl get pdb -A',
    ),
    source: {
      title: 'Kubernetes: disruptions',
      url: 'https://kubernetes.io/docs/concepts/workloads/pods/disruptions/',
    },
  },
  {
    id: 'k8s_rollout_stuck',
    family: 'kubernetes',
    title: 'The rollout does not go on',
    severity: 'error',
    weight: -1,
    shows: [/\bProgressDeadlineExceeded\b/, /exceeded its progress deadline/, /has timed out progressing/],
    says: plainly('New pods of the Deployment did not become ready in time; the events of the pods say why.'),
    fix: advice(
      'Look at the new pods; then mend or undo.',
      'kubectl get pods; kubectl describe pod POD | tail -n 20; kubectl rollout undo deployment NAME',
    ),
    source: kubernetesDeployments,
  },
]
