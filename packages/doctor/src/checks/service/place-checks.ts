/** Where the service stands: its ports, its certificate, its folders, its database, and the servers it asks. */

import type { Check, Verdict } from '../check.ts'
import { type Facts, factsOf, notRead } from '../facts.ts'
import { shellWord } from '../shell-word.ts'
import { isVerdict, settingsFor } from './settings-checks.ts'

const ports: Check = {
  id: 'service-ports',
  group: 'service',
  title: 'Ports',
  reads: ['service-config', 'service-ports'],
  verdict(capture) {
    const settings = settingsFor(capture, 'whether ports are free')
    if (isVerdict(settings)) return settings
    const ports = factsOf(capture, 'service-ports').list('ports')
    if (ports.length === 0) return notRead(capture, 'service-ports', 'whether ports are free')
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
        says: `a Hadal server answers at ${at}${holder === undefined ? '' : ` (${holder})`}`,
      }
    case 'taken':
      return {
        severity: 'error',
        says: `${at} is taken${holder === undefined ? '' : ` by ${holder}`}, and what answers is no Hadal server`,
        fix: {
          text: 'End what holds it, or use another port.',
          command: `hadal serve --port ${number < 65_535 ? number + 1 : 0}`,
        },
      }
    case 'forbidden':
      return {
        severity: 'error',
        says: `this user may not listen on ${at}: ports below 1024 are for root`,
        fix: {
          text: 'Use a port from 1024 on, behind a proxy or a Service.',
          command: 'hadal serve --port 8080',
        },
      }
    case 'no-address':
      return {
        severity: 'error',
        says: `this machine has no address ${port.text('host') ?? ''}`,
        fix: { text: 'Listen on one that it has, or on all of them.', command: 'ip -brief address' },
      }
    default:
      return {
        severity: 'unknown',
        says: `${at}: ${port.text('detail') ?? 'it could not be tried'}`,
        fix: { text: 'Look who listens.', command: `ss -ltnp 'sport = :${number}'` },
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
        ? { severity: 'skipped', says: 'the service speaks plain HTTP' }
        : notRead(capture, 'service-tls', 'the certificate')
    const file = said.text('file') ?? 'the certificate'
    const fault = said.text('fault')
    if (fault !== undefined)
      return {
        severity: 'error',
        says: `${file}: ${fault}`,
        fix: {
          text: 'Put a certificate and its key there, as PEM.',
          command: `openssl x509 -in ${shellWord(file)} -noout -text`,
        },
      }
    const until = said.number('notAfter')
    const from = said.number('notBefore')
    if (until === undefined || from === undefined)
      return notRead(capture, 'service-tls', 'how long the certificate holds')
    const found: Verdict[] = []
    const renew = { text: 'Renew it; the service reads the new file by itself.', command: 'certbot renew' }
    const days = Math.floor((until - takenAt) / day)
    if (until < takenAt)
      found.push({ severity: 'error', says: `${file} expired on ${dayOf(until)}`, fix: renew })
    else if (from > takenAt)
      found.push({
        severity: 'error',
        says: `${file} holds from ${dayOf(from)} on only`,
        fix: { text: 'Wait, or set the clock.', command: 'date' },
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
          text: 'Use the key that the certificate was asked for with.',
          command: `openssl x509 -in ${shellWord(file)} -noout -pubkey`,
        },
      })
    const mode = said.number('keyMode')
    if (mode !== undefined && (mode & 0o077) !== 0)
      found.push({
        severity: 'warning',
        says: `other users can read the key ${said.text('keyFile') ?? ''} (mode ${mode.toString(8)})`,
        fix: {
          text: 'Let its owner alone read it.',
          command: `chmod 600 ${shellWord(said.text('keyFile') ?? '')}`,
        },
      })
    return found.length > 0 ? found : { severity: 'ok', says: `${file} holds until ${dayOf(until)}` }
  },
}

const dayOf = (millis: number): string =>
  Math.abs(millis) < 8.64e15 ? new Date(millis).toISOString().slice(0, 10) : 'a day beyond all calendars'

