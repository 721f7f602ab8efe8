/** Learning rate as a pure function of the step. */

export interface CosineSchedule {
  readonly peak: number
  /** Steps of linear warm-up; the first step already learns at peak / warmupSteps. */
  readonly warmupSteps: number
  readonly totalSteps: number
  /** Where the cosine ends, as a fraction of the peak. */
  readonly floorFraction: number
}

/** The rate of step 0, 1, ... totalSteps - 1; from totalSteps on it stays at the floor (Loshchilov 2016, arXiv:1608.03983). */
export function cosineLearningRate(schedule: CosineSchedule, step: number): number {
  const { peak, warmupSteps, totalSteps, floorFraction } = schedule
  if (step < warmupSteps) return (peak * (step + 1)) / warmupSteps
  const progress = Math.min(1, (step - warmupSteps) / Math.max(1, totalSteps - warmupSteps))
  const floor = peak * floorFraction
  return floor + 0.5 * (peak - floor) * (1 + Math.cos(Math.PI * progress))
}
