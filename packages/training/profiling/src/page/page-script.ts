/** The page's script: draws the flame graph and handles mouse and keyboard. Plain JavaScript for current browsers. */

export const pageScript: string = `
'use strict'
const data = JSON.parse(document.getElementById('data').textContent)
const classes = JSON.parse(document.getElementById('classes').textContent)
const [nameOf, laneOf, depthOf, classOf, shapeOf, startOf, lengthOf, selfOf] = data.columns.map((column, at) => (at < 5 ? Int32Array : Float64Array).from(column)) // Times of more than 214 s are no 32 bits.
const whole = Math.max(1, Math.round(data.durationMicros * 10))
const canvas = document.getElementById('canvas'), pen = canvas.getContext('2d'), tip = document.getElementById('tip')
const search = document.getElementById('search'), said = document.getElementById('said')
const rowHeight = 18, laneGap = 22, axisHeight = 24, memoryHeight = data.memory.length > 0 ? 64 : 0
let from = 0, to = whole, matches = null, matching = [], hovered = -1, selected = -1, wanted = false, history = []

// Rows: of each lane one for each depth, with the spans in it in order.
const lanes = data.lanes.map((lane) => ({ ...lane, rows: Array.from({ length: lane.depth }, () => []), top: 0 }))
for (let i = 0; i < startOf.length; i++) lanes[laneOf[i]].rows[depthOf[i]].push(i)
let height = axisHeight + memoryHeight
for (const lane of lanes) { lane.top = height + laneGap; height = lane.top + lane.rows.length * rowHeight + 4 }
const peak = data.memory.reduce((most, value, i) => i % 2 ? Math.max(most, value) : most, 0)

const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim()
let colours = {}
function readColours() {
  colours = { ink: css('--ink'), soft: css('--soft'), line: css('--line'), card: css('--card'), on: css('--on'), mark: css('--mark'), accent: css('--accent'), tint: css('--tint') }
  colours.of = classes.map((name) => css('--c-' + name))
}
function size() {
  const ratio = window.devicePixelRatio || 1, width = canvas.clientWidth
  canvas.style.height = height + 'px'
  canvas.width = Math.round(width * ratio); canvas.height = Math.round(height * ratio)
  pen.setTransform(ratio, 0, 0, ratio, 0, 0)
  draw()
}
function draw() { if (wanted) return; wanted = true; requestAnimationFrame(() => { wanted = false; paint() }) }

const time = (tenths) => { const us = tenths / 10; return us >= 1e6 ? (us / 1e6).toFixed(2) + ' s' : us >= 1e3 ? (us / 1e3).toFixed(us >= 1e5 ? 0 : us >= 1e4 ? 1 : 2) + ' ms' : us.toFixed(us >= 100 ? 0 : 1) + ' µs' }
const bytes = (n) => { for (const unit of ['B', 'KiB', 'MiB']) { if (Math.abs(n) < 1024) return n.toFixed(unit === 'B' ? 0 : 1) + ' ' + unit; n /= 1024 } return n.toFixed(2) + ' GiB' }
const firstAt = (row, value) => { let low = 0, high = row.length; while (low < high) { const middle = (low + high) >> 1; if (startOf[row[middle]] + lengthOf[row[middle]] >= value) high = middle; else low = middle + 1 } return low }
const nextFrom = (row, begin, value) => { let low = begin, high = row.length; while (low < high) { const middle = (low + high) >> 1; if (startOf[row[middle]] + lengthOf[row[middle]] > value) high = middle; else low = middle + 1 } return low }
const widths = new Map()
function fitted(text, room) {
  if (room < 24) return ''
  let wide = widths.get(text)
  if (wide === undefined) { wide = pen.measureText(text).width; widths.set(text, wide) }
  if (wide <= room) return text
  const count = Math.floor(text.length * room / wide) - 1
  return count < 3 ? '' : text.slice(0, count) + '…'
}

function paint() {
  const width = canvas.clientWidth, scale = width / (to - from)
  pen.clearRect(0, 0, width, height)
  pen.font = '11px system-ui, sans-serif'; pen.textBaseline = 'middle'
  axis(width, scale)
  if (memoryHeight) memory(width, scale)
  for (const lane of lanes) {
    pen.fillStyle = colours.soft
    pen.fillText(fitted(lane.name, width - 12) || lane.name.slice(0, 20), 6, lane.top - laneGap / 2 + 1)
    lane.rows.forEach((row, depth) => drawRow(row, lane.top + depth * rowHeight, scale, width))
  }
}
function drawRow(row, y, scale, width) {
  const h = rowHeight - 1
  for (let at = firstAt(row, from); at < row.length;) {
    const i = row[at]
    if (startOf[i] > to) break
    const x = Math.max(0, (startOf[i] - from) * scale), end = Math.min(width, (startOf[i] + lengthOf[i] - from) * scale), w = end - x
    const hit = matches !== null && matches[nameOf[i]]
    pen.globalAlpha = matches === null || hit ? 1 : .22
    pen.fillStyle = hit ? colours.mark : colours.of[classOf[i]]
    if (w < 1.5) {
      // One pixel stands for all in it.
      pen.fillRect(x, y, 1, h)
      at = Math.max(at + 1, nextFrom(row, at + 1, from + (Math.floor(x) + 1) / scale))
      continue
    }
    pen.fillRect(x, y, w - .5, h)
    const text = fitted(data.names[nameOf[i]], w - 8)
    if (text) { pen.fillStyle = hit ? colours.card : colours.on; pen.fillText(text, x + 4, y + h / 2 + .5) }
    if (i === selected || i === hovered) { pen.globalAlpha = 1; pen.strokeStyle = i === selected ? colours.accent : colours.ink; pen.lineWidth = 1.5; pen.strokeRect(x + .75, y + .75, Math.max(1, w - 2), h - 1.5) }
    at++
  }
  pen.globalAlpha = 1
}
function axis(width, scale) {
  const rough = (to - from) / Math.max(2, width / 110), power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough)
  pen.fillStyle = colours.soft; pen.strokeStyle = colours.line; pen.lineWidth = 1
  for (let t = Math.ceil(from / step) * step; t <= to; t += step) {
    const x = Math.round((t - from) * scale) + .5
    pen.beginPath(); pen.moveTo(x, axisHeight - 4); pen.lineTo(x, height); pen.stroke()
    pen.fillText(time(t), x + 3, axisHeight / 2)
  }
}
function memory(width, scale) {
  const points = data.memory, bottom = axisHeight + memoryHeight - 4, room = memoryHeight - 16
  const low = Math.min(0, ...[points[1] || 0]), span = Math.max(1, peak - low)
  let begin = 0, end = points.length / 2
  while (begin < end) { const middle = (begin + end) >> 1; if (points[2 * middle] < from) begin = middle + 1; else end = middle }
  pen.beginPath(); pen.moveTo(0, bottom)
  let value = begin > 0 ? points[2 * begin - 1] : 0, last = 0
  const yOf = (v) => bottom - Math.max(0, (v - low) / span) * room
  pen.lineTo(0, yOf(value))
  for (let i = begin; i < points.length / 2 && points[2 * i] <= to; i++) {
    const x = (points[2 * i] - from) * scale
    pen.lineTo(x, yOf(value)); value = points[2 * i + 1]; pen.lineTo(x, yOf(value)); last = x
  }
  pen.lineTo(width, yOf(value)); pen.lineTo(width, bottom); pen.closePath()
  pen.fillStyle = colours.tint; pen.fill(); pen.strokeStyle = colours.accent; pen.lineWidth = 1; pen.stroke()
  pen.fillStyle = colours.soft; pen.fillText('memory, at most ' + bytes(peak) + ' more than at the beginning', 6, axisHeight + 7)
}

function look(a, b, keep = true) {
  const least = 20
  if (b - a < least) { const middle = (a + b) / 2; a = middle - least / 2; b = middle + least / 2 }
  const length = Math.min(whole, b - a)
  a = Math.max(0, Math.min(whole - length, a))
  if (keep) { history.push([from, to]); if (history.length > 50) history.shift() }
  from = a; to = a + length; pressSteps(); draw()
}
const zoom = (factor, at = (from + to) / 2, keep = false) => look(at - (at - from) * factor, at + (to - at) * factor, keep)
const pan = (part) => { const move = (to - from) * part; look(from + move, to + move, false) }
function back() { const before = history.pop(); if (before) { [from, to] = before; pressSteps(); draw() } else look(0, whole, false) }

function spanAt(x, y) {
  const lane = lanes.find(({ top, rows }) => y >= top && y < top + rows.length * rowHeight)
  if (!lane) return -1
  const row = lane.rows[Math.floor((y - lane.top) / rowHeight)], scale = canvas.clientWidth / (to - from), t = from + x / scale
  const at = firstAt(row, t - 1 / scale)
  for (let k = at; k < Math.min(row.length, at + 3); k++) { const i = row[k]; if (startOf[i] <= t + 1 / scale && startOf[i] + lengthOf[i] >= t - 1 / scale) return i }
  return -1
}
function tell(i) {
  const lines = [time(lengthOf[i]) + ', itself ' + time(selfOf[i]) + ' · ' + (100 * lengthOf[i] / (to - from)).toFixed(1) + ' % of what is shown', 'from ' + time(startOf[i]) + ' · ' + data.lanes[laneOf[i]].name]
  if (shapeOf[i] >= 0) lines.push(data.shapes[shapeOf[i]])
  return lines
}
function showTip(i, x, y) {
  tip.replaceChildren(Object.assign(document.createElement('b'), { textContent: data.names[nameOf[i]] }), ...tell(i).map((line) => Object.assign(document.createElement('div'), { textContent: line, className: 'soft' })))
  tip.hidden = false
  const { width, height: tall } = tip.getBoundingClientRect()
  tip.style.left = Math.max(4, Math.min(innerWidth - width - 8, x + 14)) + 'px'
  tip.style.top = (y + tall + 24 > innerHeight ? y - tall - 12 : y + 16) + 'px'
}
function select(i, zoomIn = true) {
  selected = i
  if (zoomIn) { const pad = Math.max(5, lengthOf[i] * .04); look(startOf[i] - pad, startOf[i] + lengthOf[i] + pad) }
  said.textContent = data.names[nameOf[i]] + ': ' + tell(i).join(' · ')
  draw()
}

let grip = null
canvas.addEventListener('pointerdown', (event) => { grip = { x: event.offsetX, from, to, moved: false }; canvas.setPointerCapture(event.pointerId); canvas.focus({ preventScroll: true }) })
canvas.addEventListener('pointermove', (event) => {
  if (grip && event.buttons) {
    const dx = event.offsetX - grip.x
    if (Math.abs(dx) > 3 && !grip.moved) { grip.moved = true; history.push([grip.from, grip.to]); tip.hidden = true }
    if (grip.moved) { const move = -dx * (grip.to - grip.from) / canvas.clientWidth; look(grip.from + move, grip.to + move, false) }
    return
  }
  const i = spanAt(event.offsetX, event.offsetY)
  if (i !== hovered) { hovered = i; draw() }
  if (i < 0) tip.hidden = true; else showTip(i, event.clientX, event.clientY)
})
canvas.addEventListener('pointerup', (event) => { const clicked = grip && !grip.moved; grip = null; if (!clicked) return; const i = spanAt(event.offsetX, event.offsetY); if (i >= 0) select(i) })
canvas.addEventListener('pointerleave', () => { hovered = -1; tip.hidden = true; draw() })
canvas.addEventListener('dblclick', () => { history.length = 0; look(0, whole, false) })
canvas.addEventListener('wheel', (event) => {
  if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) { event.preventDefault(); pan(event.deltaX / canvas.clientWidth) }
  else if (event.ctrlKey || event.metaKey || event.shiftKey || document.activeElement === canvas) { event.preventDefault(); zoom(Math.exp(Math.max(-1, Math.min(1, event.deltaY / 300))), from + event.offsetX / canvas.clientWidth * (to - from)) }
}, { passive: false })
canvas.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return
  const row = selected >= 0 ? lanes[laneOf[selected]].rows[depthOf[selected]] : null
  const keys = {
    ArrowLeft: () => event.shiftKey && row ? beside(row, -1) : pan(-.15), ArrowRight: () => event.shiftKey && row ? beside(row, 1) : pan(.15),
    ArrowUp: () => event.shiftKey && selected >= 0 ? vertical(-1) : zoom(.7), ArrowDown: () => event.shiftKey && selected >= 0 ? vertical(1) : zoom(1 / .7),
    '+': () => zoom(.7), '=': () => zoom(.7), '-': () => zoom(1 / .7), Home: () => { history.length = 0; look(0, whole, false) }, Escape: () => back(), Backspace: () => back(),
    n: () => match(1), N: () => match(-1),
  }
  const act = keys[event.key]
  if (act) { event.preventDefault(); act() }
})
function beside(row, by) { const next = row[row.indexOf(selected) + by]; if (next !== undefined) { select(next, false); follow(next) } }
function vertical(by) {
  const row = lanes[laneOf[selected]].rows[depthOf[selected] + by]
  const next = row && row.find((i) => by < 0 ? startOf[i] <= startOf[selected] && startOf[i] + lengthOf[i] >= startOf[selected] + lengthOf[selected] : startOf[i] >= startOf[selected] && startOf[i] + lengthOf[i] <= startOf[selected] + lengthOf[selected])
  if (next !== undefined) { select(next, false); follow(next) }
}
function follow(i) { if (startOf[i] < from || startOf[i] + lengthOf[i] > to) { const half = Math.max((to - from) / 2, lengthOf[i]); const middle = startOf[i] + lengthOf[i] / 2; look(middle - half, middle + half) } }
document.addEventListener('keydown', (event) => { if (event.key === '/' && !/INPUT|TEXTAREA/.test(document.activeElement.tagName)) { event.preventDefault(); search.focus(); search.select() } })

function find() {
  const words = search.value.trim().toLowerCase()
  matches = null; matching = []
  if (words) {
    matches = data.names.map((name) => name.toLowerCase().includes(words))
    let total = 0
    for (let i = 0; i < startOf.length; i++) if (matches[nameOf[i]]) { matching.push(i); total += selfOf[i] }
    said.textContent = matching.length.toLocaleString('en') + ' spans, ' + time(total) + ' of their own' + (matching.length ? ' · Enter: the next' : '')
  } else said.textContent = ''
  for (const row of document.querySelectorAll('tr[data-name]')) row.hidden = Boolean(words) && !row.dataset.name.toLowerCase().includes(words)
  draw()
}
function match(by) { if (matching.length === 0) return; const at = matching.indexOf(selected); select(matching[(at + by + matching.length) % matching.length]) }
search.addEventListener('input', find)
search.addEventListener('keydown', (event) => { if (event.key === 'Enter') match(event.shiftKey ? -1 : 1); if (event.key === 'Escape') { search.value = ''; find(); canvas.focus() } })

const buttons = document.getElementById('steps')
// A server records thousands of steps.
const few = data.steps.length <= 24 ? data.steps : []
const ranges = [{ name: 'all', start: 0, end: whole }, ...few]
if (data.steps.length > 0) for (const range of ranges) {
  const button = Object.assign(document.createElement('button'), { type: 'button', textContent: range.name, title: time(range.end - range.start) })
  button.addEventListener('click', () => look(range.start, range.end))
  buttons.append(button)
}
function pressSteps() { [...buttons.children].forEach((button, i) => button.setAttribute('aria-pressed', String(Math.abs(ranges[i].start - from) < 1 && Math.abs(ranges[i].end - to) < 1))) }
document.getElementById('in').addEventListener('click', () => zoom(.5))
document.getElementById('out').addEventListener('click', () => zoom(2))
document.getElementById('back').addEventListener('click', back)
for (const button of document.querySelectorAll('[data-look]')) button.addEventListener('click', () => { const [a, b] = button.dataset.look.split(' ').map(Number); const pad = (b - a) * .5; look(a - pad, b + pad); canvas.scrollIntoView({ block: 'nearest' }); canvas.focus({ preventScroll: true }) })
for (const button of document.querySelectorAll('[data-find]')) button.addEventListener('click', () => { search.value = button.dataset.find; find(); canvas.scrollIntoView({ block: 'nearest' }) })
for (const button of document.querySelectorAll('th button')) button.addEventListener('click', () => {
  const head = button.closest('th'), body = head.closest('table').tBodies[0], column = head.cellIndex, falling = head.getAttribute('aria-sort') !== 'descending'
  for (const each of head.parentElement.children) each.removeAttribute('aria-sort')
  head.setAttribute('aria-sort', falling ? 'descending' : 'ascending')
  const value = (row) => { const cell = row.cells[column]; return cell.dataset.value === undefined ? cell.textContent : Number(cell.dataset.value) }
  const order = (one, other) => typeof one === 'number' ? one - other : one < other ? -1 : one > other ? 1 : 0
  body.append(...[...body.rows].sort((one, other) => (falling ? -1 : 1) * order(value(one), value(other))))
})
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => { readColours(); draw() })
new ResizeObserver(size).observe(canvas.parentElement)
readColours()
if (few.length > 0) { const step = few[Math.min(1, few.length - 1)]; from = step.start; to = step.end }
size(); pressSteps()
`
