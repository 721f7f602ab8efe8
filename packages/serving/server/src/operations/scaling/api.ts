/** Interface to autoscaling, local or in a cluster. */

import type { ScalingAnswer, ScalingQuery } from '@hadal/protocol'

export interface ScalingApi {
  /** Throws if the cluster does not respond. */
  look(requested: ScalingQuery): Promise<ScalingAnswer>
}
