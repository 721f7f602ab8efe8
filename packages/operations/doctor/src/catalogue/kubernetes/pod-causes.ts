/** Causes after scheduling: probes, restarts, volumes, sandboxes. */

import { advice, plainly, withFigure } from '../advice.ts'
import type { Cause } from '../cause.ts'
import { restartedPods } from '../consequences.ts'
import {
  kubernetesDebugPods,
  kubernetesLifecycle,
  kubernetesNetwork,
  kubernetesProbes,
  kubernetesVolumes,
} from '../sources.ts'

export const podCauses: readonly Cause[] = [
  {
    id: 'k8s_oom_killed',
    family: 'kubernetes',
    title: 'The container was killed at its memory limit',
    severity: 'critical',
    weight: 5,
    // The word by itself is in every text about Kubernetes: it counts where Kubernetes, or a program about a pod that it names, has it.
    shows: [
      /\b(?:reason|status|state|phase|terminated|failed|error|killed|exited|died)\b[^.;]{0,40}?(?<!=")\bOOMKilled\b/i,
      /\s\d{1,3}\/\d{1,3} +(?:Init:)?OOMKilled\b/,
      /^\s*(?:Normal|Warning) +OOMKilled\b/,
      /\bOOMKilled"? ?[:=] ?true\b/,
      /^\W{0,8}OOMKilled(?:\W*$| \(|, | ?: )/,
      /\b(?:[Pp]od|[Cc]ontainer) "?\S{0,80}[-\d]\S{0,80} (?:was|is|got|has been) OOMKilled\b/,
      /\bOOMKilling\b/,
    ],
    explains: ['exit_137', 'k8s_liveness', 'k8s_probe_failed', 'process_stopped', ...restartedPods],
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
    explains: ['exit_137', 'process_stopped', 'k8s_liveness', 'k8s_probe_failed', ...restartedPods],
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
    explains: ['exit_137', 'process_stopped', 'k8s_probe_failed', ...restartedPods],
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
    explains: ['k8s_mount_failed', ...restartedPods],
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
    explains: ['k8s_mount_failed', ...restartedPods],
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
    explains: restartedPods,
    says: ({ volume, reason }) =>
      `Volume ${volume ?? ''} could not be mounted${withFigure(reason, (text) => `: ${text}`)}.`,
    fix: advice(
      'See the events of pod and claim, and the driver of the storage on that node.',
      'kubectl describe pod POD | tail -n 20; kubectl get pvc',
    ),
    source: kubernetesVolumes,
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
    explains: ['k8s_sandbox', ...restartedPods],
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
    explains: restartedPods,
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
    explains: restartedPods,
    says: ({ reason }) =>
      `The runtime could not start the container${withFigure(reason, (text) => `: ${text}`)}.`,
    fix: advice(
      'The message names the program, mount or device that is wrong.',
      'kubectl describe pod POD | tail -n 20',
    ),
    source: kubernetesLifecycle,
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
]
