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
export interface DeployApi {
  describe(requested: DeployQuery): Promise<DeployAnswer>
  /** Undefined if no such file is rendered. */
  file(requested: DeployFileQuery): Promise<DeployText | undefined>
  diff(requested: DeployDiffQuery): Promise<DeployDiffAnswer>
  /** Lints arbitrary manifests. */
  lint(given: LintRequest): Promise<LintAnswer>
}
