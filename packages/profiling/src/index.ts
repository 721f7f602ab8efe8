/**
 * Where time and memory go: traces are read, summed up, explained in words and drawn. Knows nothing about who recorded them.
 */

export type { Span, Trace } from './trace.ts'
