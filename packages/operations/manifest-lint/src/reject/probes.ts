/** Probes and hooks of containers. */

import { isPlainObject } from '@hadal/base'
import type { Path } from '@hadal/fleet'
import type { LintRule } from '../lint-rule.ts'
import { type Check, type Issues, rejected, ruleOf } from './check.ts'
import { isPort, portName } from './formats.ts'
import { aboveOf, type Fields, fieldsIn, listOf, numberOf } from './place.ts'

const probeHandlers = ['exec', 'grpc', 'httpGet', 'tcpSocket']
const hookHandlers = ['exec', 'httpGet', 'sleep', 'tcpSocket']

function* oneHandler(value: Fields, path: Path, handlers: readonly string[]): Issues {
  const said = handlers.filter((name) => isPlainObject(value[name]))
  // A handler that is written and left empty (`tcpSocket:`) is null, so none.
  if (said.length === 0)
    yield rejected(
      'bad_handler',
      path,
      `one of ${handlers.join(', ')} is required`,
      'Set exactly one of them.',
    )
  if (said.length > 1)
    yield rejected(
      'bad_handler',
      [...path, said[1]!],
      `${said.join(' and ')} are mutually exclusive`,
      'Keep exactly one of them.',
    )
}

const probe: Check = function* ({ value, path }) {
  const which = path.at(-1)
  yield* oneHandler(value, path, probeHandlers)
  for (const name of [
    'initialDelaySeconds',
    'timeoutSeconds',
    'periodSeconds',
    'successThreshold',
    'failureThreshold',
  ]) {
    const number = numberOf(value[name])
    if (number !== undefined && number < 0)
      yield rejected('out_of_range', [...path, name], `${name} is negative`, 'Use a positive number.')
  }
  const threshold = numberOf(value.successThreshold)
  if (which !== 'readinessProbe' && threshold !== undefined && threshold > 1)
    yield rejected(
      'bad_probe',
      [...path, 'successThreshold'],
      `successThreshold of a ${which} must be 1`,
      'Delete it; only readiness probes support other values.',
    )
  const grace = numberOf(value.terminationGracePeriodSeconds)
  if (which === 'readinessProbe' && grace !== undefined)
    yield rejected(
      'bad_probe',
      [...path, 'terminationGracePeriodSeconds'],
      'a readiness probe does not support terminationGracePeriodSeconds, since it never kills the container',
      'Delete it.',
    )
  else if (grace !== undefined && grace < 1)
    yield rejected(
      'out_of_range',
      [...path, 'terminationGracePeriodSeconds'],
      'the value must be at least 1',
      'Use 1 or more.',
    )
}

const exec: Check = function* ({ value, path }) {
  if (listOf(value.command).length === 0)
    yield rejected('missing_field', path, 'exec has no command', 'Add command, a list.')
}

const port: Check = function* ({ value, path }) {
  const one = value.port
  if (typeof one === 'number' && Number.isInteger(one) && !isPort(one))
    yield rejected(
      'bad_port',
      [...path, 'port'],
      `${one} is not a valid port`,
      'Use a number from 1 to 65535.',
    )
  const wrong = typeof one === 'string' && one !== '' ? portName(one) : undefined
  if (wrong !== undefined)
    yield rejected(
      'bad_port',
      [...path, 'port'],
      `the port name ${wrong}`,
      /^\d+$/.test(String(one))
        ? 'Remove the quotes from the number.'
        : 'Use the name of a port of the container.',
    )
}

const headers: Check = function* ({ value, path }) {
  if (typeof value.name === 'string' && value.name !== '' && !/^[-A-Za-z0-9]+$/.test(value.name))
    yield rejected(
      'bad_name',
      [...path, 'name'],
      'the HTTP header name is invalid',
      'Use only letters, digits and dashes.',
    )
}

const hook: Check = function* ({ value, path }) {
  yield* oneHandler(value, path, hookHandlers)
}

const sleep: Check = function* (place) {
  const seconds = numberOf(place.value.seconds)
  const pod = aboveOf(place, 'V1PodSpec')
  const grace = numberOf(fieldsIn(pod?.value).terminationGracePeriodSeconds) ?? 30
  if (seconds !== undefined && (seconds < 0 || seconds > grace))
    yield rejected(
      'out_of_range',
      [...place.path, 'seconds'],
      `it sleeps for ${seconds} s, but terminationGracePeriodSeconds is ${grace}`,
      'Reduce the sleep, or raise terminationGracePeriodSeconds.',
    )
}

export const probesRule: LintRule = ruleOf({
  V1ExecAction: exec,
  V1GRPCAction: port,
  V1HTTPGetAction: port,
  V1HTTPHeader: headers,
  V1LifecycleHandler: hook,
  V1Probe: probe,
  V1SleepAction: sleep,
  V1TCPSocketAction: port,
})
