import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect, it } from 'vitest'
import { freePort, freePorts, holdPort, tryPort } from './free-port.ts'

const host = '127.0.0.1'

it('is a port that can be listened on', async () => {
  const port = await freePort()
  const server = createServer().listen(port, host)
  await once(server, 'listening')
  server.close()
})

it('is another each time where several are needed at once', async () => {
  const ports = await freePorts(20)
  expect(new Set(ports).size).toBe(20)
  expect(await freePorts(0)).toEqual([])
})

it('is none where the port is held, and the port itself once it is let go', async () => {
  const holder = (await holdPort({ host, port: 0 }))!
  const { port } = holder.address() as { port: number }
  expect(await holdPort({ host, port })).toBeUndefined()
  expect(await tryPort({ host, port })).toBeUndefined()
  await once(holder.close(), 'close')
  expect(await tryPort({ host, port })).toBe(port)
})

it('passes on other errors', async () => {
  await expect(tryPort({ host: '192.0.2.1', port: 0 })).rejects.toMatchObject({ code: 'EADDRNOTAVAIL' })
})
