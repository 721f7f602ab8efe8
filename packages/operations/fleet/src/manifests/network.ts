/**
 * NetworkPolicies: deny by default, with listed exceptions. They match addresses and ports, not names, so "the hub" and "the API
 * server" are allowed by port at any address. Effective only if the cluster's network enforces them.
 */

import { hasScaler, scalerEgressPorts, scalerPort } from '../autoscale/scaler-manifests.ts'
import { scalerName } from '../autoscale/scaler-plan.ts'
import type { Deployment, EnginePlan } from '../deployment/deployment.ts'
import type { Manifest } from '../manifest.ts'
import { asksKubernetes } from './access.ts'
import { findsBySrv, findsServices, portsOfConfig, portsOfUrls } from './egress-ports.ts'
import { engineSelectorOf, type Labels, labelsOf, nameWith, selectorOf } from './labels.ts'
import type { Part } from './pod.ts'

export function networkPolicies(deployment: Deployment): readonly Manifest[] {
  const { name, gateway, engines } = deployment
  return [
    policy(deployment, nameWith(name, 'deny'), everyPod(deployment), { ingress: [], egress: [] }),
    policy(deployment, gateway.name, labelled(selectorOf(deployment, 'gateway')), {
      // Clients, including Prometheus, connect from anywhere; keys control access.
      ingress: [{ ports: [tcp(gateway.port)] }],
      egress: [dns, ...engines.map((engine) => toEngine(deployment, engine)), ...outOfGateway(deployment)],
    }),
    ...engines.map((engine) =>
      policy(deployment, engine.name, labelled(engineSelectorOf(deployment, engine)), {
        ingress: intoEngine(deployment, engine),
        egress: outOfEngine(deployment, engine),
      }),
    ),
    ...(hasScaler(deployment)
      ? [
          policy(deployment, scalerName(deployment), labelled(selectorOf(deployment, 'scaler')), {
            ingress: fromMonitors(deployment).map((from) => ({ from: [from], ports: [tcp(scalerPort)] })),
            egress: [dns, anywhere(scalerEgressPorts(deployment))],
          }),
        ]
      : []),
  ]
}

interface Rules {
  readonly ingress: readonly Part[]
  readonly egress: readonly Part[]
}

function policy(deployment: Deployment, name: string, podSelector: Part, rules: Rules): Manifest {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace: deployment.namespace, labels: labelsOf(deployment) },
    spec: { podSelector, policyTypes: ['Ingress', 'Egress'], ...rules },
  }
}

const labelled = (matchLabels: Labels): Part => ({ matchLabels })

/** Pods of this service: not those of others in the namespace, nor of a training run of the same name. */
const everyPod = (deployment: Deployment): Part => ({
  ...labelled({ 'app.kubernetes.io/name': 'hadal', 'app.kubernetes.io/instance': deployment.name }),
  matchExpressions: [
    {
      key: 'app.kubernetes.io/component',
      operator: 'In',
      values: ['gateway', 'engine', ...(hasScaler(deployment) ? ['scaler'] : [])],
    },
  ],
})

const tcp = (port: number): Part => ({ protocol: 'TCP', port })
const anywhere = (ports: readonly number[]): Part => ({ ports: ports.map(tcp) })

/** To anywhere: resolvers live in kube-system, on nodes, or in neither. */
const dns: Part = { ports: [{ protocol: 'UDP', port: 53 }, tcp(53)] }

const toEngine = (deployment: Deployment, engine: EnginePlan): Part => ({
  to: [{ podSelector: { matchLabels: engineSelectorOf(deployment, engine) } }],
  ports: [tcp(engine.port)],
})

function outOfGateway(deployment: Deployment): readonly Part[] {
  const { config, databasePort } = deployment.gateway
  const ports = new Set(portsOfConfig(config))
  // 443 is the Service `kubernetes`; some networks check the port behind it, usually 6443.
  if (asksKubernetes(deployment)) for (const port of [443, 6443]) ports.add(port)
  if (databasePort !== undefined) ports.add(databasePort)
  const own = deployment.engines.map(({ name }) => name)
  return [
    ...(ports.size === 0 ? [] : [anywhere([...ports].sort((a, b) => a - b))]),
    // A discovered Service reveals neither the ports nor the labels of its pods.
    ...(findsServices(config, own) ? [{ to: [{ podSelector: {} }] }] : []),
    // So does DNS, at any time again.
    ...(findsBySrv(config) ? [{ ports: [{ protocol: 'TCP' }] }] : []),
  ]
}

function intoEngine(deployment: Deployment, engine: EnginePlan): readonly Part[] {
  const gateways = { podSelector: { matchLabels: selectorOf(deployment, 'gateway') } }
  return [
    { from: [gateways, ...fromMonitors(deployment)], ports: [tcp(engine.port)] },
    ...(engine.nodes > 1 ? [{ from: [peers(deployment, engine)] }] : []),
  ]
}

const fromMonitors = ({ monitoring }: Deployment): readonly Part[] =>
  monitoring.how === 'none'
    ? []
    : [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': monitoring.namespace } } }]

function outOfEngine(deployment: Deployment, engine: EnginePlan): readonly Part[] {
  const ports = new Set(portsOfConfig(engine.config ?? {}))
  // The hub, and the stores that it sends downloads to; and wherever a URL leads.
  if (engine.model.storage === 'download')
    for (const port of [443, ...portsOfUrls(engine.model.download?.command ?? [])]) ports.add(port)
  return [
    dns,
    ...(engine.nodes > 1 ? [{ to: [peers(deployment, engine)] }] : []),
    ...(ports.size === 0 ? [] : [anywhere([...ports].sort((a, b) => a - b))]),
  ]
}

/** The pods of a group talk to each other through ports that they choose themselves. */
const peers = (deployment: Deployment, engine: EnginePlan): Part => ({
  podSelector: { matchLabels: engineSelectorOf(deployment, engine) },
})
