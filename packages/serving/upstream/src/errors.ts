/** All user-facing errors of models on other servers. None contains an address or a credential. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const upstreamOptionInvalid: ErrorMaker<[name: string, value: unknown, expected: string]> =
  defineError({
    code: 'upstream_option_invalid',
    status: 500,
    when: 'An option of a model on other servers has an invalid value.',
    message: (name, value, expected) => `${name} is ${String(value)}; it must be ${expected}`,
    help: (name, _value, expected) => `Set ${name} to ${expected}.`,
  })

export const upstreamBusy: ErrorMaker<[id: string, maxQueue: number]> = defineError({
  code: 'upstream_busy',
  status: 429,
  when: 'All slots of the replicas of a model on other servers are busy, and its queue is full.',
  message: (id, maxQueue) => `the queue of ${id} is full: ${maxQueue} requests are waiting`,
  help: 'Retry after the given number of seconds, or configure more replicas, more slots per replica, or a longer queue.',
})

export const upstreamLate: ErrorMaker<[id: string, withinMillis?: number]> = defineError({
  code: 'upstream_late',
  status: 503,
  when: 'At current latencies, the first byte from the other server would miss the `deadline_ms` of the request. Or the request missed it while it was queued.',
  message: (id, withinMillis) =>
    withinMillis === undefined
      ? `the deadline for the first byte passed while the request was queued for ${id}`
      : `the first byte from ${id} would take more than ${withinMillis} ms`,
  help: 'Retry after the given number of seconds, or with a later deadline_ms.',
})

export const upstreamUnavailable: ErrorMaker<[id: string, why: string]> = defineError({
  code: 'upstream_unavailable',
  status: 503,
  when: 'No replica of a model on other servers is available: none is known, none is healthy, or the last ones failed.',
  message: (id, why) => `${id} is unavailable: ${why}`,
  help: 'Retry after the given number of seconds. The server log names the replicas and their errors.',
})

export const upstreamTimeout: ErrorMaker<[id: string, millis: number]> = defineError({
  code: 'upstream_timeout',
  status: 504,
  when: 'No replica sent the first byte of a response in time.',
  message: (id, millis) => `${id} sent no data within ${millis} ms`,
  help: 'Retry. If the model needs that long, raise its timeout for the first byte, or for responses that are not streamed.',
})

export const upstreamFailed: ErrorMaker<[id: string, why: string]> = defineError({
  code: 'upstream_failed',
  status: 502,
  when: 'A replica of a model on other servers failed on the request, closed the connection before responding, or rejected its credentials.',
  message: (id, why) => `${id} failed: ${why}`,
  help: 'Retry. If the same request fails again, see the log of the server that runs the model.',
})

export const upstreamRefused: ErrorMaker<[id: string, why: string]> = defineError({
  code: 'upstream_refused',
  status: 400,
  when: 'The server that runs the model rejected the request. The status and the message are from that server.',
  message: (_id, why) => why,
  help: (id) => `Change the request as the message says; it comes from the server that runs ${id}.`,
})

export const upstreamInterrupted: ErrorMaker<[id: string, why: string]> = defineError({
  code: 'upstream_interrupted',
  status: 502,
  when: 'A response from another server broke off after its first byte. The request is not retried, because the client already received a part of the response.',
  message: (id, why) => `the response of ${id} broke off: ${why}`,
  help: 'Send the request again.',
})
