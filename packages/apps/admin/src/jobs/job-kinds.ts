/** All job kinds, one row each. See job-kind.ts. */

import type { JobKind } from '@hadal/protocol'
import type { JobKindEntry } from './job-kind.ts'
import { doctorJob } from './kinds/doctor.ts'
import { guardEvalJob } from './kinds/guard-eval.ts'
import { guardLearnJob } from './kinds/guard-learn.ts'
import { scaleReplayJob } from './kinds/scale-replay.ts'
import { tuneJob } from './kinds/tune.ts'

export const jobKinds: Readonly<Partial<Record<JobKind, JobKindEntry>>> = {
  'guard-eval': guardEvalJob,
  'guard-learn': guardLearnJob,
  doctor: doctorJob,
  'scale-replay': scaleReplayJob,
  tune: tuneJob,
}
