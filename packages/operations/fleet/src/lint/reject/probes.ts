/** Probes and hooks of containers. */

import { isPlainObject } from '@hadal/base'
import type { LintRule } from '../finding.ts'
import type { Path } from '../read/positions.ts'
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
      `there is none of ${handlers.join(', ')}`,
      'Write exactly one of them.',
    )
  if (said.length > 1)
    yield rejected(
      'bad_handler',
      [...path, said[1]!],
      `there are ${said.join(' and ')}`,
      'Leave exactly one of them.',
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
      yield rejected('out_of_range', [...path, name], `${name} is negative`, 'Write a positive number.')
  }
  const threshold = numberOf(value.successThreshold)
  if (which !== 'readinessProbe' && threshold !== undefined && threshold > 1)
    yield rejected(
      'bad_probe',
      [...path, 'successThreshold'],
      `successThreshold of a ${which} must be 1`,
      'Delete it; only readiness probes have another.',
    )
  const grace = numberOf(value.terminationGracePeriodSeconds)
  if (which === 'readinessProbe' && grace !== undefined)
    yield rejected(
      'bad_probe',
      [...path, 'terminationGracePeriodSeconds'],
      'a readiness probe ends nothing, so it takes no terminationGracePeriodSeconds',
      'Delete it.',
    )
  else if (grace !== undefined && grace < 1)
    yield rejected(
      'out_of_range',
      [...path, 'terminationGracePeriodSeconds'],
      'it must be at least 1',
      'Write 1 or more.',
    )
}

const exec: Check = function* ({ value, path }) {
  if (listOf(value.command).length === 0)
    yield rejected('missing_field', path, 'exec has no command', 'Add command, a list.')
}

const port: Check = function* ({ value, path }) {
  const one = value.port
  if (typeof one === 'number' && Number.isInteger(one) && !isPort(one))
    yield rejected('bad_port', [...path, 'port'], `${one} is no port`, 'Write a number from 1 to 65535.')
  const wrong = typeof one === 'string' && one !== '' ? portName(one) : undefined
  if (wrong !== undefined)
    yield rejected(
      'bad_port',
      [...path, 'port'],
      `the name of the port ${wrong}`,
      /^\d+$/.test(String(one))
        ? 'Write the number without quotes.'
        : 'Write the name of a port of the container.',
    )
}

const headers: Check = function* ({ value, path }) {
  if (typeof value.name === 'string' && value.name !== '' && !/^[-A-Za-z0-9]+$/.test(value.name))
    yield rejected(
      'bad_name',
      [...path, 'name'],
      'no header of HTTP has this name',
      'Use letters, digits and dashes.',
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
      `it sleeps ${seconds} seconds of the ${grace} that terminationGracePeriodSeconds gives`,
      'Sleep less, or raise terminationGracePeriodSeconds.',
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
