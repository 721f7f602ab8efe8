/** A second listener of the same server for administrators: requests are routed as usual and marked. */

import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { messageOf } from '@hadal/base'
import type { FastifyInstance } from 'fastify'
import { listenFailed, portInUse } from '../errors.ts'
import { type Address, urlOf } from './listen.ts'
import type { TlsIdentity } from './tls-files.ts'

export class AdminListener {
  readonly server: Server
  readonly #sockets = new WeakSet<Socket>()

  /** Uses HTTPS if `options` contains a certificate. */
  constructor(
    app: FastifyInstance,
    options: ServerOptions & Partial<TlsIdentity>,
    protect: (server: Server) => void,
  ) {
    const route: RequestListener = (request, response) => {
      this.#sockets.add(request.socket)
      app.routing(request, response)
    }
    this.server = options.cert !== undefined ? createTlsServer(options, route) : createServer(options, route)
    protect(this.server)
    this.server.on('clientError', (error, socket) => app.server.emit('clientError', error, socket))
    app.addHook('onClose', async () => this.#close())
  }

  has(socket: Socket): boolean {
    return this.#sockets.has(socket)
  }

  /** Throws `port_in_use` or `listen_failed`. */
  async listen(host: string, port: number): Promise<Address> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject)
      this.server.listen({ host, port }, () => {
        this.server.off('error', reject)
        resolve()
      })
    }).catch((thrown: NodeJS.ErrnoException) => {
      const error =
        thrown.code === 'EADDRINUSE' ? portInUse(port, host) : listenFailed(port, host, messageOf(thrown))
      throw error.with({ cause: thrown })
    })
    const bound = (this.server.address() as AddressInfo).port
    return { host, port: bound, url: urlOf(this.server, host, bound) }
  }

  #close(): Promise<void> {
    if (!this.server.listening) return Promise.resolve()
    this.server.closeAllConnections()
    return new Promise((resolve) => this.server.close(() => resolve()))
  }
}
