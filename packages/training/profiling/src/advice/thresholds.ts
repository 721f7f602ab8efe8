/** Thresholds of the rules. By name, so that another table can be passed. */

import type { Thresholds } from './rule.ts'

export const adviceThresholds: Thresholds = {
  /** Shares of the time. */
  'layout-copies': 0.08,
  'dtype-conversions': 0.08,
  'outside-native': 0.15,
  'data-waiting': 0.05,
  'other-waiting': 0.1,
  optimizer: 0.2,
  'optimizer-unfused': 0.08,
  loss: 0.25,
  recomputing: 0.12,
  'attention-composed': 0.08,
  'attention-sixteen-bits': 0.1,
  filling: 0.05,
  synchronizing: 0.05,
  collectives: 0.1,
  'pauses-of-training': 0.15,
  'device-idle': 0.2,
  /** Share of step time that operators shorter than `small-operators-micros` take. */
  'small-operators': 0.15,
  'small-operators-micros': 10,
  /** Minimum ratio of a step's time to the median. */
  'uneven-steps': 1.4,
  /** Shares of the peak of memory. */
  activations: 0.6,
  'optimizer-memory': 0.4,
  /** Products and convolutions take at least so much, and utilization is at least so high: nothing is wrong. */
  'mostly-products': 0.6,
  'low-utilization': 0.25,
}
