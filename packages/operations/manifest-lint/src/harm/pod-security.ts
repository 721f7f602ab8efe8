/** Rules for excessive pod privileges. */

import type { FactualRule } from '../rule-facts.ts'
import { fieldsAt, listAt, numberAt, textAt, valueAt, wordsOf } from './read/values.ts'
import { type Workload, workloadsOf } from './read/workload.ts'

/** Agents of nodes need the node; that is said, and does not fail. */
const asAgent = ({ kind }: Workload): { severity: 'advice' } | Record<never, never> =>
  kind === 'DaemonSet' ? { severity: 'advice' } : {}

const everyContainer = (workload: Workload): Set<Workload['containers'][number]> =>
  new Set([...workload.containers, ...workload.initContainers])

const hostPath: FactualRule = {
  id: 'host_path',
  severity: 'harmful',
  what: 'a volume of the node’s own file system',
  why: 'Whoever gets into the pod gets to the node, and the pod has other files on each node.',
  *find(object) {
    for (const workload of workloadsOf(object))
      for (const [at, volume] of listAt(workload.pod, 'volumes').entries()) {
        const path = textAt(volume, 'hostPath', 'path')
        if (path === undefined) continue
        yield {
          path: [...workload.podPath, 'volumes', at, 'hostPath'],
          reason: `volume ${textAt(volume, 'name')} is ${path} of the node`,
          fix:
            path === '/dev/shm'
              ? `{ name: ${textAt(volume, 'name')}, emptyDir: { medium: Memory, sizeLimit: 8Gi } }`
              : `{ name: ${textAt(volume, 'name')}, persistentVolumeClaim: { claimName: models } }, or emptyDir: {} for what may be lost`,
          ...asAgent(workload),
        }
      }
  },
}

const privileged: FactualRule = {
  id: 'privileged_container',
  severity: 'harmful',
  what: 'a privileged container',
  why: 'It is root of the node, with all devices. GPUs need no privilege: the device plugin hands them in.',
  *find(object) {
    for (const workload of workloadsOf(object))
      for (const { fields, path, name } of everyContainer(workload)) {
        if (valueAt(fields, 'securityContext', 'privileged') !== true) continue
        yield {
          path: [...path, 'securityContext', 'privileged'],
          reason: `container ${name} is root of its node`,
          fix: 'securityContext: { privileged: false, allowPrivilegeEscalation: false, capabilities: { drop: [ALL] } }',
          ...asAgent(workload),
        }
      }
  },
}

const strong: ReadonlySet<string> = new Set(
  'ALL SYS_ADMIN NET_ADMIN SYS_PTRACE SYS_MODULE SYS_RAWIO DAC_READ_SEARCH BPF'.split(' '),
)

const addedCapabilities: FactualRule = {
  id: 'added_capabilities',
  severity: 'harmful',
  what: 'a container that is given what amounts to root of the node',
  why: 'SYS_ADMIN and the like undo what keeps a container in.',
  *find(object) {
    for (const workload of workloadsOf(object))
      for (const { fields, path, name } of everyContainer(workload)) {
        const added = wordsOf(valueAt(fields, 'securityContext', 'capabilities', 'add'))
        const found = added.filter((each) => strong.has(each.replace(/^CAP_/, '')))
        if (found.length === 0) continue
        yield {
          path: [...path, 'securityContext', 'capabilities', 'add'],
          reason: `container ${name} is given ${found.join(', ')}`,
          fix: 'capabilities: { drop: [ALL] }; IPC_LOCK alone is what RDMA needs',
          ...asAgent(workload),
        }
      }
  },
}