const folders: Check = {
  id: 'service-folders',
  group: 'service',
  title: 'Folders',
  reads: ['service-config', 'service-folders'],
  verdict(capture) {
    const settings = settingsFor(capture, 'the folders of the service')
    if (isVerdict(settings)) return settings
    const said = factsOf(capture, 'service-folders')
    if (!said.isThere) return notRead(capture, 'service-folders', 'the folders of the service')
    const folders = said.list('folders')
    if (folders.length === 0) return { severity: 'skipped', says: 'the service keeps nothing in folders' }
    return folders.map((folder): Verdict => {
      const about = `${folder.text('setting') ?? 'a folder'} ${folder.text('path') ?? ''}`
      return folder.flag('isWritable') === true
        ? { severity: 'ok', says: `${about}: can be written` }
        : {
            severity: 'error',
            says: `${about}: ${folder.text('fault') ?? 'this user may not write there'}`,
            fix: {
              text: 'Make it, and give it to the user of the service.',
              command: `mkdir -p ${shellWord(folder.text('path') ?? '')}`,
            },
          }
    })
  },
}

const database: Check = {
  id: 'service-database',
  group: 'service',
  title: 'Database of keys',
  reads: ['service-config', 'service-database'],
  source: 'docs/keys.md',
  verdict(capture): Verdict {
    const settings = settingsFor(capture, 'the database')
    if (isVerdict(settings)) return settings
    if (settings.flag('hasDatabase') === false)
      return { severity: 'skipped', says: 'no database: nobody is counted' }
    const said = factsOf(capture, 'service-database')
    const place = said.text('place')
    if (place === undefined) return notRead(capture, 'service-database', 'the database')
    const fault = said.text('fault')
    if (fault === undefined)
      return said.flag('isThere') === false
        ? {
            severity: 'note',
            says: `${place} is not there yet: the service makes it`,
            fix: { text: 'Make a first key.', command: 'hadal keys create --name NAME' },
          }
        : {
            severity: 'ok',
            says: `${place} ${said.text('kind') === 'postgres' ? 'answers' : 'can be read and written'}`,
          }
    return {
      severity: 'error',
      says: `${place}: ${fault}`,
      fix:
        said.text('kind') === 'postgres'
          ? {
              text: 'See that it runs and that the network lets it be reached.',
              command: 'pg_isready -h HOST',
            }
          : {
              text: 'Give the file and its folder to the user of the service.',
              command: `ls -l ${shellWord(place)}`,
            },
    }
  },
}

const upstreams: Check = {
  id: 'service-upstreams',
  group: 'service',
  title: 'Upstreams',
  reads: ['service-config', 'service-upstreams'],
  source: 'docs/gateway.md',
  verdict(capture) {
    const settings = settingsFor(capture, 'whether upstreams answer')
    if (isVerdict(settings)) return settings
    const said = factsOf(capture, 'service-upstreams')
    if (!said.isThere) return notRead(capture, 'service-upstreams', 'whether upstreams answer')
    const all = said.list('upstreams')
    if (all.length === 0) return { severity: 'skipped', says: 'no model lives in another server' }
    return all.map((upstream): Verdict => {
      const about = `${upstream.text('model') ?? 'a model'} at ${upstream.text('url') ?? 'an upstream'}`
      const status = upstream.number('status')
      const fault = upstream.text('fault')
      if (upstream.flag('isDiscovered') === true)
        return { severity: 'skipped', says: `${about}: its replicas are found while the service runs` }
      if (status === undefined)
        return {
          severity: 'error',
          says: `${about}: ${fault ?? 'no answer'}`,
          fix: {
            text: 'See that it runs, and that the address is right.',
            command: `curl -i ${shellWord(`${upstream.text('url') ?? ''}/models`)}`,
          },
        }
      if (status === 401 || status === 403)
        return {
          severity: 'error',
          says: `${about}: it refuses the key (HTTP ${status})`,
          fix: { text: 'Set the key of the upstream in its `apiKey`.', command: 'hadal config' },
        }
      if (status >= 500)
        return {
          severity: 'error',
          says: `${about}: HTTP ${status}`,
          fix: {
            text: 'Read its log.',
            command: `curl -i ${shellWord(`${upstream.text('url') ?? ''}/models`)}`,
          },
        }
      if (status !== 200)
        return {
          severity: 'warning',
          says: `${about}: HTTP ${status} to GET /models`,
          fix: {
            text: 'See that the base URL is right; most end in /v1.',
            command: `curl -i ${shellWord(`${upstream.text('url') ?? ''}/models`)}`,
          },
        }
      return { severity: 'ok', says: `${about} answers` }
    })
  },
}

export const placeChecks: readonly Check[] = [ports, tls, folders, database, upstreams]
