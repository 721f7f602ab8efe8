/** The door to what a config becomes in a cluster. Whoever brings it renders, compares and lints; nothing is ever applied. */

import type {
  DeployAnswer,
  DeployDiffAnswer,
  DeployDiffQuery,
  DeployFileQuery,
  DeployQuery,
  DeployText,
  LintAnswer,
  LintRequest,
} from '@hadal/protocol'

/** Each throws what a config that cannot be deployed throws, and `deploy_overlay_unknown`. */
export interface DeployDoor {
  describe(asked: DeployQuery): Promise<DeployAnswer>
  /** Undefined where no such file is rendered. */
  file(asked: DeployFileQuery): Promise<DeployText | undefined>
  diff(asked: DeployDiffQuery): Promise<DeployDiffAnswer>
  /** Of anybody's manifests. */
  lint(given: LintRequest): Promise<LintAnswer>
}
