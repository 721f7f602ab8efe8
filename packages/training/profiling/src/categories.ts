/** Meaning of span categories in a summary. Other categories are counted under their own name. */

/** Compiled code: its time is not JavaScript's. */
export const nativeCategories: ReadonlySet<string> = new Set([
  'operator',
  'kernel',
  'runtime',
  'memcpy',
  'native',
])

/** On a device, asynchronous to the launching thread. */
export const deviceCategories: ReadonlySet<string> = new Set(['kernel', 'memcpy'])

/** One iteration. */
export const stepCategory = 'step'
/** A part of a step: data, forward, backward, optimizer. */
export const phaseCategory = 'phase'
/** A part of the model: `layers.3.attention`. */
export const moduleCategory = 'module'
/** Idle: waiting for data, in a queue, for another rank. */
export const waitCategory = 'wait'
/** Memory taken or given back at one moment: `bytes`, negative where given back; `total` after it. */
export const memoryCategory = 'memory'
