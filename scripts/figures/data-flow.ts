/** The pictures of ARCHITECTURE.md: what goes where in a request and in a training step, and which package does it. */

import { type Color, colors, n, path, svg, text } from './chart.ts'

interface Box {
  readonly column: number
  readonly row: number
  readonly name: string
  readonly who: string
  readonly color: Color
}

interface Frame {
  readonly from: readonly [column: number, row: number]
  readonly to: readonly [column: number, row: number]
  readonly name: string
}

/** From one box to another, by their names. */
type Arrow = readonly [from: string, to: string]

const [boxWidth, boxHeight, gapX, gapY, top, left] = [222, 42, 24, 34, 36, 3]

/** A request goes down on the left, is computed below, and comes back on the right. */
export function requestFlow(): string {
  return draw(
    'A request: down on the left, computed below, back on the right',
    [
      box(0, 0, 'entrance: key, share, limits', 'server, accounts', 'blue'),
      box(0, 1, 'guard: every text, by author', 'guard', 'purple'),
      box(0, 2, 'model: held while it is loaded', 'server', 'blue'),
      box(0, 3, 'dialect: body to Generation', 'protocol, chat, grammar', 'blue'),
      box(0, 4, 'line: urgency, deadline, share', 'batching, engine', 'green'),
      box(0, 5, 'place: longest beginning', 'engine, batching', 'green'),
      box(1, 5, 'plan: decodes, then chunks', 'batching', 'green'),
      box(1, 6, 'one native decode', 'engine: llama.cpp', 'orange'),
      box(2, 6, 'sampling, one draw a token', 'engine', 'orange'),
      box(2, 5, 'message: all new tokens', 'engine', 'green'),
      box(2, 4, 'streams of pieces', 'engine', 'green'),
      box(2, 3, 'thoughts, calls, text', 'chat', 'blue'),
      box(2, 2, 'guard: held back, then sent', 'guard', 'purple'),
      box(2, 1, 'dialect: events as asked for', 'server', 'blue'),
      box(2, 0, 'answer; usage settled', 'server, accounts, telemetry', 'blue'),
      box(1, 1, 'a model elsewhere', 'upstream: bytes handed through', 'purple'),
    ],
    [
      ['entrance: key, share, limits', 'guard: every text, by author'],
      ['guard: every text, by author', 'model: held while it is loaded'],
      ['model: held while it is loaded', 'dialect: body to Generation'],
      ['dialect: body to Generation', 'line: urgency, deadline, share'],
      ['line: urgency, deadline, share', 'place: longest beginning'],
      ['place: longest beginning', 'plan: decodes, then chunks'],
      ['plan: decodes, then chunks', 'one native decode'],
      ['one native decode', 'sampling, one draw a token'],
      ['sampling, one draw a token', 'message: all new tokens'],
      ['message: all new tokens', 'plan: decodes, then chunks'],
      ['message: all new tokens', 'streams of pieces'],
      ['streams of pieces', 'thoughts, calls, text'],
      ['thoughts, calls, text', 'guard: held back, then sent'],
      ['guard: held back, then sent', 'dialect: events as asked for'],
      ['dialect: events as asked for', 'answer; usage settled'],
      ['guard: every text, by author', 'a model elsewhere'],
      ['a model elsewhere', 'dialect: events as asked for'],
    ],
    [{ from: [0, 5], to: [2, 6], name: 'the engine’s process, step after step' }],
  )
}

