/** What becomes of pods once they have a node: probes, restarts, volumes, eviction, sandboxes; and of nodes and rollouts. */

import { advice, plainly, withFigure } from '../advice.ts'
import type { Cause } from '../cause.ts'
import {
  kubernetesAutoscaling,
  kubernetesDebugPods,
  kubernetesDeployments,
  kubernetesEviction,
  kubernetesLifecycle,
  kubernetesNetwork,
  kubernetesNodes,
  kubernetesProbes,
  kubernetesVolumes,
} from '../sources.ts'

const restarts: readonly string[] = ['k8s_crash_loop', 'k8s_container_failed', 'k8s_rollout_stuck']

export const podCauses: readonly Cause[] = [
  {
    id: 'k8s_oom_killed',
    family: 'kubernetes',
    title: 'The container was killed at its memory limit',
    severity: 'critical',
    weight: 5,
    shows: [/(?<!=")\bOOMKilled\b/, /\bOOMKilling\b/],
    explains: ['exit_137', 'k8s_liveness', 'k8s_probe_failed', 'process_stopped', ...restarts],
    says: plainly('The container reached resources.limits.memory, and the kernel killed it.'),
    fix: advice(
      'Raise the limit above what the program was measured to need, weights and cache included, or let it need less.',
      'kubectl describe pod POD | grep -B2 -A8 "Last State"; kubectl top pod POD --containers',
    ),
    source: kubernetesDebugPods,
  },
  {
    id: 'k8s_startup_probe',
    family: 'kubernetes',
    title: 'The startup probe ends a container that still loads',
    severity: 'error',
    weight: 4,
    shows: [/failed startup probe, will be restarted/, /Startup probe failed: (?<reason>.{1,200})/],
    explains: ['exit_137', 'process_stopped', 'k8s_liveness', 'k8s_probe_failed', ...restarts],
    says: ({ reason }) =>
      `The container is not ready in the time that the startup probe allows, and is started again${withFigure(reason, (text) => ` (${text})`)}: loading a model takes minutes.`,
    fix: advice(
      'Give it failureThreshold × periodSeconds above the longest measured cold start; see in its log that it does load.',
      'kubectl get deployment NAME -o yaml | grep -A8 startupProbe; kubectl logs POD --previous',
    ),
    source: kubernetesProbes,
  },
  {
    id: 'k8s_liveness',
    family: 'kubernetes',
    title: 'The liveness probe ends the container',
    severity: 'error',
    weight: 4,
    shows: [
      /failed liveness probe, will be restarted/,
      /Liveness probe (?:failed|errored)[^:]{0,80}: (?<reason>.{1,200})/,
    ],
    explains: ['exit_137', 'process_stopped', 'k8s_probe_failed', ...restarts],
    says: ({ reason }) =>
      `The kubelet ends the container because it does not answer the liveness probe${withFigure(reason, (text) => ` (${text})`)}. A busy server that answers late is killed so, which makes it worse for the others.`,
    fix: advice(
      'Let liveness ask only whether the process lives, with a longer timeout and threshold; use readiness for load. If it really hangs, look at its log from before.',
      'kubectl logs POD --previous; kubectl get deployment NAME -o yaml | grep -A8 livenessProbe',
    ),
    source: kubernetesProbes,
  },
  {
    id: 'k8s_probe_failed',
    family: 'kubernetes',
    title: 'The pod is not ready',
    severity: 'warning',
    weight: -1,
    shows: [/Readiness probe (?:failed|errored)[^:]{0,80}: (?<reason>.{1,200})/],
    explains: ['k8s_rollout_stuck'],
    says: ({ reason }) =>
      `The pod does not answer its readiness probe${withFigure(reason, (text) => ` (${text})`)}, so it gets no requests. While it starts this is normal.`,
    fix: advice(
      'If it stays, read the log of the container and ask the same address by hand.',
      'kubectl logs POD; kubectl port-forward POD 8080:8080',
    ),
    source: kubernetesProbes,
  },
  {
    id: 'k8s_config_missing',
    family: 'kubernetes',
    title: 'A ConfigMap, Secret or key is missing',
    severity: 'error',
    weight: 5,
    shows: [
      /(?:Error|MountVolume\.SetUp failed for volume "[^"]{1,120}" ?): (?<kind>configmap|secret) "(?<name>[\w.-]{1,160})" not found/,
      /couldn't find key (?<key>[\w.-]{1,120}) in (?<kind>ConfigMap|Secret) (?<name>[\w./-]{1,200})/,
      /references non-existent (?<kind>config|secret) key: (?<key>[\w.-]{1,120})/,
      /object "[\w.-]{1,120}"\/"(?<name>[\w.-]{1,160})" not registered/,
      /\bCreateContainerConfigError\b/,
    ],
    explains: ['k8s_mount_failed', ...restarts],
    says: ({ kind, name, key }) =>
      `The pod needs ${withFigure(key, (text) => `key ${text} of `)}${kind ?? 'a ConfigMap or Secret'}${withFigure(name, (text) => ` ${text}`)}, which is not there.`,
    fix: advice(
      'Create it in the namespace of the pod, or mend the name.',
      'kubectl get configmaps,secrets; kubectl describe pod POD | tail -n 15',
    ),
    source: kubernetesDebugPods,
  },
  {
    id: 'k8s_volume_attached',
    family: 'kubernetes',
    title: 'A volume is still attached to another node',
    severity: 'error',
    weight: 5,
    shows: [/Multi-Attach error for volume "(?<volume>[^"]{1,160})"/],
    explains: ['k8s_mount_failed', ...restarts],
    says: ({ volume }) =>
      `Volume ${volume ?? ''} can be attached to one node only, and another still has it: an old pod that has not ended, or a node that is gone.`,
    fix: advice(
      'End the old pod; use strategy Recreate for such volumes, or a storage that many nodes may read.',
      'kubectl get volumeattachments; kubectl get pods -o wide',
    ),
    source: kubernetesVolumes,
  },
  {
    id: 'k8s_mount_failed',
    family: 'kubernetes',
    title: 'A volume cannot be mounted',
    severity: 'error',
    weight: 2,
    shows: [
      /MountVolume\.\w{3,20} failed for volume "(?<volume>[^"]{1,160})" ?: (?<reason>.{1,300})/,
      /AttachVolume\.Attach failed for volume "(?<volume>[^"]{1,160})" ?: (?<reason>.{1,300})/,
      /Unable to (?:attach or )?mount volumes: unmounted volumes=\[(?<volume>[^\]]{1,200})\]/,
    ],
    explains: restarts,
    says: ({ volume, reason }) =>
      `Volume ${volume ?? ''} could not be mounted${withFigure(reason, (text) => `: ${text}`)}.`,
    fix: advice(
      'See the events of pod and claim, and the driver of the storage on that node.',
      'kubectl describe pod POD | tail -n 20; kubectl get pvc',
    ),
    source: kubernetesVolumes,
  },
  {
    id: 'k8s_evicted_memory',
    family: 'kubernetes',
    title: 'Evicted: the node ran low on memory',
    severity: 'error',
    weight: 5,
    shows: [
      /The node was low on resource: memory\.(?: Threshold quantity: (?<threshold>\w{1,20}), available: (?<available>\w{1,20}))?(?:.{0,40}Container (?<container>[\w.-]{1,80}) was using (?<used>\w{1,20}), request is (?<request>\w{1,20}))?/,
    ],
    explains: ['k8s_evicted', 'exit_137', ...restarts],
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
      /ephemeral local storage usage exceeds the total limit of containers (?<limit>\w{1,20})/,
      /Usage of EmptyDir volume "(?<volume>[^"]{1,120})" exceeds the limit "(?<limit>[^"]{1,20})"/,
      /Container \S{1,80} exceeded its local ephemeral storage limit "(?<limit>[^"]{1,20})"/,
    ],
    explains: ['k8s_evicted', 'exit_137', ...restarts],
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
    id: 'k8s_no_addresses',
    family: 'kubernetes',
    title: 'The node has no address left for a pod',
    severity: 'error',
    weight: 5,
    shows: [
      /no IP addresses available in range set/,
      /failed to (?:assign|allocate) an IP address to (?:container|pod)/,
      /failed to allocate for range \d/,
    ],
    explains: ['k8s_sandbox', ...restarts],
    says: plainly('The network of pods has no free address on that node.'),
    fix: advice(
      'Remove dead pods and stale leases of addresses, or give the node a larger range.',
      'kubectl get pods -A -o wide --field-selector spec.nodeName=NODE | wc -l',
    ),
    source: kubernetesNetwork,
  },
  {
    id: 'k8s_sandbox',
    family: 'kubernetes',
    title: 'The sandbox of the pod cannot be made',
    severity: 'error',
    weight: 1,
    shows: [
      /Failed to create pod sandbox: (?<reason>.{1,300})/,
      /network: plugin type="?(?<plugin>[\w-]{1,40})"? failed/,
      /cni plugin not initialized|cni config uninitialized/,
      /RuntimeHandler "(?<plugin>[\w-]{1,40})" not supported|no runtime for "(?:\w{1,40})" is configured/,
    ],
    explains: restarts,
    says: ({ plugin, reason }) =>
      `Network or runtime of the pod could not be set up${withFigure(plugin ?? reason, (text) => ` (${text})`)}.`,
    fix: advice(
      'Look at the pods of the network plugin on that node, and at the runtime class that the pod names.',
      'kubectl -n kube-system get pods -o wide; kubectl get runtimeclass',
    ),
    source: kubernetesNetwork,
  },
  {
    id: 'k8s_container_create',
    family: 'kubernetes',
    title: 'The container cannot be created',
    severity: 'error',
    weight: -1,
    shows: [
      /failed to create containerd task: (?<reason>.{1,300})/,
      /OCI runtime create failed: (?<reason>.{1,300})/,
      /\b(?:RunContainerError|CreateContainerError|StartError)\b/,
    ],
    explains: restarts,
    says: ({ reason }) =>
      `The runtime could not start the container${withFigure(reason, (text) => `: ${text}`)}.`,
    fix: advice(
      'The message names the program, mount or device that is wrong.',
      'kubectl describe pod POD | tail -n 20',
    ),
    source: kubernetesLifecycle,
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
      ...restarts,
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
    id: 'k8s_crash_loop',
    family: 'kubernetes',
    title: 'The container ends again and again',
    severity: 'error',
    weight: -1,
    shows: [
      /\b(?:Init:)?CrashLoopBackOff\b/,
      /Back-off restarting failed container(?: (?<container>[\w.-]{1,80}))?/,
    ],
    explains: ['k8s_rollout_stuck', 'k8s_probe_failed'],
    says: ({ container }) =>
      `The container${withFigure(container, (name) => ` ${name}`)} starts, ends, and is started later and later. Why it ends, its own log says.`,
    fix: advice(
      'Read the log from before the last restart, and explain it.',
      'kubectl logs POD --previous | hadal doctor explain -',
    ),
    source: kubernetesDebugPods,
  },
  {
    id: 'k8s_container_failed',
    family: 'kubernetes',
    title: 'The container ended with an error',
    severity: 'error',
    weight: -1,
    shows: [
      /Last State: +Terminated,? Reason: (?:Error|ContainerCannotRun)(?:, Exit Code: (?<code>\d{1,3}))?/,
      /^ *Reason: +(?:Error|ContainerCannotRun)$/,
      /(?:Job has reached the specified backoff limit|Job was active longer than specified deadline)/,
    ],
    explains: ['k8s_crash_loop', 'k8s_rollout_stuck'],
    says: ({ code }) =>
      `The container ended${withFigure(code, (number) => ` with exit code ${number}`)}; its own log says why.`,
    fix: advice('Read its log and explain it.', 'kubectl logs POD --previous | hadal doctor explain -'),
    source: kubernetesDebugPods,
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
