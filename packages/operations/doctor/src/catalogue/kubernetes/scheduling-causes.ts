/** Why a pod finds no node, or is refused before it starts: events of the scheduler, of quotas and of admission. */

import { advice, plainly, withFigure } from '../advice.ts'
import type { Cause } from '../cause.ts'
import {
  devicePlugin,
  kubernetesAccess,
  kubernetesDevices,
  kubernetesQuota,
  kubernetesScheduling,
  kubernetesTaints,
  kubernetesVolumes,
} from '../sources.ts'

const waits: readonly string[] = ['k8s_rollout_stuck', 'k8s_unschedulable']

export const schedulingCauses: readonly Cause[] = [
  {
    id: 'k8s_gpu_taint',
    family: 'kubernetes',
    title: 'GPU nodes are tainted and the pod does not tolerate it',
    severity: 'error',
    weight: 6,
    shows: [
      /nodes are available: .{0,1500}?(?:had untolerated taint|had taints? that the pod didn't tolerate:?|had taint) \{(?<taint>(?:nvidia\.com\/gpu|sku|accelerator|gpu|cloud\.google\.com\/gke-accelerator)[^}]{0,120})\}/,
    ],
    explains: ['k8s_insufficient_gpu', 'k8s_insufficient', 'k8s_taint', ...waits],
    says: ({ taint }) =>
      `The nodes with GPUs carry the taint {${taint ?? 'nvidia.com/gpu'}}, which keeps pods away that do not tolerate it; the other nodes have no GPU.`,
    fix: advice(
      'Give the pod the toleration.',
      `kubectl patch deployment NAME --type=json -p '[{"op":"add","path":"/spec/template/spec/tolerations","value":[{"key":"nvidia.com/gpu","operator":"Exists","effect":"NoSchedule"}]}]'`,
    ),
    source: kubernetesTaints,
  },
  {
    id: 'k8s_insufficient_gpu',
    family: 'kubernetes',
    title: 'No node has a free GPU',
    severity: 'error',
    weight: 5,
    shows: [
      /Cannot schedule pods: Insufficient (?<resource>(?:nvidia|amd)\.com\/gpu)/,
      /nodes are available: .{0,1500}?(?<count>\d{1,6}) Insufficient (?<resource>(?:nvidia|amd|gpu\.intel|habana|google)\.com\/[\w.-]{0,60}\w)/,
    ],
    explains: ['k8s_taint', 'k8s_insufficient', ...waits],
    says: ({ count, resource }) =>
      `The pod asks for ${resource ?? 'a GPU'}, and no node has so many free${withFigure(count, (number) => ` (${number} looked at)`)}: others hold them, or the device plugin does not offer them. A rollout that starts new pods before it ends old ones waits for ever so.`,
    fix: advice(
      'See what nodes offer and who has it. For a rollout without spare GPUs set maxSurge 0 and maxUnavailable 1.',
      `kubectl get nodes -o custom-columns='NODE:.metadata.name,GPUS:.status.allocatable.nvidia\\.com/gpu'; kubectl describe nodes | grep -A8 "Allocated resources"`,
    ),
    source: kubernetesDevices,
  },
  {
    id: 'k8s_node_conditions_taint',
    family: 'kubernetes',
    title: 'Nodes are not ready or under pressure',
    severity: 'error',
    weight: 3,
    shows: [
      /nodes are available: .{0,1500}?taint \{node\.kubernetes\.io\/(?<condition>not-ready|unreachable|disk-pressure|memory-pressure|pid-pressure|network-unavailable)/,
    ],
    explains: ['k8s_taint', ...waits],
    says: ({ condition }) => `Nodes take no pods because they are in the state ${condition ?? 'not-ready'}.`,
    fix: advice(
      'See what is wrong with the nodes.',
      'kubectl get nodes; kubectl describe node NODE | grep -A12 Conditions',
    ),
    source: kubernetesTaints,
  },
  {
    id: 'k8s_insufficient',
    family: 'kubernetes',
    title: 'No node has enough CPU or memory free',
    severity: 'error',
    weight: 2,
    shows: [
      /nodes are available: .{0,1500}?\d{1,6} Insufficient (?<resource>cpu|memory|ephemeral-storage|pods|hugepages-\w{1,10})/,
      /nodes are available: .{0,1500}?(?<resource>Too many pods)/,
    ],
    explains: ['k8s_taint', ...waits],
    says: ({ resource }) =>
      `The pod asks for more ${resource ?? 'resources'} than any node that it may run on has free.`,
    fix: advice(
      'Lower its requests, free a node, or add one.',
      'kubectl describe nodes | grep -A8 "Allocated resources"',
    ),
    source: kubernetesScheduling,
  },
  {
    id: 'k8s_affinity',
    family: 'kubernetes',
    title: 'No node fits the rules of the pod',
    severity: 'error',
    weight: 3,
    shows: [
      /nodes are available: .{0,1500}?didn't (?:match|satisfy) (?<rule>Pod's node affinity\/selector|Pod's node affinity|node selector|pod affinity rules|pod anti-affinity rules|existing pods anti-affinity rules|pod topology spread constraints)/,
      /Predicate NodeAffinity failed/,
    ],
    explains: ['k8s_taint', 'k8s_insufficient', ...waits],
    says: ({ rule }) =>
      `Nodes are ruled out by the pod's own rules${withFigure(rule, (text) => ` (${text})`)}: a label that no node has, or replicas that may not share a node.`,
    fix: advice(
      'Compare the rules with the labels of the nodes.',
      'kubectl get pod POD -o yaml | grep -A12 -iE "affinity|nodeSelector|topologySpread"; kubectl get nodes --show-labels',
    ),
    source: kubernetesScheduling,
  },
  {
    id: 'k8s_volume_unbound',
    family: 'kubernetes',
    title: 'A volume that the pod needs is not there',
    severity: 'error',
    weight: 4,
    shows: [
      /pod has unbound immediate PersistentVolumeClaims/,
      /persistentvolumeclaim "(?<claim>[\w.-]{1,120})" not found/,
      /had volume node affinity conflict|didn't match PersistentVolume's node affinity/,
      /no persistent volumes available for this claim and no storage class is set/,
      /storageclass\.storage\.k8s\.io "(?<storage>[\w.-]{1,120})" not found/,
      /didn't find available persistent volumes to bind/,
      /failed to provision volume with StorageClass "(?<storage>[\w.-]{1,120})"/,
    ],
    explains: ['k8s_mount_failed', ...waits],
    says: ({ claim, storage }) =>
      `A persistent volume is missing${withFigure(claim, (name) => ` (claim ${name})`)}${withFigure(storage, (name) => ` (storage class ${name})`)}, or it lies in another zone than nodes with room.`,
    fix: advice(
      'See the claim and what it waits for.',
      'kubectl get pvc,pv,storageclass; kubectl describe pvc CLAIM',
    ),
    source: kubernetesVolumes,
  },
  {
    id: 'k8s_host_port',
    family: 'kubernetes',
    title: 'A host port is taken on every node',
    severity: 'error',
    weight: 3,
    shows: [/nodes are available: .{0,1500}?didn't have free ports for the requested pod ports/],
    explains: ['k8s_taint', ...waits],
    says: plainly(
      'The pod asks for a port of the node itself, and another pod has it on each node that fits.',
    ),
    fix: advice('Do without hostPort, or run at most one such pod on a node.', 'kubectl get pods -A -o wide'),
    source: kubernetesScheduling,
  },
  {
    id: 'k8s_taint',
    family: 'kubernetes',
    title: 'Nodes are tainted or cordoned',
    severity: 'error',
    weight: 1,
    shows: [
      /nodes are available: .{0,1500}?(?:had untolerated taint|had taints? that the pod didn't tolerate:?|had taint) \{(?<taint>[^}]{1,160})\}/,
      /nodes are available: .{0,1500}?node\(s\) were (?<taint>unschedulable)/,
      /nodes are available: .{0,1500}?node\(s\) had taints that the pod didn't tolerate/,
    ],
    explains: waits,
    says: ({ taint }) => `Nodes keep the pod away${withFigure(taint, (text) => `: ${text}`)}.`,
    fix: advice(
      'Give the pod a toleration, or take the taint or the cordon away.',
      'kubectl describe nodes | grep -E "^Name|Taints|Unschedulable"; kubectl uncordon NODE',
    ),
    source: kubernetesTaints,
  },
  {
    id: 'k8s_unschedulable',
    family: 'kubernetes',
    title: 'The pod waits for a node',
    severity: 'error',
    weight: -1,
    shows: [/\bFailedScheduling\b/, /no nodes available to schedule pods/],
    explains: ['k8s_rollout_stuck'],
    says: plainly('The scheduler found no node for the pod.'),
    fix: advice('The event of the pod counts nodes and reasons.', 'kubectl describe pod POD | tail -n 20'),
    source: kubernetesScheduling,
  },
  {
    id: 'k8s_device_unhealthy',
    family: 'kubernetes',
    title: 'The node has no GPU to give, against what it promised',
    severity: 'error',
    weight: 5,
    shows: [
      /Allocate failed due to (?<reason>requested number of devices unavailable for \S{1,60} Requested: \d{1,4}, Available: \d{1,4}|no healthy devices present; cannot allocate unhealthy devices \S{1,60}|.{1,160}), which is unexpected/,
      /\bUnexpectedAdmissionError\b/,
      /\bOutOf(?:nvidia\.com\/gpu|amd\.com\/gpu)\b/,
      /Node didn't have enough resource: (?<reason>(?:nvidia|amd)\.com\/[\w.-]{1,40}, requested: \d{1,4}, used: \d{1,4}, capacity: \d{1,4})/,
    ],
    explains: ['k8s_insufficient_gpu', 'k8s_rollout_stuck'],
    says: ({ reason }) =>
      `The kubelet refused the pod because the device plugin gave it no GPU${withFigure(reason, (text) => ` (${text})`)}: a GPU became unhealthy, or the plugin or kubelet has restarted.`,
    fix: advice(
      "See Xids on the node and the plugin's log; delete the refused pods, they do not go away by themselves.",
      'kubectl -n kube-system logs -l name=nvidia-device-plugin-ds --tail=50; kubectl delete pod --field-selector=status.phase=Failed',
    ),
    source: devicePlugin,
  },
  {
    id: 'k8s_quota',
    family: 'kubernetes',
    title: 'The quota of the namespace is used up',
    severity: 'error',
    weight: 5,
    shows: [
      /exceeded quota: (?<quota>[\w.-]{1,120}), requested: (?<requested>[\w.,=/:-]{1,200}), used: (?<used>[\w.,=/:-]{1,200}), limited: (?<limited>[\w.,=/:-]{1,200})/,
      /failed quota: (?<quota>[\w.-]{1,120}): must specify (?<requested>[\w.,-]{1,200})/,
    ],
    explains: ['k8s_forbidden', ...waits],
    says: ({ quota, requested, used, limited }) =>
      `Quota ${quota ?? ''} does not allow the pod${withFigure(requested, (text) => `: it asks for ${text}`)}${withFigure(used, (text) => `, ${text} are used`)}${withFigure(limited, (text) => ` of ${text}`)}.`,
    fix: advice(
      'Free what is used, raise the quota, or say requests and limits where the quota demands them.',
      'kubectl describe resourcequota',
    ),
    source: kubernetesQuota,
  },
  {
    id: 'k8s_limit_range',
    family: 'kubernetes',
    title: 'The pod asks for more or less than the namespace allows',
    severity: 'error',
    weight: 4,
    shows: [
      /(?<rule>(?:maximum|minimum) \S{1,40} usage per (?:Container|Pod) is [\w.]{1,20}, but .{1,80}?)(?:\.|$)/,
    ],
    explains: ['k8s_forbidden', ...waits],
    says: ({ rule }) => `A LimitRange refuses the pod${withFigure(rule, (text) => `: ${text}`)}.`,
    fix: advice('Change the requests and limits, or the LimitRange.', 'kubectl describe limitrange'),
    source: kubernetesQuota,
  },
  {
    id: 'k8s_pod_security',
    family: 'kubernetes',
    title: 'The pod breaks the security level of the namespace',
    severity: 'error',
    weight: 4,
    shows: [/violates PodSecurity "(?<level>[^"]{1,60})": (?<rule>.{1,300})/],
    explains: ['k8s_forbidden', ...waits],
    says: ({ level, rule }) =>
      `The namespace admits only pods of level ${level ?? ''}${withFigure(rule, (text) => `: ${text}`)}.`,
    fix: advice(
      'Set what is missing in securityContext, or lower the level of the namespace.',
      'kubectl get namespace NAMESPACE --show-labels',
    ),
    source: kubernetesAccess,
  },
  {
    id: 'k8s_webhook',
    family: 'kubernetes',
    title: 'An admission webhook refused or did not answer',
    severity: 'error',
    weight: 3,
    shows: [
      /admission webhook "(?<webhook>[^"]{1,160})" denied the request: ?(?<reason>.{0,300})/,
      /failed calling webhook "(?<webhook>[^"]{1,160})": (?<reason>.{1,300})/,
    ],
    explains: ['k8s_forbidden', 'network_timeout', 'network_refused', ...waits],
    says: ({ webhook, reason }) =>
      `The webhook ${webhook ?? ''} did not let the object in${withFigure(reason, (text) => `: ${text}`)}.`,
    fix: advice(
      'Mend what it complains of, or the service behind it if it does not answer.',
      'kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations',
    ),
    source: kubernetesAccess,
  },
  {
    id: 'k8s_forbidden',
    family: 'kubernetes',
    title: 'Kubernetes refuses: not allowed',
    severity: 'error',
    shows: [
      /is forbidden: User "(?<user>[^"]{1,160})" cannot (?<verb>\w{1,20}) resource "(?<resource>[^"]{1,80})"/,
      /Error creating: pods? "[^"]{1,160}" is forbidden: (?<reason>.{1,200})/,
      /Error from server \(Forbidden\): (?<reason>.{1,200})/,
    ],
    explains: waits,
    says: ({ user, verb, resource, reason }) =>
      user === undefined
        ? `The API refused it${withFigure(reason, (text) => `: ${text}`)}.`
        : `${user} may not ${verb ?? 'use'} ${resource ?? 'that'} here.`,
    fix: ({ user, verb, resource }) => ({
      text: 'Bind a Role that allows exactly this, or use the account that has it.',
      command: `kubectl auth can-i ${verb ?? 'VERB'} ${resource ?? 'RESOURCE'} --as=${user ?? 'USER'}`,
    }),
    source: kubernetesAccess,
  },
]
