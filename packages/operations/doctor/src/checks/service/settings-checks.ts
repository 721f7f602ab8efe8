/** Checks of the service's settings: validity, guard, threads, locked memory. */

import { readLimits } from '@hadal/base'
import { textOf } from '../../capture/capture.ts'
import type { Check, Verdict } from '../check.ts'
import { allowedProcessors } from '../environment/thread-checks.ts'
import { factsOf, notRead } from '../facts.ts'
import { keyCheck } from './key-check.ts'
import { isVerdict, settingsFor } from './settings-for.ts'

const config: Check = {
  id: 'service-config',
  group: 'service',
  title: 'Settings',
  reads: ['service-config'],
  verdict(capture): Verdict {
    const facts = factsOf(capture, 'service-config')
    if (!facts.isThere) return notRead(capture, 'service-config', 'the settings')
    const file = facts.text('file')
    if (facts.flag('isValid') === true)
      return {
        severity: 'ok',
        says:
          file === undefined
            ? 'no config file: defaults and environment variables apply'
            : `${file} is valid`,
      }
    const issues = facts.texts('faults')
    return {
      severity: 'error',
      says:
        issues.length === 0
          ? 'the settings cannot be read'
          : (issues[0] ?? '') + (issues.length > 1 ? `, and ${issues.length - 1} more` : ''),
      fix: { text: facts.text('help') ?? 'docs/config.md lists every setting.', command: 'hadal config' },
      evidence: issues,
    }
  },
}

const guard: Check = {
  id: 'service-guard',
  group: 'service',
  title: 'Guard',
  reads: ['service-config'],
  source: 'docs/guard.md',
  verdict(capture): Verdict {
    const settings = settingsFor(capture, 'the guard policy')
    if (isVerdict(settings)) return settings
    const preset = settings.text('guard')
    if (preset === undefined) return notRead(capture, 'service-config', 'the guard policy')
    const name = preset.split(/[, ]/)[0]
    if (name === 'off')
      return {
        severity: 'warning',
        says: 'the guard is off: prompt attacks, secrets and personal data are not detected',
        fix: { text: 'Enable it, or start with the watch policy.', command: 'hadal serve --guard watch' },
      }
    if (name === 'watch')
      return {
        severity: 'note',
        says: 'the guard only watches: it counts attacks but blocks none',
        fix: {
          text: 'Enable blocking once its detections are correct.',
          command: 'hadal serve --guard default',
        },
      }
    return { severity: 'ok', says: preset }
  },
}

const threads: Check = {
  id: 'service-threads',
  group: 'service',
  title: 'Threads',
  reads: ['service-config', 'node', 'cgroup'],
  source: 'docs/serve.md',
  verdict(capture): Verdict {
    const settings = settingsFor(capture, 'the number of compute threads')
    if (isVerdict(settings)) return settings
    const threads = settings.number('threads')
    const allowed = allowedProcessors(capture)
    if (threads === undefined) return { severity: 'ok', says: 'one thread per core' }
    if (allowed === undefined) return notRead(capture, 'node', 'the number of processors')
    const cores = factsOf(capture, 'node').number('physicalCores')
    if (threads > allowed)
      return {
        severity: 'warning',
        says: `threads is ${threads}, but this process can use ${allowed} processors: each step waits for preempted threads`,
        fix: {
          text: 'Remove the setting: the engine detects cores and quota itself.',
          command: `hadal serve --threads ${cores === undefined ? allowed : Math.min(cores, allowed)}`,
        },
      }
    if (cores !== undefined && threads > cores)
      return {
        severity: 'note',
        says: `threads is ${threads} on ${cores} cores: two threads of a core share its arithmetic units and are rarely faster than one`,
        fix: { text: 'Benchmark both settings.', command: `hadal bench serve --threads ${cores}` },
      }
    return { severity: 'ok', says: `${threads} of ${allowed} processors` }
  },
}

const lockedMemory: Check = {
  id: 'service-lock-memory',
  group: 'service',
  title: 'Locked memory',
  reads: ['service-config', 'service-models', 'proc-limits'],
  source: 'mlock(2)',
  verdict(capture): Verdict {
    const settings = settingsFor(capture, 'the lockMemory setting')
    if (isVerdict(settings)) return settings
    if (settings.flag('lockMemory') !== true) return { severity: 'skipped', says: 'lockMemory is off' }
    const limit = readLimits(textOf(capture, 'proc-limits') ?? '').get('Max locked memory')
    if (limit === undefined) return notRead(capture, 'proc-limits', 'the locked-memory limit')
    const wanted = factsOf(capture, 'service-models')
      .list('models')
      .reduce((sum, model) => sum + (model.number('bytes') ?? 0), 0)
    return limit >= wanted
      ? { severity: 'ok', says: 'the limit is large enough' }
      : {
          severity: 'error',
          says: `lockMemory is on, but the limit is ${Math.floor(limit / 2 ** 20)} MiB and the weights need ${Math.ceil(wanted / 2 ** 20)}: the service does not start`,
          fix: {
            text: 'Raise the limit: LimitMEMLOCK in the systemd unit, or --ulimit memlock with docker.',
            command: 'ulimit -l unlimited',
          },
        }
  },
}

export const settingsChecks: readonly Check[] = [config, keyCheck, guard, threads, lockedMemory]
