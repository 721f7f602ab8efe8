/** Tape: passes split into records, what is kept for the backward pass, and when gradients are ready. */

export type { LayerPart, RunParts } from './layer-part.ts'
export { kept, type RecomputeOptions, type RecordEnd, recomputed } from './records.ts'
export { PartParameters, runOnTape, type Segment, type SegmentMode } from './run-on-tape.ts'
export { type Hold, type OnGradients, type RecordGradients, Tape, type TapeRecord } from './tape.ts'
export type { TapeObserver, TapeRegion } from './tape-observer.ts'
