/** What the settings of the service say: whether they are right, who is let in, whether the guard is on, what it would need. */

import { textOf } from '../../capture/capture.ts'
import type { Check, Verdict } from '../check.ts'
import { readLimits } from '../environment/proc-texts.ts'
import { allowedProcessors } from '../environment/thread-checks.ts'
import { type Facts, factsOf, notRead } from '../facts.ts'
import { shellWord } from '../shell-word.ts'

/** Where settings are wrong, everything that follows from them is unknown. */
const withoutSettings = (what: string): Verdict => ({
  severity: 'unknown',
  says: `${what} cannot be told while the settings are wrong`,
  fix: { text: 'Mend the settings first.', command: 'hadal config' },
})

/** The settings that hold; a verdict where there are none. */
export function settingsFor(capture: Parameters<Check['verdict']>[0], what: string): Facts | Verdict {
  const config = factsOf(capture, 'service-config')
  if (!config.isThere) return notRead(capture, 'service-config', what)
  return config.flag('isValid') === true ? config : withoutSettings(what)
}

export const isVerdict = (given: Facts | Verdict): given is Verdict => 'severity' in given

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
          file === undefined ? 'no config file: the defaults, and what variables say' : `${file} is right`,
      }
    const faults = facts.texts('faults')
    return {
      severity: 'error',
      says:
        faults.length === 0
          ? 'the settings cannot be read'
          : (faults[0] ?? '') + (faults.length > 1 ? `, and ${faults.length - 1} more` : ''),
      fix: { text: facts.text('help') ?? 'docs/config.md lists every setting.', command: 'hadal config' },
      evidence: faults,
    }
  },
}

const keys: Check = {
  id: 'service-keys',
  group: 'service',
  title: 'Keys',
  reads: ['service-config', 'service-keys'],
  source: 'docs/security.md',
  verdict(capture) {
    const settings = settingsFor(capture, 'who is let in')
    if (isVerdict(settings)) return settings
    const said = factsOf(capture, 'service-keys')
    const count = said.number('apiKeys')
    if (count === undefined) return notRead(capture, 'service-keys', 'who is let in')
    const found: Verdict[] = []
    const host = settings.text('host') ?? ''
    if (count === 0 && said.flag('hasDatabase') !== true && said.flag('isOpen') === true)
      found.push(
        said.flag('allowKeyless') === true
          ? {
              severity: 'warning',
              says: `whoever reaches ${host} may use the models: no key is asked for (allowKeyless)`,
              fix: {
                text: 'Right only where the network decides who reaches the port; else set keys.',
                command: makeKey,
              },
            }
          : {
              severity: 'error',
              says: `${host} can be reached from other machines, and there are no keys: the service does not start`,
              fix: { text: 'Set keys, or listen on 127.0.0.1.', command: makeKey },
            },
      )
    for (const weak of said.list('weak'))
      found.push({
        severity: 'error',
        says: `${weak.text('which') ?? 'a key'} is weak: ${weak.text('why') ?? 'it can be guessed'}`,
        fix: { text: 'Use one that nobody can guess.', command: makeKey },
      })
    for (const twice of said.texts('duplicates'))
      found.push({
        severity: 'warning',
        says: `${twice}: who has it cannot be told apart`,
        fix: { text: 'Give each client one of its own.', command: 'hadal keys create --name NAME' },
      })
    for (const which of said.texts('inBoth'))
      found.push({
        severity: 'error',
        says: `${which}: every client that has it is an administrator`,
        fix: { text: 'Use another key for administrators.', command: makeKey },
      })
    const inFile = said.texts('inFile')
    if (inFile.length > 0) {
      const file = settings.text('file') ?? 'the config file'
      const mode = said.number('fileMode')
      const isReadable = mode !== undefined && (mode & 0o044) !== 0
      found.push({
        severity: isReadable ? 'error' : 'warning',
        says: `${inFile.join(', ')} ${inFile.length === 1 ? 'stands' : 'stand'} in clear in ${file}${isReadable ? `, which other users can read (mode ${mode.toString(8)})` : ''}`,
        fix: {
          text: 'Keep keys out of files that go into repositories: read them from variables, which a secret sets.',
          command: isReadable ? `chmod 600 ${shellWord(file)}` : 'export HADAL_API_KEYS=...',
        },
      })
    }
    if (found.length > 0) return found
    const who = said.flag('hasDatabase')
      ? 'those of the database'
      : count === 0
        ? 'none; only this machine reaches the service'
        : count === 1
          ? 'one'
          : `${count}`
    return { severity: 'ok', says: `keys of clients: ${who}` }
  },
}

