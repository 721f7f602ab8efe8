/** The console at /: served as built, under a strict CSP, and no other files. */

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { serve } from './serving.ts'

const page = `<!doctype html><title>Hadal</title>${'<p>deep</p>'.repeat(100)}`
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hadal-page-'))
  mkdirSync(join(folder, 'app/assets'), { recursive: true })
  writeFileSync(join(folder, 'secret.txt'), 'not for you')
  writeFileSync(join(folder, 'app/index.html'), page)
  writeFileSync(join(folder, 'app/icon.svg'), '<svg/>')
  writeFileSync(join(folder, 'app/assets/index-abc.js'), 'export {}')
  symlinkSync(join(folder, 'secret.txt'), join(folder, 'app/assets/link.js'))
})
afterEach(() => rmSync(folder, { recursive: true }))
const served = (more = {}) => serve({}, { consoleFolder: join(folder, 'app'), ...more }).server

describe('the console', () => {
  it('is the page at /, under a policy that lets in nothing else', async () => {
    const answer = await served().inject('/')
    expect(answer.body).toBe(page)
    expect(answer.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    })
    const policy = String(answer.headers['content-security-policy'])
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).not.toMatch(/unsafe|\*|https?:/)
  })

  it('is packed for those who can unpack, and not sent twice', async () => {
    const server = served()
    const packed = await server.inject({ url: '/', headers: { 'accept-encoding': 'br, gzip' } })
    expect(packed.headers['content-encoding']).toBe('gzip')
    expect(gunzipSync(packed.rawPayload).toString()).toBe(page)
    const etag = String(packed.headers.etag)
    const again = await server.inject({ url: '/', headers: { 'if-none-match': etag } })
    expect(again.statusCode).toBe(304)
    expect(again.body).toBe('')
    const plain = await server.inject({ url: '/', headers: { 'accept-encoding': 'gzip;q=0' } })
    expect(plain.headers['content-encoding']).toBeUndefined()
  })

  it('has files whose names change with what is in them, for a year', async () => {
    const answer = await served().inject('/assets/index-abc.js')
    expect(answer.headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
    })
  })

  it('asks for no key; what the page asks for does', async () => {
    const server = served({ apiKeys: ['a-key'], adminKeys: ['an-admin-key'] })
    expect((await server.inject('/')).statusCode).toBe(200)
    expect((await server.inject('/assets/index-abc.js')).statusCode).toBe(200)
    expect((await server.inject('/v1/models')).statusCode).toBe(401)
    const console = (key: string) =>
      server.inject({ url: '/hadal/console', headers: { authorization: `Bearer ${key}` } })
    expect((await console('a-key')).json().error.code).toBe('admin_key_needed')
    expect((await console('an-admin-key')).json()).toMatchObject({ operations: [] })
  })

  it('is not there where it is not wanted, or was not built', async () => {
    expect((await serve().server.inject('/')).json().error.code).toBe('route_not_found')
    expect((await served({ consoleFolder: join(folder, 'none') }).inject('/')).statusCode).toBe(404)
  })

  it('never serves any other file, whatever the path', async () => {
    const server = served()
    const part = fc.oneof(
      fc.constantFrom('..', '%2e%2e', '.', '%2f', '\\', 'secret.txt', 'link.js', 'index.html', 'app', '//'),
      fc.string(),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 6 }), async (parts) => {
        const url = `/assets/${parts.join('/')}`
        const answer = await server.inject({ url: encodeURI(url) })
        // Clients that normalize `..` may reach an existing page.
        if (answer.statusCode === 200) expect([page, '<svg/>', 'export {}']).toContain(answer.body)
        else expect(answer.statusCode).toBe(404)
        expect(answer.body).not.toContain('not for you')
      }),
      { numRuns: 300 },
    )
  })
})
