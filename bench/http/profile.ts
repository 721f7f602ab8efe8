/** Where a process spent its time, out of what `node --cpu-prof` wrote. */

import { readFileSync } from 'node:fs'

interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
  }[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

export interface ProfileShare {
  readonly name: string
  /** Of the time that was not idle, 0 to 1. */
  readonly share: number
}

export interface ProfileSummary {
  readonly byOwner: readonly ProfileShare[]
  readonly byFunction: readonly ProfileShare[]
}

/** Self time only: what a function calls counts for what it calls. */
export function summarizeProfile(file: string): ProfileSummary {
  const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(file, 'utf8')) as CpuProfile
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]))
  const [owners, functions] = [new Map<string, number>(), new Map<string, number>()]
  let total = 0
  for (const [at, node] of samples.entries()) {
    const { functionName, url, lineNumber } = frames.get(node)!
    if (functionName === '(idle)') continue
    const micros = timeDeltas[at]!
    total += micros
    const owner = ownerOf(functionName, url)
    const name = `${functionName || '(anonymous)'} ${url === '' ? '' : `${shortPath(url)}:${lineNumber + 1}`}`
    owners.set(owner, (owners.get(owner) ?? 0) + micros)
    functions.set(name.trim(), (functions.get(name.trim()) ?? 0) + micros)
  }
  const shares = (of: Map<string, number>): ProfileShare[] =>
    [...of].map(([name, micros]) => ({ name, share: micros / total })).sort((a, b) => b.share - a.share)
  return { byOwner: shares(owners), byFunction: shares(functions).slice(0, 40) }
}

function ownerOf(functionName: string, url: string): string {
  if (functionName === '(garbage collector)') return 'garbage collector'
  if (url === '') return 'native code of Node (sockets, JSON, promises)'
  if (url.startsWith('node:')) return `node:${url.slice(5).split('/').slice(0, 2).join('/')}`
  const dependency = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1]
  if (dependency !== undefined) return dependency
  const own = /packages\/[^/]+\/([^/]+)\//.exec(url)?.[1]
  return own === undefined ? 'the benchmark' : `@hadal/${own}`
}

const shortPath = (url: string): string =>
  url
    .replace(/^.*\/(?:node_modules|packages|(?=bench\/))/, '')
    .replace(/^\//, '')
    .replace('/dist/', '/')
