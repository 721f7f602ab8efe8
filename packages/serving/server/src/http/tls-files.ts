/** HTTPS certificate from files, reloaded when they change. */

import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createSecureContext, type Server } from 'node:tls'
import { type Clock, type Logger, messageOf, watchFiles } from '@hadal/base'
import { tlsUnusable } from './http-errors.ts'

export interface TlsFiles {
  /** PEM: the certificate followed by intermediates. */
  readonly cert: string
  /** PEM. */
  readonly key: string
}

export interface TlsIdentity {
  readonly cert: string
  readonly key: string
  readonly minVersion: 'TLSv1.2'
}

/** Throws `tls_unusable`. */
export function readTls(files: TlsFiles): TlsIdentity {
  const identity = { cert: read(files.cert), key: read(files.key), minVersion: 'TLSv1.2' } as const
  try {
    new X509Certificate(identity.cert)
  } catch (cause) {
    throw tlsUnusable(files.cert, messageOf(cause)).with({ cause })
  }
  try {
    createSecureContext(identity)
  } catch (cause) {
    throw tlsUnusable(files.key, messageOf(cause)).with({ cause })
  }
  return identity
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw tlsUnusable(path, messageOf(cause)).with({ cause })
  }
}

export interface TlsWatchOptions {
  readonly files: TlsFiles
  /** All servers that use this certificate. */
  readonly servers: () => readonly Server[]
  readonly logger: Logger
  readonly clock: Clock
  readonly pollMillis?: number
}

/** Applies a changed certificate to new connections; an invalid one is logged and ignored. */
export function watchTls({ files, servers, logger, clock, pollMillis }: TlsWatchOptions): Disposable {
  warnOfExpiry(readTls(files), logger, clock)
  return watchFiles({
    files: () => [files.cert, files.key],
    clock,
    ...(pollMillis !== undefined && { pollMillis }),
    onChange: () => {
      try {
        const identity = readTls(files)
        for (const server of servers()) server.setSecureContext(identity)
        logger.info(`${files.cert} read again: new connections get it`)
        warnOfExpiry(identity, logger, clock)
      } catch (error) {
        logger.error('the new certificate is not used, the old one stays', { error })
      }
    },
  })
}

const warningDays = 14

function warnOfExpiry({ cert }: TlsIdentity, logger: Logger, clock: Clock): void {
  const { validTo } = new X509Certificate(cert)
  const days = (Date.parse(validTo) - clock.wallClock()) / 86_400_000
  if (days < warningDays)
    logger.warn(`the certificate ${days < 0 ? 'expired on' : 'is valid only until'} ${validTo}`)
}
