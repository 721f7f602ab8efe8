/** The door to the catalogue of causes. Checks of a machine are a job (`doctor`). */

import type { ExplainAnswer, ExplainRequest } from '@hadal/protocol'

export interface DoctorDoor {
  explain(given: ExplainRequest): Promise<ExplainAnswer>
}