const hostNamespaces: FactualRule = {
  id: 'host_namespaces',
  severity: 'harmful',
  what: 'a pod in the node’s network, processes or shared memory',
  why: 'NetworkPolicies do not hold it, ports collide, and it sees the processes of others.',
  *find(object) {
    for (const workload of workloadsOf(object))
      for (const field of ['hostNetwork', 'hostPID', 'hostIPC']) {
        if (workload.pod[field] !== true) continue
        yield {
          path: [...workload.podPath, field],
          reason: `${field} shares the node’s ${field === 'hostNetwork' ? 'network' : field === 'hostPID' ? 'processes' : 'shared memory'}`,
          fix:
            field === 'hostIPC'
              ? 'A volume { name: shm, emptyDir: { medium: Memory, sizeLimit: 8Gi } } at /dev/shm does the same for NCCL.'
              : `Take ${field} out; a Service or a headless Service gives pods names.`,
          ...asAgent(workload),
        }
      }
  },
}

const runsAsRoot: FactualRule = {
  id: 'runs_as_root',
  severity: 'harmful',
  what: 'a container that is told to run as root',
  why: 'A hole in the server is then a hole in the node.',
  *find(object) {
    for (const workload of workloadsOf(object)) {
      const podUser = numberAt(workload.pod, 'securityContext', 'runAsUser')
      for (const { fields, path, name } of everyContainer(workload)) {
        const own = numberAt(fields, 'securityContext', 'runAsUser')
        if ((own ?? podUser) !== 0) continue
        yield {
          path:
            own === 0
              ? [...path, 'securityContext', 'runAsUser']
              : [...workload.podPath, 'securityContext', 'runAsUser'],
          reason: `container ${name} runs as user 0, which is root`,
          fix: 'securityContext: { runAsNonRoot: true, runAsUser: 10001, runAsGroup: 10001 }',
          ...asAgent(workload),
        }
        if (own !== 0) break
      }
    }
  },
}

const unhardened: FactualRule = {
  id: 'unhardened_container',
  severity: 'advice',
  what: 'a container that keeps rights which it does not need',
  why: 'Namespaces under the Pod Security Standard `restricted` refuse the pod; elsewhere an intruder has more to work with.',
  *find(object) {
    for (const workload of workloadsOf(object)) {
      const ofPod = fieldsAt(workload.pod, 'securityContext')
      for (const { fields, path, name } of everyContainer(workload)) {
        const own = fieldsAt(fields, 'securityContext')
        if (own.privileged === true) continue
        const user = own.runAsUser ?? ofPod.runAsUser
        const isNonRoot =
          (own.runAsNonRoot ?? ofPod.runAsNonRoot) === true || (typeof user === 'number' && user > 0)
        const lacking = [
          ...(isNonRoot || user === 0 ? [] : ['runAsNonRoot: true']),
          ...(own.allowPrivilegeEscalation === false ? [] : ['allowPrivilegeEscalation: false']),
          ...(own.readOnlyRootFilesystem === true ? [] : ['readOnlyRootFilesystem: true']),
          ...(wordsOf(valueAt(own, 'capabilities', 'drop')).includes('ALL')
            ? []
            : ['capabilities: { drop: [ALL] }']),
        ]
        if (lacking.length === 0) continue
        yield {
          path: [...path, 'securityContext'],
          reason: `container ${name} has no ${lacking.map((each) => each.split(':')[0]).join(', ')}`,
          fix: `securityContext: { ${lacking.join(', ')} }; what it writes needs an emptyDir`,
        }
      }
    }
  },
}

const mountedToken: FactualRule = {
  id: 'mounted_token',
  severity: 'advice',
  what: 'a pod with the token of the default ServiceAccount',
  why: 'A program that never asks the API server does not need a key to it.',
  *find(object) {
    for (const { pod, podPath } of workloadsOf(object)) {
      const account = pod.serviceAccountName ?? pod.serviceAccount ?? 'default'
      if (account !== 'default' || pod.automountServiceAccountToken === false) continue
      yield {
        path: [...podPath, 'automountServiceAccountToken'],
        reason: 'the token of the ServiceAccount default is mounted into each container',
        fix: 'automountServiceAccountToken: false',
      }
    }
  },
}

export const podSecurityRules: readonly FactualRule[] = [
  hostPath,
  privileged,
  addedCapabilities,
  hostNamespaces,
  runsAsRoot,
  unhardened,
  mountedToken,
]
