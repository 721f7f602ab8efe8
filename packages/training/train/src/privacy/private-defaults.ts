/** Defaults of private runs. */

import { kindOf } from '../kinds/kind-of.ts'
import type { AnyModelConfig, RunConfig } from '../run-config.ts'

type Given = Pick<RunConfig, 'privacy'> & { readonly model: AnyModelConfig }

/** Turns off features that act on losses and loads, which no budget covers. Empty for a run that is not private. */
export function privateDefaults({
  privacy,
  model,
}: Given): Partial<Pick<RunConfig, 'guard' | 'lossChunkTokens' | 'expertBalanceRate'>> {
  return privacy ? { guard: false, ...kindOf(model).privateDefaults } : {}
}

/** The model that is trained: without row-mixing operators if the run requests that. */
export function trainedModel<Model extends AnyModelConfig>({
  privacy,
  model,
}: Given & { model: Model }): Model {
  const kind = kindOf(model)
  const isRequested = privacy?.replaceLayers === true && kind.configIssues(model).length === 0
  return isRequested ? (kind.withoutMixing(model) as Model) : model
}
