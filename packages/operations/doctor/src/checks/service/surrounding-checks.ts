/** Checks of the service's dependencies besides its models: folders, the key database, upstream servers. */

import type { Check, Verdict } from '../check.ts'
import { factsOf, notRead } from '../facts.ts'
import { shellWord } from '../shell-word.ts'
import { isVerdict, settingsFor } from './settings-for.ts'

const folders: Check = {
  id: 'service-folders',
  group: 'service',
  title: 'Folders',
  reads: ['service-config', 'service-folders'],
  verdict(capture) {
    const settings = settingsFor(capture, 'the service folders')
    if (isVerdict(settings)) return settings
    const said = factsOf(capture, 'service-folders')
    if (!said.isThere) return notRead(capture, 'service-folders', 'the service folders')
    const folders = said.list('folders')
    if (folders.length === 0) return { severity: 'skipped', says: 'the service uses no folders' }
    return folders.map((folder): Verdict => {
      const about = `${folder.text('setting') ?? 'a folder'} ${folder.text('path') ?? ''}`
      return folder.flag('isWritable') === true
        ? { severity: 'ok', says: `${about}: writable` }
        : {
            severity: 'error',
            says: `${about}: ${folder.text('fault') ?? 'it is not writable by this user'}`,
            fix: {
              text: 'Create it, and make the service user its owner.',
              command: `mkdir -p ${shellWord(folder.text('path') ?? '')}`,
            },
          }
    })
  },
}

const database: Check = {
  id: 'service-database',
  group: 'service',
  title: 'Key database',
  reads: ['service-config', 'service-database'],
  source: 'docs/keys.md',
  verdict(capture): Verdict {
    const settings = settingsFor(capture, 'the database')
    if (isVerdict(settings)) return settings
    if (settings.flag('hasDatabase') === false)
      return { severity: 'skipped', says: 'no database: usage is not recorded' }
    const said = factsOf(capture, 'service-database')
    const place = said.text('place')
    if (place === undefined) return notRead(capture, 'service-database', 'the database')
    const issue = said.text('fault')
    if (issue === undefined)
      return said.flag('isThere') === false
        ? {
            severity: 'note',
            says: `${place} does not exist yet: the service creates it`,
            fix: { text: 'Create the first key.', command: 'hadal keys create --name NAME' },
          }
        : {
            severity: 'ok',
            says: `${place} ${said.text('kind') === 'postgres' ? 'answers' : 'can be read and written'}`,
          }
    return {
      severity: 'error',
      says: `${place}: ${issue}`,
      fix:
        said.text('kind') === 'postgres'
          ? {
              text: 'Check that it runs and is reachable over the network.',
              command: 'pg_isready -h HOST',
            }
          : {
              text: 'Make the service user the owner of the file and its folder.',
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
    const settings = settingsFor(capture, 'the upstreams')
    if (isVerdict(settings)) return settings
    const said = factsOf(capture, 'service-upstreams')
    if (!said.isThere) return notRead(capture, 'service-upstreams', 'the upstreams')
    const all = said.list('upstreams')
    if (all.length === 0) return { severity: 'skipped', says: 'no model uses an upstream' }
    return all.map((upstream): Verdict => {
      const about = `${upstream.text('model') ?? 'a model'} at ${upstream.text('url') ?? 'an upstream'}`
      const status = upstream.number('status')
      const issue = upstream.text('fault')
      if (upstream.flag('isDiscovered') === true)
        return { severity: 'skipped', says: `${about}: its replicas are discovered at run time` }
      if (status === undefined)
        return {
          severity: 'error',
          says: `${about}: ${issue ?? 'no answer'}`,
          fix: {
            text: 'Check that it runs and that the address is correct.',
            command: `curl -i ${shellWord(`${upstream.text('url') ?? ''}/models`)}`,
          },
        }
      if (status === 401 || status === 403)
        return {
          severity: 'error',
          says: `${about}: it rejects the key (HTTP ${status})`,
          fix: { text: 'Set the key of the upstream in its `apiKey`.', command: 'hadal config' },
        }
      if (status >= 500)
        return {
          severity: 'error',
          says: `${about}: HTTP ${status}`,
          fix: {
            text: 'Check its log.',
            command: `curl -i ${shellWord(`${upstream.text('url') ?? ''}/models`)}`,
          },
        }
      if (status !== 200)
        return {
          severity: 'warning',
          says: `${about}: HTTP ${status} to GET /models`,
          fix: {
            text: 'Check the base URL. Most end in /v1.',
            command: `curl -i ${shellWord(`${upstream.text('url') ?? ''}/models`)}`,
          },
        }
      return { severity: 'ok', says: `${about} responds` }
    })
  },
}

export const surroundingChecks: readonly Check[] = [folders, database, upstreams]
