/** Pods as a whole: restart policy by kind, security, DNS, times. */

import { isPlainObject } from '@hadal/base'
import type { LintRule } from '../lint-rule.ts'
import { type Check, rejected, ruleOf } from './check.ts'
import { dnsLabel, dnsSubdomain, isIp } from './formats.ts'
import { badName } from './metadata.ts'
import { aboveOf, fieldsIn, isSaid, itemsOf, listOf, numberOf, textOf } from './place.ts'

/** Types whose pods run indefinitely. */
const lasting = new Set([
  'V1DaemonSetSpec',
  'V1DeploymentSpec',
  'V1ReplicaSetSpec',
  'V1ReplicationControllerSpec',
  'V1StatefulSetSpec',
])

const ofWorkload: Check = function* ({ value, path, above, root }) {
  const owner = above?.above?.type ?? ''
  const { restartPolicy } = value
  const { kind } = root.manifest
  if (lasting.has(owner)) {
    if (isSaid(restartPolicy) && restartPolicy !== 'Always')
      yield rejected(
        'bad_restart_policy',
        [...path, 'restartPolicy'],
        `pods of a ${kind} support only restartPolicy Always`,
        restartPolicy === 'Never' || restartPolicy === 'OnFailure'
          ? 'Delete it, or use a Job for programs that end.'
          : 'Set Always, or delete the field.',
      )
    if (isSaid(value.activeDeadlineSeconds))
      yield rejected(
        'bad_value',
        [...path, 'activeDeadlineSeconds'],
        `pods of a ${kind} do not support activeDeadlineSeconds`,
        'Delete it; only Jobs support it.',
      )
  }
  const isJob = owner === 'V1JobSpec' && /^(Job|CronJob)$/.test(kind)
  if (isJob && restartPolicy !== 'Never' && restartPolicy !== 'OnFailure')
    yield rejected(
      'bad_restart_policy',
      isSaid(restartPolicy) ? [...path, 'restartPolicy'] : path,
      isSaid(restartPolicy)
        ? `pods of a Job support restartPolicy Never or OnFailure, not ${String(restartPolicy)}`
        : 'pods of a Job need a restartPolicy: the default, Always, is not supported',
      'Set restartPolicy: Never or OnFailure.',
    )
}

const times: Check = function* ({ value, path }) {
  const grace = numberOf(value.terminationGracePeriodSeconds)
  if (grace !== undefined && grace < 0)
    yield {
      rule: 'out_of_range',
      severity: 'harmful',
      path: [...path, 'terminationGracePeriodSeconds'],
      reason: 'terminationGracePeriodSeconds is negative, which means one second',
      fix: 'Set it to the duration of the longest request.',
    }
  const deadline = numberOf(value.activeDeadlineSeconds)
  if (deadline !== undefined && (deadline < 1 || deadline > 2 ** 31 - 1))
    yield rejected(
      'out_of_range',
      [...path, 'activeDeadlineSeconds'],
      'activeDeadlineSeconds must be at least 1',
      'Use 1 or more, or delete the field.',
    )
}

const network: Check = function* ({ value, path }) {
  for (const field of ['hostname', 'subdomain']) {
    const name = textOf(value[field])
    const wrong = name === undefined ? undefined : dnsLabel(name)
    if (name !== undefined && wrong !== undefined) yield badName([...path, field], name, wrong)
  }
  const config = fieldsIn(value.dnsConfig)
  const servers = listOf(config.nameservers)
  if (value.dnsPolicy === 'None' && servers.length === 0)
    yield rejected(
      'bad_dns',
      [...path, 'dnsPolicy'],
      'dnsPolicy None needs dnsConfig.nameservers',
      'Add a server.',
    )
  if (servers.length > 3)
    yield rejected(
      'bad_dns',
      [...path, 'dnsConfig', 'nameservers'],
      'at most 3 servers are allowed',
      'Leave 3.',
    )
  for (const [index, server] of servers.entries())
    if (typeof server === 'string' && !isIp(server))
      yield rejected(
        'bad_address',
        [...path, 'dnsConfig', 'nameservers', index],
        `${server} is not a valid IP address`,
        'Use a valid IP address.',
      )
  for (const [index, { ip, hostnames }] of itemsOf(value.hostAliases)) {
    const at = [...path, 'hostAliases', index]
    if (typeof ip === 'string' && ip !== '' && !isIp(ip))
      yield rejected(
        'bad_address',
        [...at, 'ip'],
        `${ip} is not a valid IP address`,
        'Use a valid IP address.',
      )
    for (const [place, name] of listOf(hostnames).entries()) {
      const wrong = typeof name === 'string' ? dnsSubdomain(name) : undefined
      if (wrong !== undefined) yield badName([...at, 'hostnames', place], String(name), wrong)
    }
  }
  for (const field of ['hostNetwork', 'hostPID', 'hostIPC'])
    if (value.hostUsers === false && value[field] === true)
      yield rejected(
        'bad_security',
        [...path, field],
        `${field} requires the user namespace of the host`,
        'Delete hostUsers.',
      )
  if (value.hostPID === true && value.shareProcessNamespace === true)
    yield rejected(
      'bad_security',
      [...path, 'shareProcessNamespace'],
      'hostPID and shareProcessNamespace are mutually exclusive',
      'Keep only one of the two.',
    )
}

