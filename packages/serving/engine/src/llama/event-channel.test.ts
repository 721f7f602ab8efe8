import { describe, expect, it } from 'vitest'
import { EventChannel } from './event-channel.ts'

const log: string[] = []
const channelOf = () => {
  log.length = 0
  let opened: EventChannel<string> | undefined
  const channel = new EventChannel<string>((self) => {
    opened = self
    log.push('open')
    return () => log.push('leave')
  })
  return { channel, opened: () => opened }
}

const collect = async (channel: EventChannel<string>) => {
  const events: string[] = []
  for await (const event of channel) events.push(event)
  return events
}

describe('EventChannel', () => {
  it('does nothing before it is read', async () => {
    const { channel, opened } = channelOf()
    expect(opened()).toBeUndefined()
    channel.push('a')
    channel.close()
    expect(await collect(channel)).toEqual(['a'])
    expect(log).toEqual(['open'])
  })

  it('wakes a reader that waits', async () => {
    const { channel } = channelOf()
    const reading = collect(channel)
    await Promise.resolve()
    channel.push('a')
    channel.push('b')
    await new Promise((resolve) => setImmediate(resolve))
    channel.push('c')
    channel.close()
    channel.push('too late')
    expect(await reading).toEqual(['a', 'b', 'c'])
  })

  it('gives what came before an error, then the error, then the end', async () => {
    const { channel } = channelOf()
    channel.push('a')
    channel.fail(new Error('no more'))
    expect((await channel.next()).value).toBe('a')
    await expect(channel.next()).rejects.toThrow('no more')
    expect(await channel.next()).toEqual({ value: undefined, done: true })
  })

  it('throws what opening throws, then ends', async () => {
    const channel = new EventChannel<string>(() => {
      throw new Error('full')
    })
    await expect(channel.next()).rejects.toThrow('full')
    expect(await channel.next()).toEqual({ value: undefined, done: true })
  })

  it('reports when the reader leaves, even a waiting one', async () => {
    const { channel } = channelOf()
    const waiting = channel.next()
    await channel.return()
    expect(await waiting).toEqual({ value: undefined, done: true })
    expect(log).toEqual(['open', 'leave'])
  })

  it('serves concurrent readers in order, and ends all of them', async () => {
    const { channel } = channelOf()
    const waiting = [channel.next(), channel.next(), channel.next()]
    channel.push('a')
    await waiting[0]
    channel.push('b')
    channel.close()
    expect(await Promise.all(waiting)).toEqual([
      { value: 'a', done: false },
      { value: 'b', done: false },
      { value: undefined, done: true },
    ])
  })
})
