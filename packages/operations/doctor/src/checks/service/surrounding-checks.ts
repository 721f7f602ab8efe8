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
    const issue = said.text('fault')
    if (issue === undefined)
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
      says: `${place}: ${issue}`,
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
      const issue = upstream.text('fault')
      if (upstream.flag('isDiscovered') === true)
        return { severity: 'skipped', says: `${about}: its replicas are found while the service runs` }
      if (status === undefined)
        return {
          severity: 'error',
          says: `${about}: ${issue ?? 'no answer'}`,
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

export const surroundingChecks: readonly Check[] = [folders, database, upstreams]
