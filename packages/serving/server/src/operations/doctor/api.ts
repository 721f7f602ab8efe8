/** Interface to the diagnosis catalogue. Machine checks are a job (`doctor`). */

import type { ExplainAnswer, ExplainRequest } from '@hadal/protocol'

export interface DoctorApi {
  explain(given: ExplainRequest): Promise<ExplainAnswer>
}
