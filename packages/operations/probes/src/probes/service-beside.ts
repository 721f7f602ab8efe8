/** The service's dependencies besides its models: folders, the key database, upstream servers. */

import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { connect } from 'node:net'
import { dirname, resolve } from 'node:path'
import { type RemoteEntry, redactText, type Service } from '@hadal/config'
import type { Terminal } from '@hadal/output'
import { askServer } from '../ask-server.ts'
import { fileSystemAnswers } from '../file-system-answers.ts'
import { readTextFile } from '../read-file.ts'

const answerMillis = 5_000

/** Folders that settings name. */
export async function probeFolders(
  { snapshotDir, journalDir, cacheDir }: Service,
  { folder }: Terminal,
): Promise<object> {
  const named = Object.entries({ snapshotDir, journalDir, cacheDir }).flatMap(([setting, path]) =>
    path === undefined ? [] : [{ setting, path: resolve(folder, path) }],
  )
  return {
    folders: await Promise.all(named.map(async (each) => ({ ...each, ...(await writable(each.path)) }))),
  }
}

/** The service creates missing folders, so their parent is checked. */
async function writable(path: string): Promise<{ isWritable: boolean; isThere: boolean; fault?: string }> {
  if (!(await fileSystemAnswers(path)))
    return { isWritable: false, isThere: false, fault: 'its file system does not respond' }
  const found = await stat(path).catch((thrown: NodeJS.ErrnoException) => thrown)
  if (found instanceof Error) {
    if (found.code !== 'ENOENT') return { isWritable: false, isThere: false, fault: found.message }
    const above = dirname(path)
    return above === path
      ? { isWritable: false, isThere: false }
      : { ...(await writable(above)), isThere: false }
  }
  if (!found.isDirectory()) return { isWritable: false, isThere: true, fault: 'it is a file, not a folder' }
  return access(path, constants.W_OK | constants.X_OK).then(
    () => ({ isWritable: true, isThere: true }),
    () => ({ isWritable: false, isThere: true, fault: 'it is not writable by this user' }),
  )
}

/** Only checks that it is reachable, without a login. Undefined when there is none. */
export async function probeDatabase(
  { database }: Service,
  { folder }: Terminal,
): Promise<object | undefined> {
  if (database === undefined) return undefined
  if (/^postgres(ql)?:/i.test(database)) {
    const place = redactText(database)
    if (!URL.canParse(database)) return { kind: 'postgres', place, fault: 'it must be a URL' }
    const { hostname, port, searchParams } = new URL(database)
    const host =
      hostname === '' ? (searchParams.get('host') ?? 'localhost') : hostname.replace(/^\[|\]$/g, '')
    const fault = await connectionError(host, Number(port === '' ? 5432 : port))
    return { kind: 'postgres', place, ...(fault !== undefined && { fault }) }
  }
  const path = resolve(folder, database)
  const { isWritable, fault } = await writable(dirname(path))
  const file = await stat(path).catch(() => undefined)
  const said = { kind: 'sqlite', place: database, isThere: file !== undefined }
  if (!isWritable) return { ...said, fault: `its folder: ${fault ?? 'it is not writable by this user'}` }
  if (file === undefined) return said
  if (!file.isFile()) return { ...said, fault: 'it must be a file' }
  const isOpen = await access(path, constants.R_OK | constants.W_OK).then(
    () => true,
    () => false,
  )
  if (!isOpen) return { ...said, fault: 'it is not readable and writable by this user' }
  const beginning = (await readTextFile(path, 16)).text ?? ''
  const isSqlite = file.size === 0 || beginning.startsWith('SQLite format 3\0')
  return isSqlite ? said : { ...said, fault: 'it is not a SQLite database' }
}

function connectionError(host: string, port: number): Promise<string | undefined> {
  return new Promise((done) => {
    const socket = connect(host.startsWith('/') ? { path: `${host}/.s.PGSQL.${port}` } : { host, port })
    const end = (fault?: string): void => {
      socket.destroy()
      done(fault)
    }
    socket.setTimeout(answerMillis, () => end(`no response within ${answerMillis / 1000} s`))
    socket.once('connect', () => end())
    socket.once('error', (error: NodeJS.ErrnoException) =>
      end(
        error.code === 'ECONNREFUSED'
          ? 'connection refused'
          : error.code === 'ENOTFOUND'
            ? 'the host name does not resolve'
            : error.message,
      ),
    )
  })
}

/** Requests each replica's models, as the gateway would. */
export async function probeUpstreams(
  { models }: Service,
  { env }: Terminal,
  signal: AbortSignal,
): Promise<object> {
  const remote = models.filter((entry): entry is RemoteEntry => 'upstream' in entry)
  const asked = remote.flatMap(({ id, upstream }): Promise<object>[] => {
    const key = upstream.apiKey ?? (upstream.apiKeyEnv === undefined ? undefined : env[upstream.apiKeyEnv])
    if (upstream.replicas === undefined)
      return [Promise.resolve({ model: id, url: 'servers found by discovery', isDiscovered: true })]
    return upstream.replicas.map(async (url) => {
      const reading = await askServer('/models', answerMillis, {
        base: new URL(url),
        key,
        ca: undefined,
        signal,
      })
      const status = 'failed' in reading ? /^HTTP (\d{3})$/.exec(reading.detail)?.[1] : '200'
      const fault = 'failed' in reading && status === undefined ? { fault: reading.detail } : {}
      return {
        model: id,
        url: redactText(url),
        ...(status !== undefined && { status: Number(status) }),
        ...fault,
      }
    })
  })
  return { upstreams: await Promise.all(asked) }
}
