/** The files of the catalogue, in its order: where two causes say as much of one line, the first counts. */

import type { CauseFile } from './cause-data.ts'
import type { SharedData } from './create-causes.ts'
import consequences from './data/consequences.json' with { type: 'json' }
import cudaErrors from './data/cuda-errors.json' with { type: 'json' }
import cudaLibraries from './data/cuda-libraries.json' with { type: 'json' }
import disk from './data/disk.json' with { type: 'json' }
import driver from './data/driver.json' with { type: 'json' }
import gpuMemory from './data/gpu-memory.json' with { type: 'json' }
import hostMemory from './data/host-memory.json' with { type: 'json' }
import kubernetesCluster from './data/kubernetes-cluster.json' with { type: 'json' }
import kubernetesImages from './data/kubernetes-images.json' with { type: 'json' }
import kubernetesPods from './data/kubernetes-pods.json' with { type: 'json' }
import kubernetesScheduling from './data/kubernetes-scheduling.json' with { type: 'json' }
import llamaModelFiles from './data/llama-model-files.json' with { type: 'json' }
import llamaRunning from './data/llama-running.json' with { type: 'json' }
import nccl from './data/nccl.json' with { type: 'json' }
import network from './data/network.json' with { type: 'json' }
import node from './data/node.json' with { type: 'json' }
import processes from './data/processes.json' with { type: 'json' }
import pythonCheckpoints from './data/python-checkpoints.json' with { type: 'json' }
import pythonEngines from './data/python-engines.json' with { type: 'json' }
import pythonLibraries from './data/python-libraries.json' with { type: 'json' }
import pythonTensors from './data/python-tensors.json' with { type: 'json' }
import sources from './data/sources.json' with { type: 'json' }
import training from './data/training.json' with { type: 'json' }
import xid from './data/xid.json' with { type: 'json' }

export const causeFiles: readonly CauseFile[] = [
  cudaErrors,
  cudaLibraries,
  xid,
  driver,
  gpuMemory,
  hostMemory,
  nccl,
  kubernetesScheduling,
  kubernetesImages,
  kubernetesPods,
  kubernetesCluster,
  node,
  processes,
  llamaModelFiles,
  llamaRunning,
  pythonLibraries,
  pythonTensors,
  pythonCheckpoints,
  pythonEngines,
  training,
  network,
  disk,
] as readonly CauseFile[]

export const sharedData: SharedData = { ...consequences, ...sources }
