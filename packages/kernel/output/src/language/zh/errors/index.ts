/** Every error in Chinese, by code. */

import type { ErrorWords } from '../../words.ts'
import { baseErrors } from './base.ts'
import { cliErrors } from './cli.ts'
import { cliDeployErrors } from './cli-deploy.ts'
import { cliMeasureErrors } from './cli-measure.ts'
import { cliOperateErrors } from './cli-operate.ts'
import { cliOperationsErrors } from './cli-operations.ts'
import { engineErrors } from './engine.ts'
import { engineModelsErrors } from './engine-models.ts'
import { fleetErrors } from './fleet.ts'
import { formatsErrors } from './formats.ts'
import { guardErrors } from './guard.ts'
import { nnErrors } from './nn.ts'
import { nnDataErrors } from './nn-data.ts'
import { proveErrors } from './prove.ts'
import { serverErrors } from './server.ts'
import { serverOperationsErrors } from './server-operations.ts'
import { serverRoutesErrors } from './server-routes.ts'
import { tensorErrors } from './tensor.ts'
import { tensorOperatorsErrors } from './tensor-operators.ts'
import { trainErrors } from './train.ts'
import { trainRunsErrors } from './train-runs.ts'

export const errors: Readonly<Record<string, ErrorWords>> = {
  ...baseErrors,
  ...cliDeployErrors,
  ...cliMeasureErrors,
  ...cliOperateErrors,
  ...cliOperationsErrors,
  ...cliErrors,
  ...engineModelsErrors,
  ...engineErrors,
  ...fleetErrors,
  ...formatsErrors,
  ...guardErrors,
  ...nnDataErrors,
  ...nnErrors,
  ...serverOperationsErrors,
  ...serverRoutesErrors,
  ...proveErrors,
  ...serverErrors,
  ...tensorOperatorsErrors,
  ...tensorErrors,
  ...trainRunsErrors,
  ...trainErrors,
}
