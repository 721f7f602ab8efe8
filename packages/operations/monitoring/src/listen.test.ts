import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { freePort } from './free-port.ts'
import { loopbackFlag, portFlag } from './listen-flags.ts'

describe('where the local stack listens', () => {
  it('is loopback and nothing else', () => {
    expect(['localhost', '127.0.0.1', '127.1.2.3', '::1', '[::1]'].map(loopbackFlag)).toEqual([
      '127.0.0.1',
      '127.0.0.1',
      '127.1.2.3',
      '[::1]',
      '[::1]',
    ])
    for (const given of ['0.0.0.0', '::', '10.0.0.1', 'example.com', '127.0.0.1.example.com', ''])
      expect(() => loopbackFlag(given)).toThrow(expect.objectContaining({ code: 'monitor_not_loopback' }))
  })

  it('is a port', () => {
    expect(portFlag(undefined, '--port', 'hadal monitor up')).toBeUndefined()
    expect(portFlag('0', '--port', 'hadal monitor up')).toBe(0)
    for (const given of ['', '-1', '65536', '80a', '1e3'])
      expect(() => portFlag(given, '--port', 'hadal monitor up')).toThrow(
        expect.objectContaining({ code: 'usage' }),
      )
  })

  it('is another port when the default is taken, and an error when a requested port is', async () => {
    const taken = createServer()
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
    const { port } = taken.address() as { port: number }
    try {
      const wish = { usual: port, flag: '--port' }
      const found = await freePort('127.0.0.1', { ...wish, requested: undefined })
      expect(found).not.toBe(port)
      expect(await freePort('127.0.0.1', { ...wish, requested: undefined, usual: found }, found)).not.toBe(
        found,
      )
      await expect(freePort('127.0.0.1', { ...wish, requested: port })).rejects.toMatchObject({
        code: 'monitor_port_taken',
        help: expect.stringContaining('--port'),
      })
    } finally {
      taken.close()
    }
  })
})
