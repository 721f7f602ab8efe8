/** All errors that callers of `batch` can receive. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const batchQueueFull: ErrorMaker<[maxQueueSize: number, priority: number]> = defineError({
  code: 'batch_queue_full',
  status: 429,
  when: 'The queue of this priority has reached `maxQueueSize`.',
  message: (maxQueueSize, priority) =>
    `the queue is full: ${maxQueueSize} items of priority ${priority} are waiting`,
  help: 'Retry after the given number of seconds, or set a larger maxQueueSize or maxBatchSize.',
})

export const batchTimeout: ErrorMaker<[waitedMillis: number]> = defineError({
  code: 'batch_timeout',
  status: 503,
  when: 'An item reached its maximum time in the queue, and the queue rejects such items.',
  message: (waitedMillis) => `the item was not batched within ${Math.round(waitedMillis)} ms`,
  help: "Retry later, allow a longer time in the queue, or set timeoutAction to 'delay'.",
})

export const batchClosed: ErrorMaker<[]> = defineError({
  code: 'batch_closed',
  status: 503,
  when: 'A batched function was called after it was closed.',
  message: () => 'this batched function is closed and accepts no more items',
  help: 'Call close() only after the last call.',
})

export const batchResultCount: ErrorMaker<[results: unknown, items: number]> = defineError({
  code: 'batch_result_count',
  status: 500,
  when: 'A batched function did not return one result per item.',
  message: (results, items) => `the function was given ${items} items and returned ${results}`,
  help: 'Return an array with one result per item, in order. An Error in it rejects only its own item.',
})

export const batchOptionInvalid: ErrorMaker<[name: string, value: unknown, expected: string]> = defineError({
  code: 'batch_option_invalid',
  status: 500,
  when: 'An option of `batch`, of a queue or of a call has an invalid value.',
  message: (name, value, expected) => `${name} is ${String(value)}; it must be ${expected}`,
  help: (name, _value, expected) => `Set ${name} to ${expected}.`,
})
