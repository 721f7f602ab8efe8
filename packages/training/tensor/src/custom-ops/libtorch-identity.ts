/**
 * Identifies the loaded libtorch, distinguishing two builds of one version: a library compiled against another one may load and
 * then crash.
 */

import { closeSync, openSync, readFileSync, readSync, realpathSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { addonPath, native } from '../native.ts'

/** `libtorch 2.6.0 (build 3fa8…)`; without a build id the size and time of its file. */
export function libtorchIdentity(): string {
  const [version, path] = native().info()
  const file = realpathSync(path)
  const known = identities.get(file) ?? `libtorch ${version} (${buildOf(file)})`
  identities.set(file, known)
  return known
}

const identities = new Map<string, string>()

function buildOf(file: string): string {
  const id = buildId(file)
  if (id !== undefined) return `build ${id}`
  const { size, mtimeMs } = statSync(file)
  return `${size} bytes of ${new Date(mtimeMs).toISOString()}`
}

/** The GNU build id of a 64-bit little-endian ELF file, from its notes. */
export function buildId(file: string): string | undefined {
  const open = openSync(file, 'r')
  const read = (offset: number, length: number): Buffer => {
    const bytes = Buffer.alloc(length)
    return bytes.subarray(0, readSync(open, bytes, 0, length, offset))
  }
  try {
    const header = read(0, 64)
    if (header.length < 64 || header.readUInt32BE(0) !== 0x7f454c46 || header[4] !== 2 || header[5] !== 1)
      return undefined
    const offset = Number(header.readBigUInt64LE(32))
    const entrySize = header.readUInt16LE(54)
    const programs = read(offset, entrySize * header.readUInt16LE(56))
    for (let at = 0; at + 56 <= programs.length; at += entrySize) {
      if (programs.readUInt32LE(at) !== 4) continue
      const size = Number(programs.readBigUInt64LE(at + 32))
      const found = idIn(read(Number(programs.readBigUInt64LE(at + 8)), Math.min(size, 65536)))
      if (found !== undefined) return found
    }
    return undefined
  } finally {
    closeSync(open)
  }
}

function idIn(notes: Buffer): string | undefined {
  const padded = (size: number): number => Math.ceil(size / 4) * 4
  for (let at = 0; at + 12 <= notes.length; ) {
    const [nameSize, size, type] = [0, 4, 8].map((place) => notes.readUInt32LE(at + place)) as [
      number,
      number,
      number,
    ]
    const start = at + 12 + padded(nameSize)
    if (type === 3 && notes.toString('latin1', at + 12, at + 15) === 'GNU')
      return notes.toString('hex', start, start + size)
    at = start + padded(size)
  }
  return undefined
}

/** What the addon was compiled against, written alongside it by scripts/build-native.mjs. */
export interface BuiltAgainst {
  readonly lib: string
  readonly include: readonly string[]
  readonly system: boolean
  readonly cuda: boolean
  readonly newAbi: boolean
  readonly cppStandard: number
}

export function builtAgainst(): BuiltAgainst {
  const { libtorch } = JSON.parse(readFileSync(join(dirname(addonPath()), 'stamp.json'), 'utf8'))
  return libtorch as BuiltAgainst
}
