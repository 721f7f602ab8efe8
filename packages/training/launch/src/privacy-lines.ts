/** Renders a private run's guarantee and spending as text. */

import { formatCount } from '@hadal/base'
import { formatTable, type Style, say, visibleLength } from '@hadal/output'
import type { PrivacyForecast } from '@hadal/train'

/** Name and text of each line of a run's plan that is about privacy. */
export function privacyRows(forecast: PrivacyForecast): (readonly [string, string])[] {
  const { epsilon, delta, spends, accountant, rows, noiseMultiplier, isDerived } = forecast
  const { expectedRows, sampleRate, clipping, mode, modeReason, secure } = forecast
  const budget = epsilon === undefined ? say`no budget` : say`a budget of epsilon ${epsilon}`
  return [
    [
      say`privacy`,
      say`${budget} at delta ${short(delta)}: the run spends ${spends.toFixed(4)} (${accountant})`,
    ],
    [
      '  noise',
      say`${short(noiseMultiplier)} × clipping norm, ${isDerived ? say`derived from the budget` : say`as configured`}; ${secure ? say`securely sampled` : say`sampled from the seed`}`,
    ],
    [
      '  rows',
      say`${formatCount(expectedRows)} of ${formatCount(rows)} per step on average, each with probability ${short(sampleRate)}`,
    ],
    [
      '  clipping',
      say`${clipping.kind}, to ${clipping.norm} per row, by ${mode} (${modeReason}); no other norm clipping`,
    ],
  ]
}

/** The same with epsilon against steps, by both bounds. */
export function privacyLines(forecast: PrivacyForecast, style: Style): string[] {
  const rows = privacyRows(forecast)
  const width = Math.max(...rows.map(([name]) => visibleLength(name)))
  const heads = [say`steps`, 'epsilon (rdp)', 'epsilon (prv)']
  return [
    ...rows.map(([name, text]) => `${name}${' '.repeat(width - visibleLength(name))}  ${text}`),
    '',
    formatTable(
      [
        heads.map(style.dim),
        ...forecast.curve.map(({ steps, rdp, prv }) => [String(steps), rdp.toFixed(4), prv.toFixed(4)]),
      ],
      ['right', 'right', 'right'],
    ),
    ...(forecast.mode === 'book-keeping' ? ['', bookKeepingNote] : []),
    ...forecast.warnings.map((warning) => `${style.yellow('warning:')} ${warning}`),
  ]
}

const bookKeepingNote =
  'Memory is estimated for a non-private step: book-keeping additionally holds the gradients of layer outputs until all norms are known (ghost does not).'

const short = (value: number): string => String(Number(value.toPrecision(4)))
