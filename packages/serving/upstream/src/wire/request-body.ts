/** The request body for the upstream: the client's body with another `model`, and usage requested for streams. */

import { isPlainObject } from '@hadal/base'

export interface OutgoingBody {
  readonly bytes: Uint8Array
  readonly stream: boolean
  /** Usage was requested by the gateway only: the usage event must be hidden from the client. */
  readonly hidesUsage: boolean
}

export interface BodyChanges {
  readonly path: string
  readonly model: string
  readonly askUsage: boolean
}

/** Only these endpoints support `stream_options`. */
const hasStreamOptions = /\/(chat\/)?completions$/

export function outgoingBody(
  body: Readonly<Record<string, unknown>>,
  { path, model, askUsage }: BodyChanges,
): OutgoingBody {
  const stream = body.stream === true
  const options = body.stream_options
  const knowsOptions = options === undefined || options === null || isPlainObject(options)
  const asksItself = isPlainObject(options) && options.include_usage === true
  const hidesUsage = askUsage && stream && hasStreamOptions.test(path) && knowsOptions && !asksItself
  const changed = {
    ...body,
    model,
    ...(hidesUsage && {
      stream_options: { ...(isPlainObject(options) ? options : {}), include_usage: true },
    }),
  }
  return { bytes: Buffer.from(JSON.stringify(changed)), stream, hidesUsage }
}
