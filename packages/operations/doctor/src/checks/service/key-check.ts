/** Checks the service's keys: whether required ones are set, and whether they are strong. Never sees the keys. */

import type { Check, Verdict } from '../check.ts'
import { factsOf, notRead } from '../facts.ts'
import { shellWord } from '../shell-word.ts'
import { isVerdict, settingsFor } from './settings-for.ts'

export const keyCheck: Check = {
  id: 'service-keys',
  group: 'service',
  title: 'Keys',
  reads: ['service-config', 'service-keys'],
  source: 'docs/security.md',
  verdict(capture) {
    const settings = settingsFor(capture, 'access control')
    if (isVerdict(settings)) return settings
    const said = factsOf(capture, 'service-keys')
    const count = said.number('apiKeys')
    if (count === undefined) return notRead(capture, 'service-keys', 'access control')
    const found: Verdict[] = []
    const host = settings.text('host') ?? ''
    if (count === 0 && said.flag('hasDatabase') !== true && said.flag('isOpen') === true)
      found.push(
        said.flag('allowKeyless') === true
          ? {
              severity: 'warning',
              says: `anyone who can reach ${host} can use the models: no key is required (allowKeyless)`,
              fix: {
                text: 'Acceptable only if the network restricts access to the port. Otherwise, set keys.',
                command: makeKey,
              },
            }
          : {
              severity: 'error',
              says: `${host} is reachable from other machines, but no keys are set: the service does not start`,
              fix: { text: 'Set keys, or listen on 127.0.0.1.', command: makeKey },
            },
      )
    for (const weak of said.list('weak'))
      found.push({
        severity: 'error',
        says: `${weak.text('which') ?? 'a key'} is weak: ${weak.text('why') ?? 'it can be guessed'}`,
        fix: { text: 'Use a random key.', command: makeKey },
      })
    for (const twice of said.texts('duplicates'))
      found.push({
        severity: 'warning',
        says: `${twice}: its clients cannot be distinguished`,
        fix: { text: 'Give each client its own key.', command: 'hadal keys create --name NAME' },
      })
    for (const which of said.texts('inBoth'))
      found.push({
        severity: 'error',
        says: `${which}: every client with it is an administrator`,
        fix: { text: 'Use another key for administrators.', command: makeKey },
      })
    const inFile = said.texts('inFile')
    if (inFile.length > 0) {
      const file = settings.text('file') ?? 'the config file'
      const mode = said.number('fileMode')
      const isReadable = mode !== undefined && (mode & 0o044) !== 0
      found.push({
        severity: isReadable ? 'error' : 'warning',
        says: `${inFile.join(', ')} ${inFile.length === 1 ? 'is' : 'are'} in plain text in ${file}${isReadable ? `, which other users can read (mode ${mode.toString(8)})` : ''}`,
        fix: {
          text: 'Keep keys out of files that are committed. Read them from variables that a secret sets.',
          command: isReadable ? `chmod 600 ${shellWord(file)}` : 'export HADAL_API_KEYS=...',
        },
      })
    }
    if (found.length > 0) return found
    const who = said.flag('hasDatabase')
      ? 'those in the database'
      : count === 0
        ? 'none; the service is reachable only from this machine'
        : count === 1
          ? 'one'
          : `${count}`
    return { severity: 'ok', says: `client keys: ${who}` }
  },
}

const makeKey = 'export HADAL_API_KEYS=$(openssl rand -hex 32)'
