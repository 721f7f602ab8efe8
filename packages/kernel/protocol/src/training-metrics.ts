/**
 * The metrics of a run of `hadal train --metrics-port`, in the form of the server's table; only rank 0 serves them. The label
 * `run`, from the recipe, distinguishes runs.
 *
 * @example
 * ```ts
 * import { trainingMetrics } from '@hadal/protocol'
 *
 * Object.values(trainingMetrics)[0].kind
 * ```
 */

export const trainingMetrics = {
  step: {
    name: 'hadal_train_step',
    kind: 'gauge',
    help: 'Steps done, over all starts of the run; less after the divergence guard went back.',
    labels: ['run'],
  },
  totalSteps: {
    name: 'hadal_train_total_steps',
    kind: 'gauge',
    help: 'Steps that the run has in all.',
    labels: ['run'],
  },
  steps: {
    name: 'hadal_train_steps_total',
    kind: 'counter',
    help: 'Steps that this process computed, also those that were skipped or undone later.',
    labels: ['run'],
  },
  running: {
    name: 'hadal_train_running',
    kind: 'gauge',
    help: '1 from the moment the model is loaded until the last step, 0 before and after: a run that makes no steps is stalled only while it is 1.',
    labels: ['run'],
  },
  startTime: {
    name: 'hadal_train_start_timestamp_seconds',
    kind: 'gauge',
    help: 'When this process began with steps, in seconds since 1970.',
    labels: ['run'],
  },
  restarts: {
    name: 'hadal_train_restarts',
    kind: 'gauge',
    help: 'Times that the launcher of the ranks started them again.',
    labels: ['run'],
  },
  worldSize: {
    name: 'hadal_train_world_size',
    kind: 'gauge',
    help: 'Ranks that carry the run out together.',
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
    help: 'What else the last evaluation measured, by name, such as the accuracy of a classifier.',
    labels: ['run', 'measure'],
  },
  evaluationTime: {
    name: 'hadal_train_evaluation_seconds',
    kind: 'gauge',
    help: 'What the last evaluation took.',
    labels: ['run'],
  },
  learningRate: {
    name: 'hadal_train_learning_rate',
    kind: 'gauge',
    help: 'Of the last step; with rates by layer, the top’s.',
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
    help: 'What the loss is multiplied by; only in fp16.',
    labels: ['run'],
  },
  epoch: {
    name: 'hadal_train_epoch',
    kind: 'gauge',
    help: 'Passes over the data so far, fractions among them.',
    labels: ['run'],
  },
  tokens: {
    name: 'hadal_train_tokens_total',
    kind: 'counter',
    help: 'Read by this process and the ranks beside it: tokens, images or pairs, as `unit` says.',
    labels: ['run', 'unit'],
  },
  tokensPerSecond: {
    name: 'hadal_train_tokens_per_second',
    kind: 'gauge',
    help: 'The same of the last step, in a second.',
    labels: ['run', 'unit'],
  },
  modelFlopsUtilization: {
    name: 'hadal_train_mfu',
    kind: 'gauge',
    help: 'Part of the machine’s measured peak that the model’s own arithmetic used in the last step, 0 to 1.',
    labels: ['run'],
  },
  stepTime: {
    name: 'hadal_train_step_seconds',
    kind: 'histogram',
    help: 'One step.',
    labels: ['run'],
    buckets: 'trainStep',
  },
  expertImbalance: {
    name: 'hadal_train_expert_imbalance',
    kind: 'gauge',
    help: 'How many times the mean load the busiest expert had in the last step; 1 for even, and for models without experts.',
    labels: ['run'],
  },
  skippedSteps: {
    name: 'hadal_train_skipped_steps_total',
    kind: 'counter',
    help: 'Steps that changed no weight, as gradients overflowed in fp16.',
    labels: ['run'],
  },
  undoneSteps: {
    name: 'hadal_train_rolled_back_steps_total',
    kind: 'counter',
    help: 'Steps that the divergence guard undid, the failed ones among them.',
    labels: ['run'],
  },
  interventions: {
    name: 'hadal_train_interventions_total',
    kind: 'counter',
    help: 'Times that the divergence guard acted in this process.',
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
    help: 'The most that tensors of rank 0 held at once in the last step.',
    labels: ['run'],
  },
  epsilonSpent: {
    name: 'hadal_train_epsilon_spent',
    kind: 'gauge',
    help: 'Privacy that a private run had spent at its last evaluation.',
    labels: ['run'],
  },
  epsilonBudget: {
    name: 'hadal_train_epsilon_budget',
    kind: 'gauge',
    help: 'The epsilon that a private run may spend; only where it has a budget.',
    labels: ['run'],
  },
  checkpointStep: {
    name: 'hadal_train_checkpoint_step',
    kind: 'gauge',
    help: 'The step of the last checkpoint: the run goes on there when it is started again.',
    labels: ['run'],
  },
  checkpointTime: {
    name: 'hadal_train_checkpoint_timestamp_seconds',
    kind: 'gauge',
    help: 'When the last checkpoint was written, in seconds since 1970; absent until this process has written one.',
    labels: ['run'],
  },
  checkpointSeconds: {
    name: 'hadal_train_checkpoint_seconds',
    kind: 'gauge',
    help: 'What writing the last checkpoint took.',
    labels: ['run'],
  },
} as const
