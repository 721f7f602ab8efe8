/**
 * GET / and its assets: the console, a folder of prebuilt files. They are read once and kept in memory, so request paths never reach the
 * file system.
 */

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { routeNotFound } from '../errors.ts'

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.woff2': 'font/woff2',
}

/** Allows only same-origin content and script files; no forms, no frames. https://www.w3.org/TR/CSP3/ */
export const contentSecurityPolicy: string = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ')

interface ConsoleFile {
  readonly type: string
  readonly bytes: Buffer
  readonly packed: Buffer | undefined
  readonly etag: string
  /** The file name contains a content hash. */
  readonly isFixed: boolean
}

/** Registers no routes if the folder has no page. */
export function consoleRoutes(app: FastifyInstance, folder: string): void {
  const files = filesOf(folder)
  if (!files.has('/')) return
  const config = { isPage: true }
  for (const route of ['/', '/icon.svg', '/assets/*'])
    app.get(route, { config }, async (request, reply) => {
      const file = files.get(request.url.split('?', 1)[0]!)
      if (file === undefined) throw routeNotFound(request.method, request.url)
      return answer(file, request, reply)
    })
}

function answer(file: ConsoleFile, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  reply.headers({
    'content-security-policy': contentSecurityPolicy,
    'cross-origin-opener-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'permissions-policy': 'camera=(), geolocation=(), microphone=()',
    'cache-control': file.isFixed ? 'public, max-age=31536000, immutable' : 'no-cache',
    etag: file.etag,
    vary: 'Accept-Encoding',
  })
  if (request.headers['if-none-match'] === file.etag) return reply.code(304).send()
  reply.type(file.type)
  const takesPacked = /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/.test(
    String(request.headers['accept-encoding'] ?? ''),
  )
  if (file.packed === undefined || !takesPacked) return reply.send(file.bytes)
  return reply.header('content-encoding', 'gzip').send(file.packed)
}

/** Files by request path. A missing folder yields none. */
function filesOf(folder: string): Map<string, ConsoleFile> {
  const files = new Map<string, ConsoleFile>()
  for (const entry of readNames(folder)) {
    const bytes = readFileSync(join(folder, entry))
    const packed = gzipSync(bytes, { level: 9 })
    const path = entry === 'index.html' ? '/' : `/${entry}`
    files.set(path, {
      type: contentTypes[extname(entry)] ?? 'application/octet-stream',
      bytes,
      packed: packed.length < bytes.length ? packed : undefined,
      etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 27)}"`,
      isFixed: entry.startsWith('assets/'),
    })
  }
  return files
}

function readNames(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) =>
        join(entry.parentPath, entry.name).slice(join(folder, '/').length).replaceAll('\\', '/'),
      )
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
