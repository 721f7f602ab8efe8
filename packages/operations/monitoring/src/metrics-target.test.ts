import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { recordingTerminal } from '../../../apps/cli/test/recording-terminal.ts'
import { fetchMetrics, metricsUrl, readableFile } from './metrics-target.ts'

describe('the URL of metrics', () => {
  it.each([
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080/metrics'],
    ['http://127.0.0.1:8080/', 'http://127.0.0.1:8080/metrics'],
    ['http://127.0.0.1:8080/v1', 'http://127.0.0.1:8080/metrics'],
    ['http://127.0.0.1:9400/metrics', 'http://127.0.0.1:9400/metrics'],
    ['https://host/under/v1/', 'https://host/under/metrics'],
  ])('of %s is %s', (given, expected) => expect(metricsUrl(given, 'hadal monitor up')).toBe(expected))

  it('is http or https, without a password', () => {
    for (const given of ['127.0.0.1:8080', 'ftp://host', 'http://', 'http://user:pass@host'])
      expect(() => metricsUrl(given, 'hadal monitor up')).toThrow(expect.objectContaining({ code: 'usage' }))
  })
})

it('metrics are read with a key where they need one, and what is none is refused', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hadal-key-'))
  const keyFile = join(folder, 'key')
  writeFileSync(keyFile, 'an-admin-key\n')
  const server = createServer((request, response) => {
    const isAllowed = request.headers.authorization === 'Bearer an-admin-key'
    if (request.url === '/page') response.end('<html></html>')
    else if (isAllowed) response.end('# TYPE up gauge\nup 1\n')
    else response.writeHead(401).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  try {
    expect(await fetchMetrics(`${url}/metrics`, keyFile)).toContain('up 1')
    await expect(fetchMetrics(`${url}/metrics`, undefined)).rejects.toMatchObject({
      code: 'monitor_metrics_refused',
      message: `${url}/metrics returned status 401`,
      help: expect.stringContaining('--key-file'),
    })
    await expect(fetchMetrics(`${url}/page`, undefined)).rejects.toMatchObject({
      code: 'monitor_metrics_refused',
      message: `${url}/page returned something other than metrics`,
    })
  } finally {
    server.close()
    rmSync(folder, { recursive: true })
  }
})

it('a file with a key must be readable', () => {
  const terminal = recordingTerminal({ folder: '/nowhere' })
  expect(readableFile(undefined, terminal)).toBeUndefined()
  expect(() => readableFile('key', terminal)).toThrow(
    expect.objectContaining({
      code: 'monitor_key_file_unreadable',
      message: expect.stringContaining('/nowhere/key'),
    }),
  )
})
