// Loss curves as SVG, one panel a stage: training in blocks of steps, held-out as points. On its own light ground, so that
// it reads on dark pages too. Knows nothing about files.

import { blockMeans, type StageFigures } from './training-figures.ts'

export interface Panel {
  readonly title: string
  readonly figures: StageFigures
}

/** Steps a point of the training curve stands for. */
export const stepsPerPoint = 10

const panel = { width: 430, height: 330 }
const margin = { left: 52, right: 22, top: 62, bottom: 52 }
const inner = {
  width: panel.width - margin.left - margin.right,
  height: panel.height - margin.top - margin.bottom,
}

export function lossPlot(panels: readonly Panel[]): string {
  const width = panels.length * panel.width
  const drawn = panels.map(
    (each, index) => `<g transform="translate(${index * panel.width} 0)">\n${drawPanel(each)}\n</g>`,
  )
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${panel.height}" width="${width}" height="${panel.height}" role="img" aria-label="Training and held-out loss">
<style>
text { font: 13px system-ui, -apple-system, 'Segoe UI', sans-serif; fill: #57606a }
.title { font-size: 15px; font-weight: 600; fill: #1f2328 }
.grid { stroke: #d8dee4 }
.train { stroke: #6e9fd8; stroke-width: 1.5; fill: none; stroke-linejoin: round }
.held { stroke: #bc4c00; stroke-width: 2; fill: none }
.dot { fill: #bc4c00 }
.key { fill: #bc4c00; font-weight: 600 }
</style>
<rect width="${width}" height="${panel.height}" rx="8" fill="#ffffff"/>
${drawn.join('\n')}
</svg>
`
}

function drawPanel({ title, figures }: Panel): string {
  const { steps, losses, heldOut, lastHeldOutLoss } = figures
  const means = blockMeans(losses, stepsPerPoint)
  const yTicks = ticks(Math.max(...means, ...heldOut.map(({ loss }) => loss)), 5)
  const xTicks = ticks(steps, 5).filter((tick) => tick <= steps)
  const x = (step: number): number => round(margin.left + (step / steps) * inner.width)
  const y = (loss: number): number => round(margin.top + inner.height * (1 - loss / yTicks.at(-1)!))
  const points = (pairs: readonly (readonly [number, number])[]): string =>
    pairs.map(([step, loss]) => `${x(step)},${y(loss)}`).join(' ')
  const middle = (index: number): number => Math.min((index + 0.5) * stepsPerPoint, steps)
  const [right, bottom] = [panel.width - margin.right, panel.height - margin.bottom]

  return [
    `<text class="title" x="${margin.left}" y="26">${title}</text>`,
    `<path class="train" d="M${margin.left} 43h18"/><text x="${margin.left + 24}" y="47">training</text>`,
    `<path class="held" d="M${margin.left + 94} 43h18"/><text x="${margin.left + 118}" y="47">held out</text>`,
    ...yTicks.map(
      (tick) =>
        `<path class="grid" d="M${margin.left} ${y(tick)}H${right}"/><text x="${margin.left - 8}" y="${y(tick) + 4}" text-anchor="end">${tick}</text>`,
    ),
    ...xTicks.map(
      (tick) =>
        `<text x="${x(tick)}" y="${bottom + 20}" text-anchor="middle">${tick.toLocaleString('en')}</text>`,
    ),
    `<text x="${(margin.left + right) / 2}" y="${bottom + 40}" text-anchor="middle">step</text>`,
    `<text transform="translate(16 ${(margin.top + bottom) / 2}) rotate(-90)" text-anchor="middle">nats a token</text>`,
    `<polyline class="train" points="${points(means.map((loss, index) => [middle(index), loss]))}"/>`,
    `<polyline class="held" points="${points(heldOut.map(({ step, loss }) => [step, loss]))}"/>`,
    ...heldOut.map(({ step, loss }) => `<circle class="dot" cx="${x(step)}" cy="${y(loss)}" r="3.5"/>`),
    `<text class="key" x="${x(steps)}" y="${y(lastHeldOutLoss) - 12}" text-anchor="end">${lastHeldOutLoss.toFixed(2)}</text>`,
  ].join('\n')
}

/** Round numbers from 0 to at least `most`, about `count` steps apart. */
function ticks(most: number, count: number): number[] {
  const power = 10 ** Math.floor(Math.log10(most / count))
  const size = [1, 2, 5, 10].map((step) => step * power).find((step) => most / step <= count)!
  return Array.from({ length: Math.ceil(most / size - 1e-9) + 1 }, (_, index) =>
    Number((index * size).toFixed(6)),
  )
}

const round = (value: number): number => Math.round(value * 10) / 10
