/** Checks that the cluster offers its nodes' GPUs, and that the device plugin runs. */

import type { Capture } from '../../capture/capture.ts'
import type { Check, Verdict } from '../check.ts'
import type { DaemonSetObject, NodeObject } from './cluster-objects.ts'
import { clusterList, countOf, gpusIn, judgeList, nameOf, placeOf, unknown } from './cluster-readings.ts'

/** A GPU is in the machine, as labels say that others put there. */
const hasGpuLabel = ({ metadata }: NodeObject): boolean =>
  metadata?.labels?.['nvidia.com/gpu.present'] === 'true' ||
  metadata?.labels?.['feature.node.kubernetes.io/pci-10de.present'] === 'true' ||
  metadata?.labels?.['cloud.google.com/gke-accelerator'] !== undefined

const isGpuNode = (node: NodeObject): boolean => hasGpuLabel(node) || gpusIn(node.status?.capacity) > 0

const gpuNodes = (capture: Capture): Verdict | readonly Verdict[] =>
  judgeList<NodeObject>(capture, 'kubernetes-nodes', 'nodes', (nodes) => {
    const withGpus = nodes.filter(isGpuNode)
    if (withGpus.length === 0) return { severity: 'skipped', says: 'no node reports a GPU' }
    const total = withGpus.reduce((sum, { status }) => sum + gpusIn(status?.allocatable), 0)
    return {
      fine: `${countOf(withGpus.length, 'node')} ${withGpus.length === 1 ? 'offers' : 'offer'} ${countOf(total, 'GPU')}`,
      verdicts: withGpus.flatMap((node): readonly Verdict[] => {
        const name = nameOf(node)
        const has = gpusIn(node.status?.capacity)
        const offers = gpusIn(node.status?.allocatable)
        if (node.metadata?.labels?.['nvidia.com/mig.config.state'] === 'failed')
          return [
            {
              severity: 'error',
              says: `the MIG configuration of node ${name} failed`,
              fix: {
                text: 'Read the log of the MIG manager.',
                command: 'kubectl -n gpu-operator logs -l app=nvidia-mig-manager',
              },
            },
          ]
        if (offers === 0)
          return [
            {
              severity: 'error',
              says: `node ${name} has a GPU, but no nvidia.com/gpu is allocatable`,
              fix: {
                text: 'Check that the device plugin runs there and finds the driver.',
                command: 'kubectl get pods --all-namespaces -o wide | grep -i nvidia',
              },
            },
          ]
        if (offers < has)
          return [
            {
              severity: 'error',
              says: `node ${name} has ${offers} of ${has} GPUs allocatable: the others are unhealthy`,
              fix: {
                text: 'Check the Xid errors on that machine, then reset the GPU and restart the device plugin.',
                command: `kubectl describe node ${name} | grep nvidia.com`,
              },
            },
          ]
        return []
      }),
    }
  })

const pluginName = /nvidia.*device-plugin|device-plugin.*nvidia|nvidia-gpu-device/i

function devicePlugin(capture: Capture): Verdict | readonly Verdict[] {
  const nodes = clusterList<NodeObject>(capture, 'kubernetes-nodes', 'nodes')
  if (nodes === 'absent') return { severity: 'skipped', says: 'the cluster does not list nodes' }
  if ('severity' in nodes) return nodes
  const withGpus = nodes.items.filter(isGpuNode)
  if (withGpus.length === 0) return { severity: 'skipped', says: 'no node reports a GPU' }
  return judgeList<DaemonSetObject>(capture, 'kubernetes-daemonsets', 'daemonsets', (sets) => {
    const plugins = sets.filter(({ metadata }) => pluginName.test(metadata?.name ?? ''))
    const offered = withGpus.every(({ status }) => gpusIn(status?.allocatable) > 0)
    if (plugins.length === 0)
      return offered
        ? { severity: 'ok', says: 'GPUs are allocatable, but no known device plugin DaemonSet was found' }
        : {
            severity: 'error',
            says: `${countOf(withGpus.length, 'node')} with GPUs but no device plugin: pods cannot request nvidia.com/gpu`,
            fix: {
              text: "Install NVIDIA's GPU operator or its device plugin.",
              command: 'helm install gpu-operator nvidia/gpu-operator -n gpu-operator --create-namespace',
            },
          }
    return {
      fine: `the device plugin runs (${plugins.map(placeOf).slice(0, 3).join(', ')})`,
      verdicts: plugins.flatMap((plugin): readonly Verdict[] => {
        const { desiredNumberScheduled: wanted, numberReady: ready } = plugin.status ?? {}
        const fix = {
          text: 'Check its pods.',
          command: `kubectl -n ${plugin.metadata?.namespace ?? 'default'} describe daemonset ${nameOf(plugin)}`,
        }
        if (wanted === undefined || ready === undefined)
          return [unknown(`${placeOf(plugin)} does not report how many pods run`, fix)]
        if (ready < wanted)
          return [
            {
              severity: 'error',
              says: `the device plugin ${placeOf(plugin)} is ready on ${ready} of ${countOf(wanted, 'node')}`,
              fix,
            },
          ]
        if (wanted === 0 && !offered)
          return [
            {
              severity: 'error',
              says: `the device plugin ${placeOf(plugin)} matches no node: check its node selector and tolerations`,
              fix,
            },
          ]
        return []
      }),
    }
  })
}

export const gpuNodeChecks: readonly Check[] = [
  {
    id: 'cluster-gpu-nodes',
    group: 'cluster',
    title: 'Node GPUs',
    reads: ['kubernetes-nodes'],
    verdict: gpuNodes,
    source: 'Kubernetes, Device Plugins',
  },
  {
    id: 'cluster-device-plugin',
    group: 'cluster',
    title: 'Device plugin',
    reads: ['kubernetes-nodes', 'kubernetes-daemonsets'],
    verdict: devicePlugin,
    source: 'Kubernetes, Device Plugins',
  },
]
