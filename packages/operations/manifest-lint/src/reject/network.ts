/** Ingresses and network policies. */

import { isPlainObject } from '@hadal/base'
import type { Path } from '@hadal/fleet'
import type { LintRule } from '../lint-rule.ts'
import { type Check, type Issues, rejected, ruleOf } from './check.ts'
import { dns1035Label, dnsLabel, dnsSubdomain, isCidr, isIp, isPort, portName } from './formats.ts'
import { badName } from './metadata.ts'
import { fieldsIn, isSaid, itemsOf, listOf, numberOf, textOf } from './place.ts'

const ingress: Check = function* ({ value, path, root }) {
  if (listOf(value.rules).length === 0 && !isPlainObject(value.defaultBackend))
    yield rejected('bad_ingress', path, 'rules or defaultBackend is required', 'Add one of the two.')
  for (const [index, rule] of itemsOf(value.rules))
    yield* host(rule.host, [...path, 'rules', index, 'host'], true)
  for (const [index, tls] of itemsOf(value.tls)) {
    for (const [at, name] of listOf(tls.hosts).entries())
      yield* host(name, [...path, 'tls', index, 'hosts', at], false)
    const secret = textOf(tls.secretName)
    const wrong = secret === undefined ? undefined : dnsSubdomain(secret)
    if (secret !== undefined && wrong !== undefined)
      yield badName([...path, 'tls', index, 'secretName'], secret, wrong)
  }
  const annotation = fieldsIn(fieldsIn(root.manifest.metadata).annotations)['kubernetes.io/ingress.class']
  const className = textOf(value.ingressClassName)
  if (annotation !== undefined && className !== undefined && annotation !== className)
    yield rejected(
      'bad_ingress',
      [...path, 'ingressClassName'],
      'ingressClassName differs from the annotation kubernetes.io/ingress.class',
      'Delete the annotation.',
    )
  const wrong = className === undefined ? undefined : dnsSubdomain(className)
  if (className !== undefined && wrong !== undefined)
    yield badName([...path, 'ingressClassName'], className, wrong)
}

function* host(value: unknown, path: Path, isRule: boolean): Issues {
  const name = textOf(value)
  if (name === undefined) return
  if (isRule && isIp(name)) {
    yield rejected(
      'bad_host',
      path,
      'the host must be a DNS name, not an IP address',
      'Use a DNS name, or delete host.',
    )
    return
  }
  const bare = name.startsWith('*.') ? name.slice(2) : name
  const wrong = dnsSubdomain(bare)
  if (wrong === undefined) return
  const why = /^https?:\/\//.test(name)
    ? 'contains a scheme'
    : name.includes(':')
      ? 'contains a port'
      : name.includes('*')
        ? 'may contain * only as its whole first label'
        : wrong
  yield rejected(
    'bad_host',
    path,
    `${JSON.stringify(name)} ${why}`,
    'Use a DNS name such as app.example.com or *.example.com.',
  )
}

const backend: Check = function* ({ value, path }) {
  const said = ['resource', 'service'].filter((name) => isPlainObject(value[name]))
  if (said.length !== 1)
    yield rejected(
      'bad_ingress',
      path,
      said.length === 0
        ? 'the backend must set service or resource'
        : 'service and resource are mutually exclusive',
      'Set exactly one of them.',
    )
}

const serviceBackend: Check = function* ({ value, path }) {
  const name = textOf(value.name)
  const wrong = name === undefined ? undefined : dns1035Label(name)
  if (name !== undefined && wrong !== undefined) yield badName([...path, 'name'], name, wrong)
  const port = fieldsIn(value.port)
  const hasName = isSaid(port.name)
  const hasNumber = isSaid(port.number) && port.number !== 0
  if (hasName === hasNumber)
    yield rejected(
      'bad_ingress',
      [...path, 'port'],
      hasName ? 'name and number of the port are mutually exclusive' : 'the port must set name or number',
      'Set exactly one of them.',
    )
  else if (hasNumber && typeof port.number === 'number' && !isPort(port.number))
    yield rejected(
      'bad_port',
      [...path, 'port', 'number'],
      `${port.number} is not a valid port`,
      'Write 1 to 65535.',
    )
  const wrongName = typeof port.name === 'string' && hasName ? portName(port.name) : undefined
  if (wrongName !== undefined)
    yield rejected(
      'bad_port',
      [...path, 'port', 'name'],
      `the name ${wrongName}`,
      'Use the name of a service port.',
    )
}

const ingressPath: Check = function* ({ value, path }) {
  const at = [...path, 'path']
  const text = typeof value.path === 'string' ? value.path : ''
  if (
    value.pathType === 'ImplementationSpecific' ? text !== '' && !text.startsWith('/') : !text.startsWith('/')
  ) {
    if (isSaid(value.pathType))
      yield rejected('bad_ingress', at, 'the path must start with /', 'Use a path such as /.')
    return
  }
  if (value.pathType === 'Exact' || value.pathType === 'Prefix')
    if (/\/\/|\/\.\/|\/\.\.\/|%2f|%2F/.test(text) || /\/\.\.?$/.test(text))
      yield rejected(
        'bad_ingress',
        at,
        'the path must not contain //, /./, /../ or %2f',
        'Use a normalized path.',
      )
}

