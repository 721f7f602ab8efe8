/** Checks of the server and its nodes: reachability, version skew, health, GPUs. */

import { type Capture, textOf } from '../../capture/capture.ts'
import type { Check, Verdict } from '../check.ts'
import { keepFields, type NodeObject, type VersionObject } from './cluster-objects.ts'
import { countOf, judgeList, nameOf, short, unknown, withoutCluster } from './cluster-readings.ts'

function reachable(capture: Capture): Verdict {
  const nothing = withoutCluster(capture)
  if (nothing !== undefined) return nothing
  const reading = capture.readings['kubernetes-version']!
  const command = 'kubectl cluster-info'
  if ('failed' in reading)
    return {
      severity: 'error',
      says: `the API server does not answer: ${short(reading.detail)}`,
      fix:
        reading.failed === 'refused'
          ? { text: 'Log in anew: the token or certificate is not taken.', command: 'kubectl auth whoami' }
          : { text: 'See that its address is right and reached from here (VPN, proxy, firewall).', command },
    }
  const version = serverVersion(capture)
  return version === undefined
    ? unknown('what answers as the API server does not say its version', {
        text: 'See what is there.',
        command,
      })
    : { severity: 'ok', says: `the API server answers (${version})` }
}

function serverVersion(capture: Capture): string | undefined {
  try {
    const { gitVersion } = (keepFields('version', JSON.parse(textOf(capture, 'kubernetes-version') ?? '')) ??
      {}) as VersionObject
    return gitVersion
  } catch {
    return undefined
  }
}

/** Minor versions that a kubelet may be older than its server. */
const oldestKubelet = 3

const minorOf = (version: string | undefined): number | undefined => {
  const minor = /^v1\.(\d{1,3})\./.exec(version ?? '')?.[1]
  return minor === undefined ? undefined : Number(minor)
}

const skew = (capture: Capture): Verdict | readonly Verdict[] =>
  judgeList<NodeObject>(capture, 'kubernetes-nodes', 'nodes', (nodes) => {
    const version = serverVersion(capture)
    const minor = minorOf(version)
    const kubelets = nodes.map((node) => ({ node, version: node.status?.nodeInfo?.kubeletVersion }))
    if (
      minor === undefined ||
      kubelets.length === 0 ||
      kubelets.some((each) => minorOf(each.version) === undefined)
    )
      return unknown('versions of the server and of all nodes cannot be compared', {
        text: 'Compare them.',
        command: 'kubectl version; kubectl get nodes',
      })
    return {
      fine: `${countOf(kubelets.length, 'kubelet')} and the server (${version}) fit together`,
      verdicts: kubelets.flatMap(({ node, version: own }) => {
        const ahead = minorOf(own)! - minor
        if (ahead <= 0 && -ahead <= oldestKubelet) return []
        return {
          severity: 'error' as const,
          says: `node ${nameOf(node)} runs kubelet ${own}, ${ahead > 0 ? 'newer than' : 'too old for'} the server ${version}`,
          fix: {
            text:
              ahead > 0
                ? 'Update the control plane first.'
                : 'Update the node, one minor version after the other.',
            command: 'kubectl get nodes',
          },
        }
      }),
    }
  })

const nodesWell = (capture: Capture): Verdict | readonly Verdict[] =>
  judgeList<NodeObject>(capture, 'kubernetes-nodes', 'nodes', (nodes) => {
    if (nodes.length === 0)
      return unknown('the cluster names no node', {
        text: 'See whether it has any.',
        command: 'kubectl get nodes',
      })
    return {
      fine: `${countOf(nodes.length, 'node')} ready, none short of memory or disk`,
      verdicts: nodes.flatMap(nodeTroubles),
    }
  })

function nodeTroubles(node: NodeObject): readonly Verdict[] {
  const name = nameOf(node)
  const fix = { text: 'See what it says.', command: `kubectl describe node ${name}` }
  const conditions = node.status?.conditions ?? []
  const found: Verdict[] = []
  const ready = conditions.find(({ type }) => type === 'Ready')
  if (ready === undefined) found.push(unknown(`node ${name} does not say whether it is ready`, fix))
  else if (ready.status !== 'True')
    found.push({
      severity: 'error',
      says: `node ${name} is not ready: ${short(ready.message ?? ready.reason ?? 'it gives no reason')}`,
      fix:
        ready.status === 'Unknown'
          ? {
              text: 'Its kubelet is not heard: see the machine itself.',
              command: `kubectl describe node ${name}`,
            }
          : fix,
    })
  for (const { type = '', status, message = '' } of conditions)
    if (/Pressure$|^NetworkUnavailable$/.test(type) && status === 'True')
      found.push({
        severity: type === 'NetworkUnavailable' ? 'error' : 'warning',
        says: `node ${name} says ${type}: ${short(message) || 'it gives no reason'}`,
        fix:
          type === 'DiskPressure'
            ? {
                text: 'Free its disk: images, logs, models in emptyDir.',
                command: `kubectl describe node ${name}`,
              }
            : fix,
      })
  if (node.spec?.unschedulable === true)
    found.push({
      severity: 'note',
      says: `node ${name} takes no new pods (cordoned)`,
      fix: { text: 'Open it again when its work is done.', command: `kubectl uncordon ${name}` },
    })
  return found
}

export const nodeChecks: readonly Check[] = [
  {
    id: 'cluster-reachable',
    group: 'cluster',
    title: 'API server',
    reads: ['kubernetes-version'],
    verdict: reachable,
  },
  {
    id: 'cluster-version-skew',
    group: 'cluster',
    title: 'Versions',
    reads: ['kubernetes-version', 'kubernetes-nodes'],
    verdict: skew,
    source: 'Kubernetes, Version Skew Policy',
  },
  {
    id: 'cluster-nodes',
    group: 'cluster',
    title: 'Nodes',
    reads: ['kubernetes-nodes'],
    verdict: nodesWell,
    source: 'Kubernetes, Node Status',
  },
]
