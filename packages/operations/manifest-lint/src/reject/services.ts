/** Services and the ports of them. */

import { isPlainObject } from '@hadal/base'
import type { Path } from '@hadal/fleet'
import type { LintRule } from '../lint-rule.ts'
import { type Check, type Issues, rejected, ruleOf } from './check.ts'
import { dnsLabel, dnsSubdomain, isCidr, isIp, isPort, portName } from './formats.ts'
import { badName } from './metadata.ts'
import { type Fields, fieldsIn, isSaid, itemsOf, listOf, numberOf, textOf } from './place.ts'

const service: Check = function* ({ value, path }) {
  const type = textOf(value.type) ?? 'ClusterIP'
  const isHeadless = value.clusterIP === 'None' || listOf(value.clusterIPs)[0] === 'None'
  if (!isHeadless && type !== 'ExternalName' && itemsOf(value.ports).length === 0)
    yield rejected('missing_field', path, 'the service has no ports', 'Add ports, or clusterIP: None.')
  if (type === 'ExternalName') yield* externalName(value, path)
  if (isHeadless && /^(NodePort|LoadBalancer)$/.test(type))
    yield rejected(
      'bad_service',
      [...path, 'clusterIP'],
      `a Service of type ${type} needs a cluster IP, so clusterIP must not be None`,
      'Delete clusterIP, or set type: ClusterIP.',
    )
  const ip = textOf(value.clusterIP)
  if (ip !== undefined && ip !== 'None' && !isIp(ip))
    yield rejected(
      'bad_address',
      [...path, 'clusterIP'],
      `${ip} is not a valid IP address`,
      'Use a valid address or None, or delete the field.',
    )
  const first = textOf(listOf(value.clusterIPs)[0])
  if (ip !== undefined && first !== undefined && ip !== first)
    yield rejected(
      'bad_service',
      [...path, 'clusterIPs', 0],
      'the first of clusterIPs must equal clusterIP',
      'Use the same address.',
    )
  for (const [index, one] of listOf(value.externalIPs).entries())
    if (typeof one === 'string' && !isIp(one))
      yield rejected(
        'bad_address',
        [...path, 'externalIPs', index],
        `${one} is not a valid IP address`,
        'Use a valid IP address.',
      )
  yield* onlyFor(value, path, type)
  yield* affinity(value, path)
  yield* families(value, path)
  yield* ports(value, path, type)
}

function* externalName(value: Fields, path: Path): Issues {
  const name = textOf(value.externalName)?.replace(/\.$/, '')
  if (name === undefined)
    yield rejected('missing_field', path, 'type ExternalName needs externalName', 'Add externalName.')
  else {
    const wrong = dnsSubdomain(name)
    if (wrong !== undefined) yield badName([...path, 'externalName'], name, wrong)
  }
  if (isSaid(value.clusterIP))
    yield rejected(
      'bad_service',
      [...path, 'clusterIP'],
      'type ExternalName does not support clusterIP',
      'Delete it.',
    )
}

/** Fields that only some types have. */
function* onlyFor(value: Fields, path: Path, type: string): Issues {
  const isOutside = type === 'NodePort' || type === 'LoadBalancer' || listOf(value.externalIPs).length > 0
  if (isSaid(value.externalTrafficPolicy) && !isOutside)
    yield rejected(
      'bad_service',
      [...path, 'externalTrafficPolicy'],
      `a Service of type ${type} receives no external traffic`,
      'Delete it.',
    )
  for (const name of ['loadBalancerClass', 'allocateLoadBalancerNodePorts', 'loadBalancerSourceRanges']) {
    const isThere = isSaid(value[name]) && !(Array.isArray(value[name]) && value[name].length === 0)
    if (isThere && type !== 'LoadBalancer')
      yield rejected('bad_service', [...path, name], `${name} needs type LoadBalancer`, 'Delete it.')
  }
  for (const [index, range] of listOf(value.loadBalancerSourceRanges).entries())
    if (typeof range === 'string' && !isCidr(range.trim()))
      yield rejected(
        'bad_address',
        [...path, 'loadBalancerSourceRanges', index],
        `${range} is not a valid CIDR`,
        'Write 10.0.0.0/8.',
      )
  const check = numberOf(value.healthCheckNodePort) ?? 0
  if (check !== 0 && !(type === 'LoadBalancer' && value.externalTrafficPolicy === 'Local'))
    yield rejected(
      'bad_service',
      [...path, 'healthCheckNodePort'],
      'healthCheckNodePort needs type LoadBalancer and externalTrafficPolicy Local',
      'Delete it.',
    )
}

