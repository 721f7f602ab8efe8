import { packStream, selectWindows } from '@hadal/nn'
import type { StreamedWindows } from '@hadal/train'
import { describe, expect, it } from 'vitest'
import { watchReads } from './watch-reads.ts'

const windows = packStream([Array.from({ length: 60 }, (_, i) => i)], 4, 0)

describe('what is read of training data', () => {
  it('is reported by row, and the data is unchanged', () => {
    const reported: string[] = []
    const data = watchReads(windows, (what) => reported.push(what)) as typeof windows
    expect(selectWindows(data, [3, 0])).toEqual(selectWindows(windows, [3, 0]))
    expect(reported).toEqual(['row 3', 'row 0'])
    const pairs = watchReads({ chosen: windows, rejected: windows }, (what) => reported.push(what))
    if ('chosen' in pairs) selectWindows(pairs.chosen, [7])
    expect(reported.at(-1)).toBe('row 7')
  })

  it('is reported by sample for images, and by image for captioned images', () => {
    const reported: string[] = []
    const onRead = (what: string): void => void reported.push(what)
    const images = { shape: [2], pixels: Uint8Array.of(1, 2, 3, 4), labels: Int32Array.of(0, 1) }
    const watched = watchReads(images, onRead)
    if ('pixels' in watched) {
      expect(watched.pixels.subarray(2, 4)).toEqual(Uint8Array.of(3, 4))
      expect(watched.pixels).toBeInstanceOf(Uint8Array)
    }
    expect(reported).toEqual(['row 1'])
    const pairs = watchReads(
      {
        imageSize: 1,
        captions: [[[1]], [[2]]],
        padding: 0,
        fingerprint: 'x',
        load: () => new Float32Array(),
      },
      onRead,
    )
    if ('captions' in pairs) expect([pairs.captions.length, pairs.captions[1]]).toEqual([2, [[2]]])
    expect(reported).toEqual(['row 1', 'row 1'])
  })

  it('is reported by content for a stream', async () => {
    let at = 0
    const stream: StreamedWindows = {
      length: 4,
      fingerprint: 'x',
      open: () => ({
        next: (count) => {
          const rows = Array.from({ length: count }, () => at++ % 3)
          return selectWindows(windows, rows)
        },
        state: {},
        restore: () => {},
        epoch: 0,
      }),
    }
    const reported: [string, number][] = []
    const watched = watchReads(stream, (what, rows) => reported.push([what, rows])) as StreamedWindows
    const reader = watched.open()
    for (let i = 0; i < 4; i += 1) expect((await reader.next(1)).count).toBe(1)
    expect(reported.every(([, rows]) => rows === 1)).toBe(true)
    expect(reported[3]![0]).toBe(reported[0]![0])
    expect(new Set(reported.map(([what]) => what)).size).toBe(3)
  })

  it('leaves the end of a stream to be named by the run', async () => {
    const ended = { next: () => undefined as never, state: {}, restore: () => {}, epoch: 0 }
    const reported: string[] = []
    const watched = watchReads({ length: 2, fingerprint: 'x', open: () => ended }, (what) =>
      reported.push(what),
    )
    expect(await (watched as StreamedWindows).open().next(1)).toBeUndefined()
    expect(reported).toEqual([])
  })
})
