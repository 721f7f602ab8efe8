/** Rules for containers: names, images, ports, variables, mounts, init containers. */

import { isPlainObject } from '@hadal/base'
import { type Path, quantityOf } from '@hadal/fleet'
import type { LintRule } from '../lint-rule.ts'
import { type Check, type Issues, rejected, ruleOf } from './check.ts'
import { configKey, dnsLabel, dnsSubdomain, envName, isIp, isPort, portName } from './formats.ts'
import { badName } from './metadata.ts'
import { aboveOf, type Fields, fieldsIn, isSaid, itemsOf, type Place, textOf } from './place.ts'

const lists = ['initContainers', 'containers', 'ephemeralContainers']

const podContainers: Check = function* ({ value, path, root }) {
  const isTemplateOnly = /TrainingRuntime$/.test(root.manifest.kind)
  if (Array.isArray(value.containers) && value.containers.length === 0)
    yield rejected(
      'missing_field',
      [...path, 'containers'],
      'a pod needs at least one container',
      'Add a container.',
    )
  const seen = new Map<string, string>()
  for (const list of lists)
    for (const [index, container] of itemsOf(value[list])) {
      const at = [...path, list, index]
      const name = textOf(container.name)
      const wrong = name === undefined ? undefined : dnsLabel(name)
      if (name !== undefined && wrong !== undefined) yield badName([...at, 'name'], name, wrong)
      if (name !== undefined && seen.has(name))
        yield rejected(
          'duplicate_container',
          [...at, 'name'],
          `container name ${name} is not unique (also used in ${seen.get(name)})`,
          'Give each a unique name.',
        )
      else if (name !== undefined) seen.set(name, list)
      if (!isTemplateOnly) yield* imageIssues(container, at, root.manifest.kind === 'Pod')
      if (list === 'initContainers') yield* initIssues(container, at)
      else if (list === 'containers' && isSaid(container.restartPolicy))
        yield rejected(
          'bad_value',
          [...at, 'restartPolicy'],
          'only init containers support a container restartPolicy',
          'Move it to the pod, or make this an init container.',
        )
    }
  if (itemsOf(value.ephemeralContainers).length > 0)
    yield rejected(
      'bad_value',
      [...path, 'ephemeralContainers'],
      'ephemeral containers can only be added to running pods',
      'Delete them; use kubectl debug to add one.',
    )
}

function* imageIssues(container: Fields, at: Path, isPod: boolean): Issues {
  const image = container.image
  if (!isSaid(image)) yield rejected('missing_field', at, 'the container has no image', 'Add image.')
  else if (typeof image === 'string' && image.trim() !== image)
    yield {
      rule: 'bad_value',
      // Templates are taken so; the pods that are made of them are not.
      severity: isPod ? 'rejected' : 'harmful',
      path: [...at, 'image'],
      reason: 'the image must not start or end with spaces',
      fix: 'Delete the spaces.',
    }
}

/** Without restartPolicy Always an init container ends, so there is nothing to probe. */
function* initIssues(container: Fields, at: Path): Issues {
  const policy = container.restartPolicy
  if (isSaid(policy) && policy !== 'Always')
    yield rejected(
      'bad_value',
      [...at, 'restartPolicy'],
      'the only restartPolicy of an init container is Always, which makes it a sidecar',
      'Set Always, or delete the field.',
    )
  if (policy === 'Always') return
  for (const name of ['livenessProbe', 'readinessProbe', 'startupProbe', 'lifecycle'])
    if (isPlainObject(container[name]))
      yield rejected(
        'bad_probe',
        [...at, name],
        `an init container without restartPolicy Always does not support ${name}`,
        'Delete it, or add restartPolicy: Always to make it a sidecar.',
      )
}

const ports: Check = function* (place) {
  const { value, path } = place
  const pod = fieldsIn(aboveOf(place, 'V1PodSpec')?.value)
  const names = new Set<string>()
  for (const [index, port] of itemsOf(value.ports)) {
    const at = [...path, 'ports', index]
    for (const side of ['containerPort', 'hostPort']) {
      const number = port[side]
      const isUnset = side === 'hostPort' && number === 0
      if (typeof number === 'number' && !isUnset && !isPort(number))
        yield rejected(
          'bad_port',
          [...at, side],
          `${number} is not a valid port`,
          'Use a number from 1 to 65535.',
        )
    }
    const name = textOf(port.name)
    const wrong = name === undefined ? undefined : portName(name)
    if (wrong !== undefined)
      yield rejected('bad_port_name', [...at, 'name'], `the name ${wrong}`, 'Use a short name such as http.')
    if (name !== undefined && names.has(name))
      yield rejected(
        'duplicate_port',
        [...at, 'name'],
        `port name ${name} is not unique`,
        'Give each a unique name.',
      )
    if (name !== undefined) names.add(name)
    if (pod.hostNetwork === true && isPort(port.hostPort) && port.hostPort !== port.containerPort)
      yield rejected(
        'bad_port',
        [...at, 'hostPort'],
        'with hostNetwork, hostPort must equal containerPort',
        'Use the same number, or delete hostPort.',
      )
    const ip = textOf(port.hostIP)
    if (ip !== undefined && !isIp(ip))
      yield rejected(
        'bad_address',
        [...at, 'hostIP'],
        `${ip} is not a valid IP address`,
        'Use a valid address, or delete the field.',
      )
  }
}

