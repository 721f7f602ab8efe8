/** Extracts image bytes from a client's data URL or plain base64. Fetches nothing and does not decode; the decoder validates the image. */

import { imageAddressRefused } from '../errors.ts'
import { invalidField } from '../field-issues.ts'

/** Throws `invalid_request` or `image_address_refused` for field `param`. */
export function readImage(text: string, param: string): Uint8Array {
  const scheme = /^\s*([a-z][a-z0-9+.-]{1,20}):/i.exec(text)?.[1]?.toLowerCase()
  if (scheme !== undefined && scheme !== 'data') throw imageAddressRefused(param, scheme).with({ param })
  const base64 = scheme === undefined ? text : dataOf(text, param)
  const compact = base64.trim().replace(/[\r\n]+/g, '')
  if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(compact) || compact.replace(/=+$/, '').length % 4 === 1)
    throw invalidField(param, 'must be base64')
  const bytes = Buffer.from(compact, 'base64')
  if (bytes.length === 0) throw invalidField(param, 'must not be empty')
  return bytes
}

/** Strips the header of `data:image/png;base64,...`. */
function dataOf(text: string, param: string): string {
  const comma = text.indexOf(',')
  const head = text.slice(0, Math.max(comma, 0)).trim()
  if (!/;base64$/i.test(head))
    throw invalidField(param, 'must be a data URL in base64: data:image/png;base64,...')
  if (!/^data:(?:image\/|application\/octet-stream|;)/i.test(head))
    throw invalidField(param, `must be an image, got ${JSON.stringify(head.slice(0, 60))}`)
  return text.slice(comma + 1)
}
