/** What other packages make and the command line prints in Chinese, by the English one. */

import type { Texts } from '../../words.ts'
import { choiceTexts } from './choices.ts'
import { doctorClusterMade } from './doctor-cluster.ts'
import { doctorEnvironmentMade } from './doctor-environment.ts'
import { doctorFactsMade } from './doctor-facts.ts'
import { doctorGpuMade } from './doctor-gpu.ts'
import { doctorRunChecksMade } from './doctor-run-checks.ts'
import { doctorServerMade } from './doctor-server.ts'
import { doctorServiceMade } from './doctor-service.ts'
import { guardMade } from './guard.ts'
import { measureMade } from './measure.ts'
import { memoryMade } from './memory.ts'
import { proveMade } from './prove.ts'
import { reasonTexts } from './reasons.ts'

export const made: Texts = {
  ...choiceTexts,
  ...measureMade,
  ...proveMade,
  ...guardMade,
  ...doctorGpuMade,
  ...doctorFactsMade,
  ...doctorRunChecksMade,
  ...doctorClusterMade,
  ...doctorEnvironmentMade,
  ...doctorServiceMade,
  ...doctorServerMade,
  ...memoryMade,
  ...reasonTexts,
}
