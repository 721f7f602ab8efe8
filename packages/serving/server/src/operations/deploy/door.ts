/** Interface to deployment manifests rendered from a config: render, diff and lint; nothing is applied. */

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

/** Every method throws `deploy_overlay_unknown` and the errors of a config that cannot be deployed. */
export interface DeployDoor {
  describe(asked: DeployQuery): Promise<DeployAnswer>
  /** Undefined if no such file is rendered. */
  file(asked: DeployFileQuery): Promise<DeployText | undefined>
  diff(asked: DeployDiffQuery): Promise<DeployDiffAnswer>
  /** Lints arbitrary manifests. */
  lint(given: LintRequest): Promise<LintAnswer>
}
