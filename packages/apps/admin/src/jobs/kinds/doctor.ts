/** `hadal doctor` as a job: its findings are the result. */

import { doctorExitCodes } from '@hadal/probes'
import { type DoctorJobOptions, doctorJobSchema, parse } from '@hadal/protocol'
import type { JobKindEntry } from '../job-kind.ts'

export const doctorJob: JobKindEntry<DoctorJobOptions> = {
  output: 'result',
  doneCodes: [...new Set(Object.values(doctorExitCodes))],
  parse: (options) => parse(doctorJobSchema, options),
  command({ groups, url: requested, context }, { configArgs, url: own }) {
    const url = requested ?? own
    return {
      args: [
        'doctor',
        ...new Set(groups),
        '--json',
        ...configArgs,
        ...(url !== undefined && groups.includes('server') ? [`--url=${url}`] : []),
        ...(context !== undefined && groups.includes('cluster') ? [`--context=${context}`] : []),
      ],
    }
  },
}
