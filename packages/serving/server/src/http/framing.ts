/**
 * Refuses requests that two programs may read differently. A proxy in front of this server could have checked another host, or seen another
 * end of the body, than the one served here (request smuggling). RFC 9112, sections 3.2 and 6.1; RFC 9110, section 8.4.
 */

import type { IncomingMessage } from 'node:http'
import type { HadalError } from '@hadal/base'
import { malformedHttp, unsupportedContentEncoding } from '../errors.ts'

export function framingError({ rawHeaders, headers, httpVersion }: IncomingMessage): HadalError | undefined {
  const hosts = rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === 'host')
  if (hosts.length > 1) return malformedHttp(`it has ${hosts.length} Host headers`)
  const transfer = headers['transfer-encoding']
  if (transfer !== undefined) {
    if (httpVersion === '1.0') return malformedHttp('HTTP/1.0 has no Transfer-Encoding')
    if (transfer.trim().toLowerCase() !== 'chunked')
      return malformedHttp(
        `its Transfer-Encoding is ${JSON.stringify(transfer.slice(0, 100))}, not "chunked"`,
      )
  }
  const content = headers['content-encoding']
  if (content === undefined || content.trim().toLowerCase() === 'identity') return undefined
  return unsupportedContentEncoding(content.slice(0, 100))
}
