/** Every error of `batch` that a caller can meet. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const batchQueueFull: ErrorMaker<[maxQueueSize: number, priority: number]> = defineError({
  code: 'batch_queue_full',
  status: 429,
  when: 'As many items of its priority wait to be batched as `maxQueueSize` allows.',
  message: (maxQueueSize, priority) => `${maxQueueSize} items of priority ${priority} are waiting already`,
  help: 'Retry after the given number of seconds, or allow a larger maxQueueSize or maxBatchSize.',
})

export const batchTimeout: ErrorMaker<[waitedMillis: number]> = defineError({
  code: 'batch_timeout',
  status: 503,
  when: 'An item waited to be batched for as long as it may, and its queue rejects such items.',
  message: (waitedMillis) => `no batch took this item within ${Math.round(waitedMillis)} ms`,
  help: "Retry later, allow a longer time in the queue, or set timeoutAction to 'delay'.",
})

export const batchClosed: ErrorMaker<[]> = defineError({
  code: 'batch_closed',
  status: 503,
  when: 'An item is given to a batched function that was closed.',
  message: () => 'this batched function was closed and takes no more items',
  help: 'Call close() only when nobody calls any more.',
})

export const batchResultCount: ErrorMaker<[results: unknown, items: number]> = defineError({
  code: 'batch_result_count',
  status: 500,
  when: 'A batched function returned something else than one result for each item.',
  message: (results, items) => `the function was given ${items} items and returned ${results}`,
  help: 'Return an array with one result for each item, in their order; an Error in it rejects only its own item.',
})

export const batchOptionInvalid: ErrorMaker<[name: string, value: unknown, expected: string]> = defineError({
  code: 'batch_option_invalid',
  status: 500,
  when: 'An option of `batch`, of a queue or of a call has a value that means nothing.',
  message: (name, value, expected) => `${name} is ${String(value)}; it must be ${expected}`,
  help: (name, _value, expected) => `Set ${name} to ${expected}.`,
})
