import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { createLogger, systemClock } from '@hadal/base'
import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest'
import { eventually } from '../../../../kernel/base/test/eventually.ts'
import { readTls, watchTls } from './tls-files.ts'

const fixture = (name: string): string =>
  fileURLToPath(new URL(`../../test/tls/${name}.pem`, import.meta.url))

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hadal-tls-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function files(name = 'one') {
  const paths = { cert: join(folder, 'tls.crt'), key: join(folder, 'tls.key') }
  copyFileSync(fixture(`${name}.cert`), paths.cert)
  copyFileSync(fixture(`${name}.key`), paths.key)
  return paths
}

it('says which file is of no use', () => {
  const good = files()
  expect(readTls(good)).toMatchObject({ minVersion: 'TLSv1.2' })
  const fails = (change: Partial<typeof good>, path: string) =>
    expect(() => readTls({ ...good, ...change })).toThrow(
      expect.objectContaining({ code: 'tls_unusable', message: expect.stringContaining(path) }),
    )
  fails({ cert: 'gone.pem' }, 'gone.pem')
  fails({ key: 'gone.pem' }, 'gone.pem')
  fails({ cert: good.key }, good.key)
  fails({ key: fixture('two.key') }, fixture('two.key'))
})

it('a new certificate is for new connections, and a bad one for none; old ones go on', async () => {
  const paths = files()
  const lines: string[] = []
  const server = createServer(readTls(paths), (_, response) => void response.end())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const watching = watchTls({
    files: paths,
    servers: () => [server],
    logger: createLogger((level, message) => lines.push(`${level} ${message}`)),
    clock: systemClock,
    pollMillis: 20,
  })
  onTestFinished(() => {
    watching[Symbol.dispose]()
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const open = async () => {
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false })
    await new Promise((resolve) => socket.once('secureConnect', resolve))
    return socket
  }
  const name = async (): Promise<string> => {
    const socket = await open()
    const { subject } = socket.getPeerCertificate()
    socket.destroy()
    return subject.CN as unknown as string
  }
  const old = await open()
  expect(await name()).toBe('one')
  copyFileSync(fixture('two.cert'), paths.cert)
  copyFileSync(fixture('two.key'), paths.key)
  await eventually(async () => expect(await name()).toBe('two'))
  expect(old.destroyed).toBe(false)
  old.destroy()
  writeFileSync(paths.key, 'spoilt')
  await eventually(() => expect(lines).toContain('error the new certificate is not used, the old one stays'))
  expect(await name()).toBe('two')
})

it('warns of a certificate that is no longer valid', () => {
  const lines: string[] = []
  const watching = watchTls({
    files: files('expired'),
    servers: () => [],
    logger: createLogger((_, message) => lines.push(message)),
    clock: systemClock,
  })
  watching[Symbol.dispose]()
  expect(lines).toEqual([expect.stringMatching(/^the certificate expired on Jan +2 .*2020/)])
})
