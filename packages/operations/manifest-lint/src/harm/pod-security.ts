/** Rules for excessive pod privileges. */

import type { FactualRule } from '../rule-facts.ts'
import { fieldsAt, listAt, numberAt, textAt, valueAt, wordsOf } from './read/values.ts'
import { type Workload, workloadsOf } from './read/workload.ts'

/** Node agents need the node: reported as advice, which does not fail. */
const asAgent = ({ kind }: Workload): { severity: 'advice' } | Record<never, never> =>
  kind === 'DaemonSet' ? { severity: 'advice' } : {}

const everyContainer = (workload: Workload): Set<Workload['containers'][number]> =>
  new Set([...workload.containers, ...workload.initContainers])

const hostPath: FactualRule = {
  id: 'host_path',
  severity: 'harmful',
  what: 'a volume from the file system of the node',
  why: 'Anyone who compromises the pod can reach the node, and each node has different files.',
  *find(object) {
    for (const workload of workloadsOf(object))
      for (const [at, volume] of listAt(workload.pod, 'volumes').entries()) {
        const path = textAt(volume, 'hostPath', 'path')
        if (path === undefined) continue
        yield {
          path: [...workload.podPath, 'volumes', at, 'hostPath'],
          reason: `volume ${textAt(volume, 'name')} is ${path} on the node`,
          fix:
            path === '/dev/shm'
              ? `{ name: ${textAt(volume, 'name')}, emptyDir: { medium: Memory, sizeLimit: 8Gi } }`
              : `{ name: ${textAt(volume, 'name')}, persistentVolumeClaim: { claimName: models } }, or emptyDir: {} for temporary data`,
          ...asAgent(workload),
        }
      }
  },
}

const privileged: FactualRule = {
  id: 'privileged_container',
  severity: 'harmful',
  what: 'a privileged container',
  why: 'It has root access to the node and all its devices. GPUs need no privileges: the device plugin provides them.',
  *find(object) {
    for (const workload of workloadsOf(object))
      for (const { fields, path, name } of everyContainer(workload)) {
        if (valueAt(fields, 'securityContext', 'privileged') !== true) continue
        yield {
          path: [...path, 'securityContext', 'privileged'],
          reason: `container ${name} has root access to its node`,
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
  what: 'a container with capabilities equivalent to root on the node',
  why: 'SYS_ADMIN and similar capabilities break container isolation.',
  *find(object) {
    for (const workload of workloadsOf(object))
      for (const { fields, path, name } of everyContainer(workload)) {
        const added = wordsOf(valueAt(fields, 'securityContext', 'capabilities', 'add'))
        const found = added.filter((each) => strong.has(each.replace(/^CAP_/, '')))
        if (found.length === 0) continue
        yield {
          path: [...path, 'securityContext', 'capabilities', 'add'],
          reason: `container ${name} has the capabilities ${found.join(', ')}`,
          fix: 'capabilities: { drop: [ALL] }; RDMA needs only IPC_LOCK',
          ...asAgent(workload),
        }
      }
  },
}

const hostNamespaces: FactualRule = {
  id: 'host_namespaces',
  severity: 'harmful',
  what: 'a pod in the network, process or IPC namespace of the node',
  why: 'NetworkPolicies do not apply to it, ports collide, and it sees the processes of other pods.',
  *find(object) {
    for (const workload of workloadsOf(object))
      for (const field of ['hostNetwork', 'hostPID', 'hostIPC']) {
        if (workload.pod[field] !== true) continue
        yield {
          path: [...workload.podPath, field],
          reason: `${field} shares the ${field === 'hostNetwork' ? 'network' : field === 'hostPID' ? 'process namespace' : 'shared memory'} of the node`,
          fix:
            field === 'hostIPC'
              ? 'For NCCL, use a volume { name: shm, emptyDir: { medium: Memory, sizeLimit: 8Gi } } at /dev/shm instead.'
              : `Remove ${field}; a Service or headless Service gives pods DNS names.`,
          ...asAgent(workload),
        }
      }
  },
}

const runsAsRoot: FactualRule = {
  id: 'runs_as_root',
  severity: 'harmful',
  what: 'a container that runs as root',
  why: 'A vulnerability in the server becomes a vulnerability of the node.',
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
  what: 'a container that keeps privileges it does not need',
  why: 'Namespaces under the Pod Security Standard `restricted` reject the pod; elsewhere the attack surface is larger.',
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
          reason: `container ${name} does not set ${lacking.map((each) => each.split(':')[0]).join(', ')}`,
          fix: `securityContext: { ${lacking.join(', ')} }; mount an emptyDir for writable paths`,
        }
      }
    }
  },
}

const mountedToken: FactualRule = {
  id: 'mounted_token',
  severity: 'advice',
  what: 'a pod with the token of the default ServiceAccount',
  why: 'A program that never calls the API server does not need credentials for it.',
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
