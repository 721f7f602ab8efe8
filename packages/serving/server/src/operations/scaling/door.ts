/** Interface to autoscaling, local or in a cluster. */

import type { ScalingAnswer, ScalingQuery } from '@hadal/protocol'

export interface ScalingDoor {
  /** Throws if the cluster does not respond. */
  look(asked: ScalingQuery): Promise<ScalingAnswer>
}
