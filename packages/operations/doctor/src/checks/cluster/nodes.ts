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
      says: `the API server does not respond: ${short(reading.detail)}`,
      fix:
        reading.failed === 'refused'
          ? { text: 'Log in again: the token or certificate was rejected.', command: 'kubectl auth whoami' }
          : { text: 'Check its address and the network path to it (VPN, proxy, firewall).', command },
    }
  const version = serverVersion(capture)
  return version === undefined
    ? unknown('the API server returned no version', {
        text: 'Check what runs at that address.',
        command,
      })
    : { severity: 'ok', says: `the API server responds (${version})` }
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
      return unknown('the versions of the API server and the nodes cannot be compared', {
        text: 'Compare the versions manually.',
        command: 'kubectl version; kubectl get nodes',
      })
    return {
      fine: `${countOf(kubelets.length, 'kubelet')} and the API server (${version}) have compatible versions`,
      verdicts: kubelets.flatMap(({ node, version: own }) => {
        const ahead = minorOf(own)! - minor
        if (ahead <= 0 && -ahead <= oldestKubelet) return []
        return {
          severity: 'error' as const,
          says: `node ${nameOf(node)} runs kubelet ${own}, ${ahead > 0 ? 'newer than' : 'too old for'} the API server ${version}`,
          fix: {
            text:
              ahead > 0
                ? 'Upgrade the control plane first.'
                : 'Upgrade the node one minor version at a time.',
            command: 'kubectl get nodes',
          },
        }
      }),
    }
  })

const nodesWell = (capture: Capture): Verdict | readonly Verdict[] =>
  judgeList<NodeObject>(capture, 'kubernetes-nodes', 'nodes', (nodes) => {
    if (nodes.length === 0)
      return unknown('the cluster lists no nodes', {
        text: 'Check that the cluster has nodes.',
        command: 'kubectl get nodes',
      })
    return {
      fine: `${countOf(nodes.length, 'node')} ready, without memory or disk pressure`,
      verdicts: nodes.flatMap(nodeTroubles),
    }
  })

function nodeTroubles(node: NodeObject): readonly Verdict[] {
  const name = nameOf(node)
  const fix = { text: 'Inspect its status and events.', command: `kubectl describe node ${name}` }
  const conditions = node.status?.conditions ?? []
  const found: Verdict[] = []
  const ready = conditions.find(({ type }) => type === 'Ready')
  if (ready === undefined) found.push(unknown(`node ${name} does not report its readiness`, fix))
  else if (ready.status !== 'True')
    found.push({
      severity: 'error',
      says: `node ${name} is not ready: ${short(ready.message ?? ready.reason ?? 'no reason given')}`,
      fix:
        ready.status === 'Unknown'
          ? {
              text: 'Its kubelet sends no status. Check the machine.',
              command: `kubectl describe node ${name}`,
            }
          : fix,
    })
  for (const { type = '', status, message = '' } of conditions)
    if (/Pressure$|^NetworkUnavailable$/.test(type) && status === 'True')
      found.push({
        severity: type === 'NetworkUnavailable' ? 'error' : 'warning',
        says: `node ${name} reports ${type}: ${short(message) || 'no reason given'}`,
        fix:
          type === 'DiskPressure'
            ? {
                text: 'Free disk space: images, logs, models in emptyDir volumes.',
                command: `kubectl describe node ${name}`,
              }
            : fix,
      })
  if (node.spec?.unschedulable === true)
    found.push({
      severity: 'note',
      says: `node ${name} is cordoned and accepts no new pods`,
      fix: { text: 'Uncordon it when maintenance is finished.', command: `kubectl uncordon ${name}` },
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
