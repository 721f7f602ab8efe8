/** Consequences of failures in programs, jobs, models and pods, by cause id: what later logs contain. */

/** A program of Node or its like ended. */
export const endedPrograms: readonly string[] = [
  'node_uncaught',
  'process_aborted',
  'k8s_container_failed',
  'k8s_crash_loop',
  'k8s_probe_failed',
]

/** A process of a job, or an engine, ended. */
export const endedJobs: readonly string[] = [
  'torch_child_failed',
  'vllm_engine_died',
  'python_worker_died',
  'nccl_peer_gone',
  'k8s_container_failed',
  'k8s_crash_loop',
]

/** A model was not loaded. */
export const unloadedModels: readonly string[] = [
  'llama_load_failed',
  'process_aborted',
  'k8s_container_failed',
  'k8s_crash_loop',
]

/** A container ended or does not start. */
export const restartedPods: readonly string[] = [
  'k8s_crash_loop',
  'k8s_container_failed',
  'k8s_rollout_stuck',
]
