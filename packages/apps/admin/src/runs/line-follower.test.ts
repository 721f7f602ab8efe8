import { appendFileSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LineFollower } from './line-follower.ts'

let folder: string
let path: string
let heard: string[]
let begun: number
let follower: LineFollower

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hadal-lines-'))
  path = join(folder, 'lines')
  heard = []
  begun = 0
  follower = new LineFollower(path, {
    begin() {
      begun += 1
      heard = []
    },
    line: (text) => void heard.push(text),
    tooLong: () => void heard.push('too long'),
  })
})

afterEach(() => rmSync(folder, { recursive: true }))

const read = () => follower.read(5000)

describe('LineFollower', () => {
  it('hears each whole line once, and of a last one without its end nothing yet', async () => {
    expect(await read()).toEqual({ offset: 0, size: 0, isBehind: false })
    writeFileSync(path, 'one\ntwo\nthr')
    await read()
    expect(heard).toEqual(['one', 'two'])
    appendFileSync(path, 'ee\nfour\n')
    expect(await read()).toMatchObject({ offset: 19, isBehind: false })
    expect(heard).toEqual(['one', 'two', 'three', 'four'])
  })

  it('begins anew where the file was cut, also when it has grown again past the place', async () => {
    writeFileSync(path, 'one\ntwo\nthree\n')
    await read()
    truncateSync(path, 8)
    await read()
    expect(heard).toEqual(['one', 'two'])
    expect(begun).toBe(1)
    writeFileSync(path, 'one\nTWO\nthree\nfour\n')
    await read()
    expect(heard).toEqual(['one', 'TWO', 'three', 'four'])
  })

  it('begins anew where the file was taken away and another put in its place', async () => {
    writeFileSync(path, 'one\n')
    await read()
    rmSync(path)
    expect(await read()).toMatchObject({ size: 0 })
    expect(heard).toEqual([])
    writeFileSync(path, 'uno\n')
    await read()
    expect(heard).toEqual(['uno'])
  })

  it('passes over a line that is longer than any that is meant', async () => {
    writeFileSync(path, `one\n${'x'.repeat(3_000_000)}\ntwo\n`)
    await read()
    expect(heard).toEqual(['one', 'too long', 'two'])
  })

  it('says that it is behind when its time is over, and goes on there', async () => {
    writeFileSync(path, 'line\n'.repeat(400_000))
    let rounds = 1
    while ((await follower.read(0)).isBehind) rounds += 1
    expect(rounds).toBeGreaterThan(2)
    expect(heard).toHaveLength(400_000)
  })
})
