/** Errors of load recordings. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const scaleRecordingInvalid: ErrorMaker<[name: string, why: string]> = defineError({
  code: 'scale_recording_invalid',
  status: 400,
  when: 'The file to replay is not a load recording.',
  message: (name, why) => `${name} is not a load recording: ${why}`,
  help: 'Record one with `hadal scale replay 24h --prometheus URL --save FILE`.',
})

/** @internal */
export const scaleRecordingEmpty: ErrorMaker<[name: string, what: string]> = defineError({
  code: 'scale_recording_empty',
  status: 422,
  when: 'The recorded time range has no samples of the engine load.',
  message: (name, what) => `${name} has no data on ${what}`,
  help: 'Choose a range in which the model was served and monitored. `hadal monitor test --url` reports missing metrics.',
})
