/** Checks of the service's listen addresses: ports and certificate. */

import type { Check, Verdict } from '../check.ts'
import { type Facts, factsOf, notRead } from '../facts.ts'
import { shellWord } from '../shell-word.ts'
import { isVerdict, settingsFor } from './settings-for.ts'

const ports: Check = {
  id: 'service-ports',
  group: 'service',
  title: 'Ports',
  reads: ['service-config', 'service-ports'],
  verdict(capture) {
    const settings = settingsFor(capture, 'port availability')
    if (isVerdict(settings)) return settings
    const ports = factsOf(capture, 'service-ports').list('ports')
    if (ports.length === 0) return notRead(capture, 'service-ports', 'port availability')
    return ports.map(portOf)
  },
}

/** `state` is one of free, hadal, taken, forbidden, no-address. */
function portOf(port: Facts): Verdict {
  const at = `${port.text('host') ?? ''}:${port.number('port') ?? ''}`
  const holder = port.text('holder')
  const number = port.number('port') ?? 0
  switch (port.text('state')) {
    case 'free':
      return { severity: 'ok', says: number === 0 ? 'any free port' : `${at} is free` }
    case 'hadal':
      return {
        severity: 'ok',
        says: `a Hadal server responds at ${at}${holder === undefined ? '' : ` (${holder})`}`,
      }
    case 'taken':
      return {
        severity: 'error',
        says: `${at} is in use${holder === undefined ? '' : ` by ${holder}`}, not by a Hadal server`,
        fix: {
          text: 'Stop that process, or use another port.',
          command: `hadal serve --port ${number < 65_535 ? number + 1 : 0}`,
        },
      }
    case 'forbidden':
      return {
        severity: 'error',
        says: `this user cannot listen on ${at}: ports below 1024 require root`,
        fix: {
          text: 'Use a port of 1024 or higher behind a proxy or a Service.',
          command: 'hadal serve --port 8080',
        },
      }
    case 'no-address':
      return {
        severity: 'error',
        says: `this machine has no address ${port.text('host') ?? ''}`,
        fix: {
          text: 'Listen on an address of this machine, or on all of them.',
          command: 'ip -brief address',
        },
      }
    default:
      return {
        severity: 'unknown',
        says: `${at}: ${port.text('detail') ?? 'it could not be tested'}`,
        fix: { text: 'Check which process listens.', command: `ss -ltnp 'sport = :${number}'` },
      }
  }
}

const day = 86_400_000
const soonDays = 14

const tls: Check = {
  id: 'service-tls',
  group: 'service',
  title: 'Certificate',
  reads: ['service-config', 'service-tls'],
  source: 'docs/security.md',
  verdict(capture, { takenAt }) {
    const settings = settingsFor(capture, 'the certificate')
    if (isVerdict(settings)) return settings
    const said = factsOf(capture, 'service-tls')
    if (!said.isThere)
      return settings.flag('hasTls') === false
        ? { severity: 'skipped', says: 'the service uses plain HTTP' }
        : notRead(capture, 'service-tls', 'the certificate')
    const file = said.text('file') ?? 'the certificate'
    const issue = said.text('fault')
    if (issue !== undefined)
      return {
        severity: 'error',
        says: `${file}: ${issue}`,
        fix: {
          text: 'Install a PEM certificate and its key there.',
          command: `openssl x509 -in ${shellWord(file)} -noout -text`,
        },
      }
    const until = said.number('notAfter')
    const from = said.number('notBefore')
    if (until === undefined || from === undefined)
      return notRead(capture, 'service-tls', 'the validity of the certificate')
    const found: Verdict[] = []
    const renew = {
      text: 'Renew it. The service reloads the new file automatically.',
      command: 'certbot renew',
    }
    const days = Math.floor((until - takenAt) / day)
    if (until < takenAt)
      found.push({ severity: 'error', says: `${file} expired on ${dayOf(until)}`, fix: renew })
    else if (from > takenAt)
      found.push({
        severity: 'error',
        says: `${file} is not valid before ${dayOf(from)}`,
        fix: { text: 'Check the clock, or wait until then.', command: 'date' },
      })
    else if (days < soonDays)
      found.push({
        severity: 'warning',
        says: `${file} expires in ${days === 1 ? 'a day' : `${days} days`}, on ${dayOf(until)}`,
        fix: renew,
      })
    if (said.flag('isPair') === false)
      found.push({
        severity: 'error',
        says: `${said.text('keyFile') ?? 'the key'} is not the key of ${file}`,
        fix: {
          text: 'Use the private key that the certificate was requested with.',
          command: `openssl x509 -in ${shellWord(file)} -noout -pubkey`,
        },
      })
    const mode = said.number('keyMode')
    if (mode !== undefined && (mode & 0o077) !== 0)
      found.push({
        severity: 'warning',
        says: `other users can read the key ${said.text('keyFile') ?? ''} (mode ${mode.toString(8)})`,
        fix: {
          text: 'Restrict it to its owner.',
          command: `chmod 600 ${shellWord(said.text('keyFile') ?? '')}`,
        },
      })
    return found.length > 0 ? found : { severity: 'ok', says: `${file} is valid until ${dayOf(until)}` }
  },
}

const dayOf = (millis: number): string =>
  Math.abs(millis) < 8.64e15 ? new Date(millis).toISOString().slice(0, 10) : 'an invalid date'

export const listenChecks: readonly Check[] = [ports, tls]
