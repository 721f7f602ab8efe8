/** What goes wrong with recordings of load. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const scaleRecordingInvalid: ErrorMaker<[name: string, why: string]> = defineError({
  code: 'scale_recording_invalid',
  status: 400,
  when: 'A file that is to be replayed is no recording of load.',
  message: (name, why) => `${name} is no recording of load: ${why}`,
  help: 'Record one with `hadal scale replay 24h --prometheus URL --save FILE`.',
})

/** @internal */
export const scaleRecordingEmpty: ErrorMaker<[name: string, what: string]> = defineError({
  code: 'scale_recording_empty',
  status: 422,
  when: 'Nothing in a recorded range says how busy engines were.',
  message: (name, what) => `${name} says nothing of ${what}`,
  help: 'Take a range in which the model was served and watched. `hadal monitor test --url` says which metrics are missing.',
})
