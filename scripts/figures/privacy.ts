/** Figures of docs/concepts/private-training.md, from the accountants that end a private run. */

import { epsilonCurve, noiseMultiplierFor } from '@hadal/privacy'
import { type Color, lineChart } from './chart.ts'

/** Fashion-MNIST: 60,000 images in batches of 256. */
const [delta, sampleRate] = [1e-5, 256 / 60_000]

export function epsilonOverSteps(): string {
  const noises: readonly (readonly [number, Color])[] = [
    [0.6, 'orange'],
    [0.8, 'blue'],
    [1.2, 'green'],
  ]
  const lines = noises.flatMap(([noiseMultiplier, color]) => {
    const curve = epsilonCurve({ delta, sampleRate, noiseMultiplier, steps: 7000 }, 14)
    return [
      {
        name: `noise ${noiseMultiplier}`,
        color,
        points: curve.map(({ steps, prv }) => [steps, prv] as const),
      },
      {
        name: `noise ${noiseMultiplier}, by RDP`,
        color,
        dashed: true,
        points: curve.map(({ steps, rdp }) => [steps, rdp] as const),
      },
    ]
  })
  return lineChart({
    title: 'What is spent: epsilon over the steps of a run (delta 1e-5, batches of 256 of 60,000)',
    x: { title: 'steps', ticks: [0, 1000, 2000, 3000, 4000, 5000, 6000, 7000] },
    y: { title: 'epsilon: solid PRV (tight), dashed RDP (an older bound)', ticks: [0, 2, 4, 6, 8, 10] },
    lines: lines.map((line) => ({ ...line, points: line.points.filter(([, epsilon]) => epsilon <= 10) })),
    height: 360,
  })
}

export function noiseForEpsilon(): string {
  const epsilons = [0.5, 1, 2, 4, 8]
  const plans: readonly (readonly [number, Color])[] = [
    [500, 'green'],
    [2000, 'blue'],
    [8000, 'orange'],
  ]
  return lineChart({
    title: 'What a promise costs: the noise that keeps a run within epsilon',
    x: { title: 'epsilon', ticks: [0.5, 1, 2, 4, 8], logarithmic: true },
    y: { title: 'noise multiplier', ticks: [0, 0.5, 1, 1.5, 2, 2.5, 3] },
    legendAt: 480,
    lines: plans.map(([steps, color]) => ({
      name: `${steps.toLocaleString('en')} steps`,
      color,
      points: epsilons.map(
        (epsilon) => [epsilon, noiseMultiplierFor({ epsilon, delta, sampleRate, steps })] as const,
      ),
    })),
  })
}