function* affinity(value: Fields, path: Path): Issues {
  const config = value.sessionAffinityConfig
  if (value.sessionAffinity !== 'ClientIP') {
    if (isPlainObject(config))
      yield rejected(
        'bad_service',
        [...path, 'sessionAffinityConfig'],
        'sessionAffinityConfig needs sessionAffinity: ClientIP',
        'Add it, or delete this field.',
      )
    return
  }
  const seconds = numberOf(fieldsIn(fieldsIn(config).clientIP).timeoutSeconds)
  if (seconds !== undefined && (seconds < 1 || seconds > 86_400))
    yield rejected(
      'out_of_range',
      [...path, 'sessionAffinityConfig', 'clientIP', 'timeoutSeconds'],
      'the value must be from 1 to 86400',
      'Use a number in this range.',
    )
}

function* families(value: Fields, path: Path): Issues {
  const list = listOf(value.ipFamilies)
  for (const [index, family] of list.entries()) {
    const at = [...path, 'ipFamilies', index]
    if (family !== 'IPv4' && family !== 'IPv6')
      yield rejected(
        'bad_value',
        at,
        `the IP family must be IPv4 or IPv6, and is ${String(family)}`,
        'Use one of the two.',
      )
    else if (list.indexOf(family) !== index)
      yield rejected('duplicate_item', at, `${family} is listed twice`, 'Delete one.')
  }
}

function* ports(value: Fields, path: Path, type: string): Issues {
  const list = itemsOf(value.ports)
  const names = new Set<string>()
  const numbers = new Set<string>()
  const nodePorts = new Set<string>()
  for (const [index, port] of list) {
    const at = [...path, 'ports', index]
    const name = textOf(port.name)
    const protocol = textOf(port.protocol) ?? 'TCP'
    if (name === undefined && list.length > 1)
      yield rejected('missing_field', at, 'with more than one port, each port needs a name', 'Add name.')
    const wrong = name === undefined ? undefined : dnsLabel(name)
    if (name !== undefined && wrong !== undefined) yield badName([...at, 'name'], name, wrong)
    if (name !== undefined && names.has(name))
      yield rejected(
        'duplicate_port',
        [...at, 'name'],
        `port name ${name} is not unique`,
        'Give each a unique name.',
      )
    if (name !== undefined) names.add(name)
    if (typeof port.port === 'number' && !isPort(port.port))
      yield rejected(
        'bad_port',
        [...at, 'port'],
        `${port.port} is not a valid port`,
        'Use a number from 1 to 65535.',
      )
    const key = `${String(port.port)}/${protocol}`
    if (numbers.has(key))
      yield rejected('duplicate_port', [...at, 'port'], `port ${key} is defined twice`, 'Delete one of them.')
    numbers.add(key)
    yield* targetPort(port.targetPort, [...at, 'targetPort'])
    const node = numberOf(port.nodePort) ?? 0
    if (node === 0) continue
    if (type === 'ClusterIP')
      yield rejected(
        'bad_port',
        [...at, 'nodePort'],
        `a Service of type ${type} does not support nodePort`,
        'Delete it.',
      )
    else if (type !== 'ExternalName' && (node < 30_000 || node > 32_767))
      yield rejected(
        'bad_port',
        [...at, 'nodePort'],
        `nodePort must be from 30000 to 32767, and is ${node}`,
        'Use a port in this range, or delete the field to have one allocated.',
      )
    if (nodePorts.has(`${node}/${protocol}`))
      yield rejected(
        'duplicate_port',
        [...at, 'nodePort'],
        `nodePort ${node} is used twice`,
        'Delete one of them.',
      )
    nodePorts.add(`${node}/${protocol}`)
  }
}

function* targetPort(target: unknown, at: Path): Issues {
  // 0 is filled in as port.
  if (typeof target === 'number' && target !== 0 && Number.isInteger(target) && !isPort(target))
    yield rejected('bad_port', at, `${target} is not a valid port`, 'Use a number from 1 to 65535.')
  const wrong = typeof target === 'string' && target !== '' ? portName(target) : undefined
  if (wrong !== undefined)
    yield rejected(
      'bad_port',
      at,
      `the port name ${wrong}`,
      /^\d+$/.test(String(target))
        ? `Remove the quotes: ${String(target)}.`
        : 'Use the name of a container port.',
    )
}

export const servicesRule: LintRule = ruleOf({ V1ServiceSpec: service })
