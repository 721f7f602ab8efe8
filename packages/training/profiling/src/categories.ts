/** What the categories of spans mean to a summary. Any other is shown, and counted as itself. */

/** Compiled code at work: its time is not JavaScript's. */
export const nativeCategories: ReadonlySet<string> = new Set([
  'operator',
  'kernel',
  'runtime',
  'memcpy',
  'native',
])

/** On a device, beside the thread that asked for it. */
export const deviceCategories: ReadonlySet<string> = new Set(['kernel', 'memcpy'])

/** One step of what is repeated. */
export const stepCategory = 'step'
/** A part of a step: data, forward, backward, optimizer. */
export const phaseCategory = 'phase'
/** A part of the model: `layers.3.attention`. */
export const moduleCategory = 'module'
/** Nothing to do: for data, in a queue, for another rank. */
export const waitCategory = 'wait'
/** Memory taken or given back at one moment: `bytes`, negative where given back; `total` after it. */
export const memoryCategory = 'memory'