/** A port of the node can be held once in a pod. */
const hostPorts: Check = function* ({ value, path }) {
  const seen = new Set<string>()
  for (const [index, container] of itemsOf(value.containers))
    for (const [at, port] of itemsOf(container.ports)) {
      if (!isPort(port.hostPort)) continue
      const key = [textOf(port.protocol) ?? 'TCP', textOf(port.hostIP) ?? '', port.hostPort].join('/')
      if (seen.has(key))
        yield rejected(
          'duplicate_port',
          [...path, 'containers', index, 'ports', at, 'hostPort'],
          `hostPort ${String(port.hostPort)} is used twice in this pod`,
          'Use another port, or delete the field.',
        )
      seen.add(key)
    }
}

const variables: Check = function* ({ value, path }) {
  const name = textOf(value.name)
  const wrong = name === undefined ? undefined : envName(name)
  if (wrong !== undefined)
    yield rejected('bad_env', [...path, 'name'], `the name ${wrong}`, 'Correct the name.')
  if (!isPlainObject(value.valueFrom)) return
  if (isSaid(value.value))
    yield rejected(
      'bad_env',
      [...path, 'valueFrom'],
      'value and valueFrom are mutually exclusive',
      'Keep only one of them.',
    )
  const sources = ['configMapKeyRef', 'fieldRef', 'resourceFieldRef', 'secretKeyRef']
  const said = sources.filter((source) => isPlainObject(fieldsIn(value.valueFrom)[source]))
  if (said.length !== 1)
    yield rejected(
      'bad_env',
      [...path, 'valueFrom'],
      said.length === 0
        ? `valueFrom must set one of ${sources.join(', ')}`
        : `valueFrom sets ${said.join(' and ')}, which are mutually exclusive`,
      'Set exactly one of them.',
    )
}

const variablesFrom: Check = function* ({ value, path }) {
  const said = ['configMapRef', 'secretRef'].filter((source) => isPlainObject(value[source]))
  if (said.length !== 1)
    yield rejected(
      'bad_env',
      path,
      'envFrom must set exactly one of configMapRef and secretRef',
      'Set exactly one of them.',
    )
  for (const source of said)
    if (!isSaid(fieldsIn(value[source]).name))
      yield rejected('missing_field', [...path, source], `${source} has no name`, 'Add name.')
}

const keyOf: Check = function* ({ value, path }) {
  if (!isSaid(value.name)) yield rejected('missing_field', path, 'the reference has no name', 'Add name.')
  const name = textOf(value.name)
  const misnamed = name === undefined || name === '' ? undefined : dnsSubdomain(name)
  if (misnamed !== undefined)
    yield rejected('bad_name', [...path, 'name'], `the name ${misnamed}`, 'Use the name of the object.')
  const key = textOf(value.key)
  const wrong = key === undefined ? undefined : configKey(key)
  if (wrong !== undefined) yield rejected('bad_key', [...path, 'key'], `the key ${wrong}`, 'Correct the key.')
}

const envFields =
  `metadata.name metadata.namespace metadata.uid spec.nodeName spec.serviceAccountName status.hostIP
status.hostIPs status.podIP status.podIPs`.split(/\s+/)
const volumeFields =
  'metadata.name metadata.namespace metadata.uid metadata.labels metadata.annotations'.split(' ')

const fieldRef: Check = function* ({ value, path, above }) {
  const wanted = textOf(value.fieldPath)
  if (wanted === undefined) return
  const known = above?.type === 'V1EnvVarSource' ? envFields : volumeFields
  if (known.includes(wanted) || /^metadata\.(labels|annotations)\['.+'\]$/.test(wanted)) return
  yield rejected(
    'bad_field_path',
    [...path, 'fieldPath'],
    `the pod field ${wanted} cannot be referenced here`,
    `Use one of ${known.join(', ')}, or metadata.labels['KEY'], metadata.annotations['KEY'].`,
  )
}

const resourceRef: Check = function* (place) {
  const { value, path, above } = place
  const resource = textOf(value.resource)
  if (
    resource !== undefined &&
    !/^(limits|requests)\.(cpu|memory|ephemeral-storage|hugepages-.+)$/.test(resource)
  )
    yield rejected(
      'bad_field_path',
      [...path, 'resource'],
      `the container resource ${resource} cannot be referenced here`,
      'Use a resource such as limits.cpu, limits.memory or requests.cpu.',
    )
  if (above?.type !== 'V1EnvVarSource' && !isSaid(value.containerName))
    yield rejected(
      'missing_field',
      path,
      'a resource reference in a volume needs containerName',
      'Add containerName.',
    )
  const divisor = isSaid(value.divisor) ? quantityOf(value.divisor) : undefined
  if (divisor !== undefined && divisor < 0n)
    yield rejected(
      'bad_quantity',
      [...path, 'divisor'],
      'the divisor is negative',
      'Use a divisor such as 1, 1m or 1Mi.',
    )
}

/** References that name a pod's containers, ports and so on live in pods: everything here is below a pod. */
const inPod =
  (check: Check): Check =>
  (place: Place, context) =>
    aboveOf(place, 'V1PodSpec') === undefined ? nothing() : check(place, context)

function* nothing(): Issues {}

export const containersRule: LintRule = ruleOf({
  V1ConfigMapKeySelector: inPod(keyOf),
  V1Container: inPod(ports),
  V1EnvFromSource: variablesFrom,
  V1EnvVar: variables,
  V1ObjectFieldSelector: fieldRef,
  V1PodSpec: [podContainers, hostPorts],
  V1ResourceFieldSelector: resourceRef,
  V1SecretKeySelector: inPod(keyOf),
})