/** The step is the frame; what outlives it stands outside. */
export function trainingStepFlow(): string {
  return draw(
    'A training step: what is inside the frame dies with it',
    [
      box(0, 0, 'recipe and flags: every fault', 'cli, train', 'blue'),
      box(1, 0, 'session: what outlives a step', 'train', 'blue'),
      box(2, 0, 'checkpoint, atomic', 'train, formats', 'blue'),
      box(0, 1, 'passes of the task, weighed', 'train', 'green'),
      box(1, 1, 'forward, cut into records', 'nn: tape, parallel', 'orange'),
      box(2, 1, 'loss, in chunks of tokens', 'nn', 'orange'),
      box(2, 2, 'grad(outputs, inputs)', 'tensor: libtorch', 'orange'),
      box(1, 2, 'computed again if not kept', 'nn: checkpointing', 'orange'),
      box(0, 2, 'per row: clipped, noise', 'nn, privacy', 'purple'),
      box(0, 3, 'summed over ranks, unscaled', 'nn, tensor', 'green'),
      box(1, 3, 'guard of divergence', 'train', 'purple'),
      box(2, 3, 'optimizer, masters, average', 'nn', 'orange'),
      box(2, 4, 'evaluation', 'train', 'blue'),
      box(1, 4, 'metrics, curves, events', 'train', 'blue'),
      box(0, 4, 'export, proven to be the same', 'train, formats, cli', 'blue'),
    ],
    [
      ['recipe and flags: every fault', 'session: what outlives a step'],
      ['session: what outlives a step', 'checkpoint, atomic'],
      ['recipe and flags: every fault', 'passes of the task, weighed'],
      ['passes of the task, weighed', 'forward, cut into records'],
      ['forward, cut into records', 'loss, in chunks of tokens'],
      ['loss, in chunks of tokens', 'grad(outputs, inputs)'],
      ['grad(outputs, inputs)', 'computed again if not kept'],
      ['computed again if not kept', 'per row: clipped, noise'],
      ['per row: clipped, noise', 'summed over ranks, unscaled'],
      ['summed over ranks, unscaled', 'guard of divergence'],
      ['guard of divergence', 'optimizer, masters, average'],
      ['optimizer, masters, average', 'evaluation'],
      ['evaluation', 'metrics, curves, events'],
      ['metrics, curves, events', 'export, proven to be the same'],
    ],
    [{ from: [0, 1], to: [2, 3], name: 'one step, one scope' }],
  )
}

function box(column: number, row: number, name: string, who: string, color: Color): Box {
  return { column, row, name, who, color }
}

function draw(
  title: string,
  boxes: readonly Box[],
  arrows: readonly Arrow[],
  frames: readonly Frame[],
): string {
  const byName = new Map(boxes.map((each) => [each.name, each]))
  const rows = Math.max(...boxes.map(({ row }) => row)) + 1
  const height = top + rows * (boxHeight + gapY) + 4
  return svg(height, title, [
    `<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0,0L8,4L0,8z" fill="${colors.ink}"/></marker></defs>`,
    ...frames.map(frame),
    ...arrows.map(([from, to]) => arrow(byName.get(from)!, byName.get(to)!)),
    ...boxes.map(drawnBox),
  ])
}

const xOf = (column: number): number => left + column * (boxWidth + gapX)
const yOf = (row: number): number => top + 8 + row * (boxHeight + gapY)

function drawnBox({ column, row, name, who, color }: Box): string {
  const [x, y] = [xOf(column), yOf(row)]
  return [
    `<rect x="${n(x)}" y="${n(y)}" width="${boxWidth}" height="${boxHeight}" rx="6" fill="${colors[color]}" fill-opacity="0.14" stroke="${colors[color]}"/>`,
    text(x + 10, y + 18, name, { weight: 600 }),
    text(x + 10, y + 33, who, { size: 11 }),
  ].join('\n')
}

function frame({ from, to, name }: Frame): string {
  const [x, y] = [xOf(from[0]) - 2.5, yOf(from[1]) - 22]
  const [right, bottom] = [xOf(to[0]) + boxWidth + 2.5, yOf(to[1]) + boxHeight + 8]
  return [
    `<rect x="${n(x)}" y="${n(y)}" width="${n(right - x)}" height="${n(bottom - y)}" rx="10" fill="none" stroke="${colors.ink}" stroke-dasharray="5 4"/>`,
    text(x + boxWidth + 12, y + 14, name, { size: 11 }),
  ].join('\n')
}

/** Straight between neighbours; from column to column where rows differ, with one bend. */
function arrow(from: Box, to: Box): string {
  return path(from.column === to.column ? upOrDown(from, to) : across(from, to), 'ink', 1.2).replace(
    '/>',
    ' marker-end="url(#tip)"/>',
  )
}

function upOrDown(from: Box, to: Box): string[] {
  const isDown = to.row > from.row
  const x = xOf(from.column) + boxWidth / 2
  return [
    `M${n(x)},${n(yOf(from.row) + (isDown ? boxHeight : 0))}`,
    `V${n(yOf(to.row) + (isDown ? 0 : boxHeight))}`,
  ]
}

function across(from: Box, to: Box): string[] {
  const isRight = to.column > from.column
  const start = xOf(from.column) + (isRight ? boxWidth : 0)
  const end = xOf(to.column) + (isRight ? 0 : boxWidth)
  const [y, endY] = [from, to].map(({ row }) => yOf(row) + boxHeight / 2)
  return [`M${n(start)},${n(y!)}`, `H${n((start + end) / 2)}`, `V${n(endY!)}`, `H${n(end)}`]
}
