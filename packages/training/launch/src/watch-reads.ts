/** Wraps training data to report reads; data and type unchanged. */

import { createHash } from 'node:crypto'
import type { Windows } from '@hadal/nn'
import type { TrainingData, WindowStream } from '@hadal/train'

/** What was read, and the number of rows. */
export type OnRead = (what: string, rows: number) => void

/** In-memory rows are identified by index, streamed windows by a digest. */
export function watchReads(data: TrainingData, onRead: OnRead): TrainingData {
  if ('open' in data) return { ...data, open: () => watchedStream(data.open(), onRead) }
  if ('chosen' in data) {
    const { chosen } = data
    return { ...data, chosen: { ...chosen, inputs: watched(chosen.inputs, chosen.length, onRead) } }
  }
  if ('pixels' in data) {
    const { pixels, labels } = data
    return { ...data, pixels: watched(pixels, pixels.length / labels.length, onRead) }
  }
  if ('captions' in data) return { ...data, captions: watchedList(data.captions, onRead) }
  return { ...data, inputs: watched(data.inputs, data.length, onRead) }
}

/** The same memory; `subarray` reads of rows of `length` numbers are reported. */
function watched<Rows extends Int32Array | Uint8Array | Float32Array>(
  rows: Rows,
  length: number,
  onRead: OnRead,
): Rows {
  const taken = (begin = 0, end?: number): unknown => {
    onRead(`row ${begin / length}`, 1)
    return rows.subarray(begin, end)
  }
  return Object.defineProperty(rows.subarray(), 'subarray', { value: taken }) as Rows
}

/** Images are loaded ahead of their step; their captions are taken in it. */
function watchedList<Row>(rows: readonly Row[], onRead: OnRead): readonly Row[] {
  return new Proxy(rows, {
    get(target, key) {
      if (typeof key === 'string' && /^\d+$/.test(key)) onRead(`row ${key}`, 1)
      return Reflect.get(target, key) as unknown
    },
  })
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
