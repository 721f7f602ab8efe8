/** The service's listen addresses: current listeners, and its certificate. */

import { createPrivateKey, X509Certificate } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { resolve } from 'node:path'
import { messageOf } from '@hadal/base'
import type { Service } from '@hadal/config'
import type { Terminal } from '@hadal/output'
import { askServer } from '../ask-server.ts'
import { readTextFile } from '../read-file.ts'
import { holderOf } from './port-holder.ts'

const answerMillis = 5_000

export async function probePorts({ host, port, adminHost, adminPort }: Service): Promise<object> {
  const wanted = [{ host, port }, ...(adminPort === undefined ? [] : [{ host: adminHost, port: adminPort }])]
  return {
    ports: await Promise.all(
      wanted.map(async (place) => ({ ...place, ...(await tryPort(place.host, place.port)) })),
    ),
  }
}

/** Listens there for a moment. */
async function tryPort(host: string, port: number): Promise<object> {
  const address = host.replace(/^\[|\]$/g, '')
  const code = await new Promise<string | undefined>((done) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => done(error.code ?? error.message))
    server.listen({ host: address, port, exclusive: true }, () => server.close(() => done(undefined)))
  })
  if (code === undefined) return { state: 'free' }
  if (code === 'EACCES') return { state: 'forbidden' }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return { state: 'no-address' }
  if (code !== 'EADDRINUSE') return { state: 'unknown', detail: code }
  const holder = await holderOf(port)
  return {
    state: (await isHadal(address, port)) ? 'hadal' : 'taken',
    ...(holder !== undefined && { holder }),
  }
}

/** Its metrics bear our name. */
async function isHadal(address: string, port: number): Promise<boolean> {
  const reachable = address === '0.0.0.0' ? '127.0.0.1' : address === '::' ? '::1' : address
  const shown = reachable.includes(':') ? `[${reachable}]` : reachable
  for (const scheme of ['http', 'https']) {
    const base = new URL(`${scheme}://${shown}:${port}`)
    const asked = { base, key: undefined, ca: undefined }
    const said = await askServer('/metrics', answerMillis, asked)
    if (/^hadal_/m.test(said.text ?? '')) return true
  }
  return false
}

/** Undefined where the service speaks plain HTTP. */
export async function probeTls(
  { tlsCert, tlsKey }: Service,
  { folder }: Terminal,
): Promise<object | undefined> {
  if (tlsCert === undefined || tlsKey === undefined) return undefined
  const said = { file: tlsCert, keyFile: tlsKey }
  try {
    const certificate = new X509Certificate(await pemOf(resolve(folder, tlsCert)))
    const key = createPrivateKey(await pemOf(resolve(folder, tlsKey)))
    return {
      ...said,
      notBefore: Date.parse(certificate.validFrom),
      notAfter: Date.parse(certificate.validTo),
      isPair: certificate.checkPrivateKey(key),
      keyMode: (await stat(resolve(folder, tlsKey))).mode & 0o777,
    }
  } catch (thrown) {
    return { ...said, fault: messageOf(thrown).split('\n')[0] }
  }
}

async function pemOf(path: string): Promise<string> {
  const reading = await readTextFile(path)
  if ('failed' in reading) throw new Error(`${path}: ${reading.detail}`)
  return reading.text
}