const makeKey = 'export HADAL_API_KEYS=$(openssl rand -hex 32)'

const guard: Check = {
  id: 'service-guard',
  group: 'service',
  title: 'Guard',
  reads: ['service-config'],
  source: 'docs/guard.md',
  verdict(capture): Verdict {
    const settings = settingsFor(capture, 'what the guard does')
    if (isVerdict(settings)) return settings
    const preset = settings.text('guard')
    if (preset === undefined) return notRead(capture, 'service-config', 'what the guard does')
    const name = preset.split(/[, ]/)[0]
    if (name === 'off')
      return {
        severity: 'warning',
        says: 'the guard is off: prompt attacks, secrets and personal data pass',
        fix: { text: 'Switch it on, or let it only watch first.', command: 'hadal serve --guard watch' },
      }
    if (name === 'watch')
      return {
        severity: 'note',
        says: 'the guard only watches: it counts attacks and stops none',
        fix: { text: 'Once what it would stop is right, let it.', command: 'hadal serve --guard default' },
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
    const settings = settingsFor(capture, 'how many threads compute')
    if (isVerdict(settings)) return settings
    const threads = settings.number('threads')
    const allowed = allowedProcessors(capture)
    if (threads === undefined) return { severity: 'ok', says: 'as many as there are cores' }
    if (allowed === undefined) return notRead(capture, 'node', 'the number of processors')
    const cores = factsOf(capture, 'node').number('physicalCores')
    if (threads > allowed)
      return {
        severity: 'warning',
        says: `threads is ${threads}, and this process may use ${allowed} processors: each step waits for threads that wait their turn`,
        fix: {
          text: 'Leave it out: the engine counts cores and quota itself.',
          command: `hadal serve --threads ${cores === undefined ? allowed : Math.min(cores, allowed)}`,
        },
      }
    if (cores !== undefined && threads > cores)
      return {
        severity: 'note',
        says: `threads is ${threads} on ${cores} cores: two threads of one core share its arithmetic, and are rarely faster than one`,
        fix: { text: 'Measure both.', command: `hadal bench serve --threads ${cores}` },
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
    const settings = settingsFor(capture, 'whether memory is locked')
    if (isVerdict(settings)) return settings
    if (settings.flag('lockMemory') !== true) return { severity: 'skipped', says: 'lockMemory is off' }
    const limit = readLimits(textOf(capture, 'proc-limits') ?? '').get('Max locked memory')
    if (limit === undefined) return notRead(capture, 'proc-limits', 'how much memory may be locked')
    const wanted = factsOf(capture, 'service-models')
      .list('models')
      .reduce((sum, model) => sum + (model.number('bytes') ?? 0), 0)
    return limit >= wanted
      ? { severity: 'ok', says: 'the limit is large enough' }
      : {
          severity: 'error',
          says: `lockMemory is on, and ${Math.floor(limit / 2 ** 20)} MiB may be locked where weights take ${Math.ceil(wanted / 2 ** 20)}: the service does not start`,
          fix: {
            text: 'Raise the limit: LimitMEMLOCK of a systemd unit, --ulimit memlock of docker.',
            command: 'ulimit -l unlimited',
          },
        }
  },
}

export const settingsChecks: readonly Check[] = [config, keys, guard, threads, lockedMemory]
