/** The door to who decides how many engines there are, on this machine or in a cluster. */

import type { ScalingAnswer, ScalingQuery } from '@hadal/protocol'

export interface ScalingDoor {
  /** Throws what a cluster that does not answer throws. */
  look(asked: ScalingQuery): Promise<ScalingAnswer>
}