const paths: Check = function* ({ value, path }) {
  if (Array.isArray(value.paths) && value.paths.length === 0)
    yield rejected('missing_field', [...path, 'paths'], 'paths must not be empty', 'Add a path.')
}

const policy: Check = function* ({ value, path }) {
  const types = listOf(value.policyTypes)
  for (const [index, type] of types.entries())
    if (type !== 'Ingress' && type !== 'Egress')
      yield rejected(
        'bad_value',
        [...path, 'policyTypes', index],
        `the policy type must be Ingress or Egress, and is ${String(type)}`,
        'Use one of the two.',
      )
  if (types.length > 2)
    yield rejected(
      'bad_value',
      [...path, 'policyTypes'],
      'at most two policy types are allowed',
      'Keep at most two.',
    )
}

const peer: Check = function* ({ value, path }) {
  const said = ['ipBlock', 'namespaceSelector', 'podSelector'].filter((name) => isPlainObject(value[name]))
  if (said.length === 0)
    yield rejected(
      'bad_policy',
      path,
      'the peer is empty: it needs podSelector, namespaceSelector or ipBlock',
      'Add one; podSelector: {} selects all pods of the namespace.',
    )
  if (said.includes('ipBlock') && said.length > 1)
    yield rejected(
      'bad_policy',
      path,
      'ipBlock cannot be combined with other peers',
      'Split it into two peers.',
    )
}

const policyPort: Check = function* ({ value, path }) {
  const { port } = value
  const end = numberOf(value.endPort)
  if (typeof port === 'number' && Number.isInteger(port) && !isPort(port))
    yield rejected(
      'bad_port',
      [...path, 'port'],
      `${port} is not a valid port`,
      'Use a number from 1 to 65535.',
    )
  const wrong = typeof port === 'string' ? portName(port) : undefined
  if (wrong !== undefined)
    yield rejected(
      'bad_port',
      [...path, 'port'],
      `the name ${wrong}`,
      /^\d+$/.test(String(port))
        ? `Remove the quotes: ${String(port)}.`
        : 'Use the name of a container port.',
    )
  if (end === undefined) return
  if (typeof port !== 'number')
    yield rejected('bad_port', [...path, 'endPort'], 'endPort needs a numeric port', 'Set port to a number.')
  else if (end < port || !isPort(end))
    yield rejected(
      'bad_port',
      [...path, 'endPort'],
      'endPort must be a valid port, not below port',
      'Raise the value.',
    )
}

const ipBlock: Check = function* ({ value, path }) {
  const cidr = textOf(value.cidr)
  if (cidr !== undefined && !isCidr(cidr))
    yield rejected(
      'bad_address',
      [...path, 'cidr'],
      `${cidr} is not a valid CIDR`,
      isIp(cidr) ? `Use ${cidr}/${cidr.includes(':') ? 128 : 32}.` : 'Use a CIDR such as 10.0.0.0/8.',
    )
  for (const [index, except] of listOf(value.except).entries()) {
    if (typeof except !== 'string') continue
    const at = [...path, 'except', index]
    if (!isCidr(except))
      yield rejected('bad_address', at, `${except} is not a valid CIDR`, 'Use a CIDR such as 10.1.0.0/16.')
    else if (cidr !== undefined && isCidr(cidr) && !isInside(except, cidr))
      yield rejected('bad_address', at, `${except} is not within ${cidr}`, 'Use a smaller block within it.')
  }
}

/** Whether one block is strictly inside another; IPv6 is not compared. */
function isInside(inner: string, outer: string): boolean {
  const [a = '', aBits = ''] = inner.split('/')
  const [b = '', bBits = ''] = outer.split('/')
  if (a.includes(':') !== b.includes(':')) return false
  if (Number(aBits) <= Number(bBits)) return false
  if (a.includes(':')) return true
  const number = (ip: string): number => ip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
  const size = 2 ** (32 - Number(bBits))
  return Math.floor(number(a) / size) === Math.floor(number(b) / size)
}

const ingressClass: Check = function* ({ value, path }) {
  const controller = textOf(value.controller)
  const [domain = '', ...rest] = controller?.split('/') ?? []
  if (controller === undefined)
    yield rejected('missing_field', path, 'the class has no controller', 'Add controller: example.com/name.')
  else if (dnsSubdomain(domain) !== undefined || rest.length === 0 || rest.join('/') === '')
    yield rejected(
      'bad_name',
      [...path, 'controller'],
      'controller must be a domain, a / and a path',
      'Use a name such as example.com/name.',
    )
}

const endpointPort: Check = function* ({ value, path }) {
  const wrong = textOf(value.name) === undefined ? undefined : dnsLabel(String(value.name))
  if (wrong !== undefined) yield badName([...path, 'name'], String(value.name), wrong)
}

export const networkRule: LintRule = ruleOf({
  DiscoveryV1EndpointPort: endpointPort,
  V1HTTPIngressPath: ingressPath,
  V1HTTPIngressRuleValue: paths,
  V1IPBlock: ipBlock,
  V1IngressBackend: backend,
  V1IngressClassSpec: ingressClass,
  V1IngressServiceBackend: serviceBackend,
  V1IngressSpec: ingress,
  V1NetworkPolicyPeer: peer,
  V1NetworkPolicyPort: policyPort,
  V1NetworkPolicySpec: policy,
})