const containerSecurity: Check = function* (place) {
  const { value, path } = place
  const pod = fieldsIn(aboveOf(place, 'V1PodSpec')?.value)
  if (value.procMount === 'Unmasked' && pod.hostUsers !== false)
    yield rejected(
      'bad_security',
      [...path, 'procMount'],
      'Unmasked needs hostUsers: false',
      'Delete it, or add hostUsers: false.',
    )
  const capabilities = listOf(fieldsIn(value.capabilities).add)
  if (value.allowPrivilegeEscalation === false) {
    if (value.privileged === true)
      yield rejected(
        'bad_security',
        [...path, 'allowPrivilegeEscalation'],
        'a privileged container can always gain privileges, so allowPrivilegeEscalation must not be false',
        'Delete it, or privileged.',
      )
    else if (capabilities.includes('CAP_SYS_ADMIN'))
      yield rejected(
        'bad_security',
        [...path, 'allowPrivilegeEscalation'],
        'CAP_SYS_ADMIN can always gain privileges, so allowPrivilegeEscalation must not be false',
        'Delete it, or the capability.',
      )
  }
}

/** Users and groups, of pods and of containers. */
const identities: Check = function* ({ value, path }) {
  for (const field of ['runAsUser', 'runAsGroup', 'fsGroup']) {
    const number = numberOf(value[field])
    if (number !== undefined && (number < 0 || number > 2 ** 31 - 1))
      yield rejected(
        'out_of_range',
        [...path, field],
        `${field} must be from 0 to 2147483647`,
        'Use a number in this range.',
      )
  }
  for (const [index, group] of listOf(value.supplementalGroups).entries())
    if (typeof group === 'number' && (group < 0 || group > 2 ** 31 - 1))
      yield rejected(
        'out_of_range',
        [...path, 'supplementalGroups', index],
        'the group is out of range',
        'Use 0 or more.',
      )
  const windows = fieldsIn(value.windowsOptions)
  if (isSaid(windows.gmsaCredentialSpec) && String(windows.gmsaCredentialSpec).length > 64 * 1024)
    yield rejected(
      'bad_security',
      [...path, 'windowsOptions'],
      'the specification exceeds 64 KiB',
      'Shorten it.',
    )
}

/** Seccomp and AppArmor. */
const profile: Check = function* ({ value, path }) {
  const isLocal = value.type === 'Localhost'
  if (isLocal && !isSaid(value.localhostProfile))
    yield rejected('bad_security', path, 'type Localhost needs localhostProfile', 'Add localhostProfile.')
  if (!isLocal && isSaid(value.localhostProfile))
    yield rejected(
      'bad_security',
      [...path, 'localhostProfile'],
      'localhostProfile needs type Localhost',
      'Delete it, or write type: Localhost.',
    )
}

const sysctls: Check = function* ({ value, path }) {
  const name = textOf(value.name)
  if (
    name !== undefined &&
    !/^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$/.test(name)
  )
    yield rejected(
      'bad_name',
      [...path, 'name'],
      `${name} is not a valid sysctl name`,
      'Use a name such as net.core.somaxconn.',
    )
}

/** A template may name its pods' labels, not much more; a name there is ignored. */
const template: Check = function* ({ value, path, above }) {
  if (
    !isPlainObject(value.spec) &&
    above !== undefined &&
    (lasting.has(above.type) || above.type === 'V1JobSpec')
  )
    yield rejected('missing_field', path, 'the template has no spec with containers', 'Add spec.')
}

export const podsRule: LintRule = ruleOf({
  V1AppArmorProfile: profile,
  V1PodSecurityContext: identities,
  V1PodSpec: [ofWorkload, times, network],
  V1PodTemplateSpec: template,
  V1SeccompProfile: profile,
  V1SecurityContext: [containerSecurity, identities],
  V1Sysctl: sysctls,
})
