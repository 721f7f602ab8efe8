/** All errors that callers of `batch` can receive. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const batchQueueFull: ErrorMaker<[maxQueueSize: number, priority: number]> = defineError({
  code: 'batch_queue_full',
  status: 429,
  when: 'The queue of this priority has reached `maxQueueSize`.',
  message: (maxQueueSize, priority) => `${maxQueueSize} items of priority ${priority} are waiting already`,
  help: 'Retry after the given number of seconds, or allow a larger maxQueueSize or maxBatchSize.',
})

export const batchTimeout: ErrorMaker<[waitedMillis: number]> = defineError({
  code: 'batch_timeout',
  status: 503,
  when: 'An item reached its maximum time in the queue, and the queue rejects such items.',
  message: (waitedMillis) => `no batch took this item within ${Math.round(waitedMillis)} ms`,
  help: "Retry later, allow a longer time in the queue, or set timeoutAction to 'delay'.",
})

export const batchClosed: ErrorMaker<[]> = defineError({
  code: 'batch_closed',
  status: 503,
  when: 'A batched function was called after it was closed.',
  message: () => 'this batched function was closed and takes no more items',
  help: 'Call close() only when nobody calls any more.',
})

export const batchResultCount: ErrorMaker<[results: unknown, items: number]> = defineError({
  code: 'batch_result_count',
  status: 500,
  when: 'A batched function did not return one result per item.',
  message: (results, items) => `the function was given ${items} items and returned ${results}`,
  help: 'Return an array with one result for each item, in their order; an Error in it rejects only its own item.',
})

export const batchOptionInvalid: ErrorMaker<[name: string, value: unknown, expected: string]> = defineError({
  code: 'batch_option_invalid',
  status: 500,
  when: 'An option of `batch`, of a queue or of a call has an invalid value.',
  message: (name, value, expected) => `${name} is ${String(value)}; it must be ${expected}`,
  help: (name, _value, expected) => `Set ${name} to ${expected}.`,
})
