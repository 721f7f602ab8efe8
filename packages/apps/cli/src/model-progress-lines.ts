/** Progress of locating and downloading a model: a bar on a terminal, otherwise occasional lines; concurrent files share one. */

import { formatBytes, formatMillis } from '@hadal/base'
import type { ModelProgress } from '@hadal/engine'
import type { Terminal } from '@hadal/output'
import { cutText, say, visibleLength } from '@hadal/output'

const linesEveryMillis = 5000

export function modelProgressLines(
  terminal: Terminal,
  now: () => number = Date.now,
): (event: ModelProgress) => void {
  let reportedAt = now()
  let plan: Planned | undefined
  /** Progress of each file. */
  const files = new Map<string, Received>()
  return (event) => {
    if (event.type === 'retrying' || event.type === 'finished') standStill(files, event.file)
    switch (event.type) {
      case 'listing':
        return terminal.note(say`listing the files of ${event.source}`)
      case 'chosen':
        return terminal.note(
          say`chose ${event.file} of ${event.among} models; append :QUANT to select another`,
        )
      case 'planned': {
        plan = event
        files.clear()
        const { fileCount, totalBytes, presentBytes, folder } = event
        const present = presentBytes > 0 ? say` (${formatBytes(presentBytes)} already downloaded)` : ''
        return terminal.note(say`${fileCount} files, ${formatBytes(totalBytes)}${present}, go into ${folder}`)
      }
      case 'verifying':
        return terminal.note(say`verifying ${event.file}, ${formatBytes(event.totalBytes)}`)
      case 'waiting':
        return terminal.note(say`process ${event.pid} is downloading the same model; waiting for it`)
      case 'started': {
        const part = event.fileCount > 1 ? say` (file ${event.fileNumber} of ${event.fileCount})` : ''
        const size = event.totalBytes === undefined ? '' : `, ${formatBytes(event.totalBytes)}`
        const resumed = event.resumedBytes > 0 ? say`, resuming at ${formatBytes(event.resumedBytes)}` : ''
        return terminal.note(say`downloading ${event.file}${part}${size}${resumed}`)
      }
      case 'received': {
        files.set(event.file, event)
        const shown = plan === undefined ? event : together(plan, files)
        if (terminal.isInteractive) return terminal.status(bar(shown, terminal.columns))
        if (now() - reportedAt < linesEveryMillis) return
        reportedAt = now()
        return terminal.note(`  ${amounts(shown)}`)
      }
      case 'retrying': {
        const wait =
          event.waitMillis > 0 ? say`; retrying in ${formatMillis(event.waitMillis)}` : say`; starting over`
        return terminal.note(`${event.file}: ${event.reason}${wait}`)
      }
      case 'finished':
        return terminal.note(
          say`downloaded ${event.file}, ${event.checked ? say`checksum matches` : say`SHA-256 ${event.sha256} (no reference to compare with)`}`,
        )
    }
  }
}

type Planned = Extract<ModelProgress, { type: 'planned' }>
type Received = Extract<ModelProgress, { type: 'received' }>
type Amounts = Pick<Received, 'receivedBytes' | 'totalBytes' | 'bytesPerSecond'>

function standStill(files: Map<string, Received>, file: string): void {
  const last = files.get(file)
  if (last !== undefined) files.set(file, { ...last, bytesPerSecond: 0 })
}

function together({ totalBytes, presentBytes }: Planned, files: ReadonlyMap<string, Received>): Amounts {
  const sum = (of: (file: Received) => number): number =>
    [...files.values()].reduce((all, file) => all + of(file), 0)
  return {
    receivedBytes: presentBytes + sum((file) => file.receivedBytes),
    totalBytes,
    bytesPerSecond: sum((file) => file.bytesPerSecond),
  }
}

function amounts({ receivedBytes, totalBytes, bytesPerSecond }: Amounts): string {
  const speed = `${formatBytes(bytesPerSecond)}/s`
  if (totalBytes === undefined) return `${formatBytes(receivedBytes)}, ${speed}`
  const left = ((totalBytes - receivedBytes) / Math.max(1, bytesPerSecond)) * 1000
  const percent = Math.floor((receivedBytes / totalBytes) * 100)
  return say`${percent} %, ${formatBytes(receivedBytes)} of ${formatBytes(totalBytes)}, ${speed}, ${formatMillis(left)} left`
}

function bar(event: Amounts, columns: number): string {
  const text = amounts(event)
  const width = Math.min(30, columns - visibleLength(text) - 4)
  if (event.totalBytes === undefined || width < 5) return cutText(text, columns - 1)
  const full = Math.round((event.receivedBytes / event.totalBytes) * width)
  return `${'█'.repeat(full)}${'░'.repeat(width - full)}  ${text}`
}
