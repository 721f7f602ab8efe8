/** Shows how a model is found and downloaded: a bar on a terminal, now and then a line elsewhere. */

import { formatBytes, formatMillis } from '@hadal/base'
import type { ModelProgress } from '@hadal/engine'
import type { Terminal } from './terminal.ts'

const linesEveryMillis = 5000

export function modelProgressLines(
  terminal: Terminal,
  now: () => number = Date.now,
): (event: ModelProgress) => void {
  let toldAt = now()
  return (event) => {
    switch (event.type) {
      case 'listing':
        return terminal.note(`asking ${event.source} for its files`)
      case 'chosen':
        return terminal.note(
          `chose ${event.file} of ${event.among} models there; :QUANT at the end names another`,
        )
      case 'waiting':
        return terminal.note(`process ${event.pid} is downloading the same model; waiting for it`)
      case 'started': {
        const part = event.fileCount > 1 ? ` (file ${event.fileNumber} of ${event.fileCount})` : ''
        const size = event.totalBytes === undefined ? '' : `, ${formatBytes(event.totalBytes)}`
        const resumed = event.resumedBytes > 0 ? `, going on at ${formatBytes(event.resumedBytes)}` : ''
        return terminal.note(`downloading ${event.file}${part}${size}${resumed}`)
      }
      case 'received':
        if (terminal.isInteractive) return terminal.status(bar(event, terminal.columns))
        if (now() - toldAt < linesEveryMillis) return
        toldAt = now()
        return terminal.note(`  ${amounts(event)}`)
      case 'retrying': {
        const wait =
          event.waitMillis > 0 ? `; again in ${formatMillis(event.waitMillis)}` : '; beginning again'
        return terminal.note(`${event.file}: ${event.reason}${wait}`)
      }
      case 'finished':
        return terminal.note(
          `downloaded ${event.file}, ${event.checked ? 'checksum matches' : `SHA-256 ${event.sha256} (nothing to compare it with)`}`,
        )
    }
  }
}

type Received = Extract<ModelProgress, { type: 'received' }>

function amounts({ receivedBytes, totalBytes, bytesPerSecond }: Received): string {
  const speed = `${formatBytes(bytesPerSecond)}/s`
  if (totalBytes === undefined) return `${formatBytes(receivedBytes)}, ${speed}`
  const left = ((totalBytes - receivedBytes) / Math.max(1, bytesPerSecond)) * 1000
  const percent = Math.floor((receivedBytes / totalBytes) * 100)
  return `${percent} %, ${formatBytes(receivedBytes)} of ${formatBytes(totalBytes)}, ${speed}, ${formatMillis(left)} left`
}

function bar(event: Received, columns: number): string {
  const text = amounts(event)
  const width = Math.min(30, columns - text.length - 4)
  if (event.totalBytes === undefined || width < 5) return text.slice(0, columns - 1)
  const full = Math.round((event.receivedBytes / event.totalBytes) * width)
  return `${'█'.repeat(full)}${'░'.repeat(width - full)}  ${text}`
}
