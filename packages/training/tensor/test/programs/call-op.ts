/** A worker thread that defines an operator which the main thread has already, and calls it. */

import { parentPort, workerData } from 'node:worker_threads'
import { defineOp, type OpDefinition, type Tensor, torch } from '@hadal/tensor'

const { definition, cache } = workerData as { definition: OpDefinition; cache: string }
const op = await defineOp(definition, { cache })
const [sum] = op(torch.tensor([5], { dtype: 'float64' })) as [Tensor]
parentPort!.postMessage({ reason: op.build.reason, result: sum.toArray() })
