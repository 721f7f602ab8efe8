/**
 * The metrics of a run of `hadal train --metrics-port`, in the form of the server's table; only rank 0 serves them. The label
 * `run`, from the recipe, distinguishes runs.
 *
 * @example
 * ```ts
 * import { trainingMetrics } from '@hadal/protocol'
 *
 * Object.values(trainingMetrics)[0]!.kind
 * ```
 */

export const trainingMetrics = {
  step: {
    name: 'hadal_train_step',
    kind: 'gauge',
    help: 'Completed steps of the run, across restarts; decreases when the divergence guard rolls back.',
    labels: ['run'],
  },
  totalSteps: {
    name: 'hadal_train_total_steps',
    kind: 'gauge',
    help: 'Total steps of the run.',
    labels: ['run'],
  },
  steps: {
    name: 'hadal_train_steps_total',
    kind: 'counter',
    help: 'Steps that this process computed, including skipped and undone ones.',
    labels: ['run'],
  },
  running: {
    name: 'hadal_train_running',
    kind: 'gauge',
    help: '1 from model load to the last step, otherwise 0: a run without progress is stalled only while it is 1.',
    labels: ['run'],
  },
  startTime: {
    name: 'hadal_train_start_timestamp_seconds',
    kind: 'gauge',
    help: 'Time when this process started its first step, in seconds since 1970.',
    labels: ['run'],
  },
  restarts: {
    name: 'hadal_train_restarts',
    kind: 'gauge',
    help: 'Restarts of the ranks by the launcher.',
    labels: ['run'],
  },
  worldSize: {
    name: 'hadal_train_world_size',
    kind: 'gauge',
    help: 'Number of ranks.',
    labels: ['run'],
  },
  parameters: {
    name: 'hadal_train_parameters',
    kind: 'gauge',
    help: 'Parameters of the model.',
    labels: ['run'],
  },
  loss: {
    name: 'hadal_train_loss',
    kind: 'gauge',
    help: 'Mean loss of the last step’s batch, before the update.',
    labels: ['run'],
  },
  evaluationLoss: {
    name: 'hadal_train_evaluation_loss',
    kind: 'gauge',
    help: 'Mean loss of the last evaluation, on held-out data.',
    labels: ['run'],
  },
  evaluationMeasure: {
    name: 'hadal_train_evaluation_measure',
    kind: 'gauge',
    help: 'Further results of the last evaluation, by name, such as the accuracy of a classifier.',
    labels: ['run', 'measure'],
  },
  evaluationTime: {
    name: 'hadal_train_evaluation_seconds',
    kind: 'gauge',
    help: 'Duration of the last evaluation.',
    labels: ['run'],
  },
  learningRate: {
    name: 'hadal_train_learning_rate',
    kind: 'gauge',
    help: 'Learning rate of the last step; with layered rates, that of the top layer.',
    labels: ['run'],
  },
  gradientNorm: {
    name: 'hadal_train_gradient_norm',
    kind: 'gauge',
    help: 'Norm of the last step’s gradient, before clipping.',
    labels: ['run'],
  },
  lossScale: {
    name: 'hadal_train_loss_scale',
    kind: 'gauge',
    help: 'Loss scale; only in fp16.',
    labels: ['run'],
  },
  epoch: {
    name: 'hadal_train_epoch',
    kind: 'gauge',
    help: 'Epochs completed, with fractions.',
    labels: ['run'],
  },
  tokens: {
    name: 'hadal_train_tokens_total',
    kind: 'counter',
    help: 'Tokens, images or pairs (`unit`) read by all ranks since this process started.',
    labels: ['run', 'unit'],
  },
  tokensPerSecond: {
    name: 'hadal_train_tokens_per_second',
    kind: 'gauge',
    help: 'Tokens, images or pairs per second in the last step.',
    labels: ['run', 'unit'],
  },
  modelFlopsUtilization: {
    name: 'hadal_train_mfu',
    kind: 'gauge',
    help: 'Model FLOPs utilization (MFU) of the last step: share of the measured peak of the machine, 0 to 1.',
    labels: ['run'],
  },
  stepTime: {
    name: 'hadal_train_step_seconds',
    kind: 'histogram',
    help: 'Duration of a step.',
    labels: ['run'],
    buckets: 'trainStep',
  },
  expertImbalance: {
    name: 'hadal_train_expert_imbalance',
    kind: 'gauge',
    help: 'Load of the busiest expert in the last step, as a multiple of the mean; 1 if balanced, and for models without experts.',
    labels: ['run'],
  },
  skippedSteps: {
    name: 'hadal_train_skipped_steps_total',
    kind: 'counter',
    help: 'Steps skipped because gradients overflowed in fp16.',
    labels: ['run'],
  },
  undoneSteps: {
    name: 'hadal_train_rolled_back_steps_total',
    kind: 'counter',
    help: 'Steps undone by the divergence guard, including the failed ones.',
    labels: ['run'],
  },
  interventions: {
    name: 'hadal_train_interventions_total',
    kind: 'counter',
    help: 'Interventions of the divergence guard in this process.',
    labels: ['run'],
  },
  residentMemory: {
    name: 'hadal_train_resident_memory_bytes',
    kind: 'gauge',
    help: 'Resident memory of rank 0 after the last step.',
    labels: ['run'],
  },
  peakMemory: {
    name: 'hadal_train_tensor_memory_peak_bytes',
    kind: 'gauge',
    help: 'Peak tensor memory of rank 0 in the last step.',
    labels: ['run'],
  },
  epsilonSpent: {
    name: 'hadal_train_epsilon_spent',
    kind: 'gauge',
    help: 'Epsilon spent by a private run at its last evaluation.',
    labels: ['run'],
  },
  epsilonBudget: {
    name: 'hadal_train_epsilon_budget',
    kind: 'gauge',
    help: 'Epsilon budget of a private run; absent without a budget.',
    labels: ['run'],
  },
  checkpointStep: {
    name: 'hadal_train_checkpoint_step',
    kind: 'gauge',
    help: 'Step of the last checkpoint, where a restarted run resumes.',
    labels: ['run'],
  },
  checkpointTime: {
    name: 'hadal_train_checkpoint_timestamp_seconds',
    kind: 'gauge',
    help: 'Time of the last checkpoint, in seconds since 1970; absent until this process has written one.',
    labels: ['run'],
  },
  checkpointSeconds: {
    name: 'hadal_train_checkpoint_seconds',
    kind: 'gauge',
    help: 'Duration of writing the last checkpoint.',
    labels: ['run'],
  },
} as const
