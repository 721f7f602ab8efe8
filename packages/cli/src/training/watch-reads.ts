/** Training data that tells what is read of it. Gives the same data, of the same form. */

import { createHash } from 'node:crypto'
import type { Windows } from '@hadal/nn'
import type { TrainingData, WindowStream } from '@hadal/train'

/** What was read, and how many rows that was. */
export type OnRead = (what: string, rows: number) => void

/** Rows in memory are told by their number, streamed windows by a digest. */
export function watchReads(data: TrainingData, onRead: OnRead): TrainingData {
  if ('open' in data) return { ...data, open: () => watchedStream(data.open(), onRead) }
  if ('chosen' in data) return { ...data, chosen: { ...data.chosen, inputs: watched(data.chosen, onRead) } }
  return { ...data, inputs: watched(data, onRead) }
}

/** Rows are taken from arrays with `subarray`. */
class WatchedRows extends Int32Array<ArrayBufferLike> {
  onRows: ((begin: number) => void) | undefined

  override subarray(begin = 0, end: number = this.length): Int32Array<ArrayBufferLike> {
    this.onRows?.(begin)
    return new Int32Array(this.buffer, this.byteOffset + begin * this.BYTES_PER_ELEMENT, end - begin)
  }
}

function watched(
  { inputs, length }: { readonly inputs: Int32Array; readonly length: number },
  onRead: OnRead,
): Int32Array {
  const rows = new WatchedRows(inputs.buffer, inputs.byteOffset, inputs.length)
  rows.onRows = (begin) => onRead(`row ${begin / length}`, 1)
  return rows
}

function watchedStream(stream: WindowStream, onRead: OnRead): WindowStream {
  return {
    async next(count) {
      const windows = await stream.next(count)
      // A stream that has ended is the run's to name.
      if (windows) onRead(`windows ${digest(windows)}`, windows.count)
      return windows
    },
    get state() {
      return stream.state
    },
    restore: (state) => stream.restore(state),
    get epoch() {
      return stream.epoch
    },
  }
}

function digest({ inputs, targets, segments }: Windows): string {
  const hash = createHash('sha256')
  for (const { buffer, byteOffset, byteLength } of [inputs, targets, ...(segments ? [segments] : [])])
    hash.update(new Uint8Array(buffer, byteOffset, byteLength))
  return hash.digest('hex').slice(0, 12)
}
