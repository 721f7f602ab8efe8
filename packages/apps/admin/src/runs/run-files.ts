/** Lists a run folder: names, sizes and kinds. Reads no content and follows no links. */

import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { ArtefactKind, RunArtefact } from '@hadal/protocol'
import { isRun, metricsFileName } from './find-runs.ts'

export interface RunFiles {
  readonly files: readonly RunArtefact[]
  readonly isCut: boolean
}

const maxFiles = 400
const maxDepth = 4

/** Without those of runs that lie in the same folder. */
export async function runFiles(folder: string): Promise<RunFiles> {
  const files: RunArtefact[] = []
  const open = [{ path: '', depth: 0 }]
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    const { path, depth } = next
    const entries = await readdir(join(folder, path), { withFileTypes: true }).catch(() => [])
    if (path !== '' && isRun(entries)) continue
    for (const entry of entries) {
      const name = path === '' ? entry.name : `${path}/${entry.name}`
      if (entry.isDirectory() && depth < maxDepth) open.push({ path: name, depth: depth + 1 })
      if (!entry.isFile() || /\.partial$|^train\.lock/.test(entry.name)) continue
      if (files.length >= maxFiles) return { files: files.sort(byKind), isCut: true }
      const found = await stat(join(folder, name)).catch(() => undefined)
      if (found) files.push(artefact(name, found.size, Math.round(found.mtimeMs)))
    }
  }
  return { files: files.sort(byKind), isCut: false }
}

/** Most relevant first. */
const kinds: readonly ArtefactKind[] = ['report', 'model', 'best', 'checkpoint', 'profile', 'log', 'other']

const byKind = (one: RunArtefact, other: RunArtefact): number =>
  kinds.indexOf(one.kind) - kinds.indexOf(other.kind) || (one.path < other.path ? -1 : 1)

function artefact(path: string, bytes: number, changedAt: number): RunArtefact {
  const step = /step-(\d{1,15})\.safetensors$/.exec(path)?.[1]
  const loss = /loss-([\d.]+)-step-/.exec(path)?.[1]
  return {
    path,
    kind: kindOf(path),
    bytes,
    changedAt,
    ...(step !== undefined && { step: Number(step) }),
    ...(loss !== undefined && { loss: Number(loss) }),
    isReport: isReport(path),
  }
}

/** HTML pages, and texts shown as such. Profiles have their own view, because their page needs scripts. */
const isReport = (path: string): boolean =>
  /\.(html|md|txt|log|json)$/i.test(path) && !path.startsWith('profile/')

function kindOf(path: string): ArtefactKind {
  if (path.startsWith('checkpoints/best/')) return 'best'
  if (path.startsWith('checkpoints/')) return 'checkpoint'
  if (path.startsWith('profile/')) return 'profile'
  if (/\.html$/i.test(path) || /\breport\b.*\.(json|md)$/i.test(path)) return 'report'
  if (/\.(gguf|onnx|safetensors)$/i.test(path) || /^(model|adapter|hugging-face)\//.test(path)) return 'model'
  if (
    [metricsFileName, 'events.jsonl', 'run.json'].includes(path) ||
    /^tensorboard\/|^ranks\/|\.log$/.test(path)
  )
    return 'log'
  return 'other'
}
