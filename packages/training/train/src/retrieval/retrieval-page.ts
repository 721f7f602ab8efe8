/**
 * A retrieval report as a self-contained HTML page: recall in both directions, and the best and worst queries with their results.
 * Pure: takes results and thumbnails, returns text.
 */

import { pageStyle } from './page-style.ts'
import type { Pairing, QueryResult, Recall } from './recall.ts'
import { recallOf } from './recall.ts'

export interface RetrievalReport {
  readonly title: string
  /** Listed under the title: model, data, counts, date. */
  readonly facts: readonly string[]
  /** Shown if data was left out. */
  readonly warning?: string | undefined
  readonly pairing: Pairing
  /** Results per text, ranked over images; per image, ranked over texts. */
  readonly byText: readonly QueryResult[]
  readonly byImage: readonly QueryResult[]
  readonly imageNames: readonly string[]
  /** For displayed images (`shownImages`): a URL, such as a data URI. */
  readonly thumbnails: ReadonlyMap<number, string>
  /** Queries of each of the four lists. */
  readonly shown: number
}

export interface Extremes {
  /** Queries with rank 0. */
  readonly best: readonly number[]
  /** The other queries. */
  readonly worst: readonly number[]
}

/** By rank; ties by the margin between the right item and the best wrong one. */
export function extremesOf(
  results: readonly QueryResult[],
  right: Pairing['imagesOfText'],
  count: number,
): Extremes {
  const lead = results.map(({ right: { score }, top }, query) => {
    const wrong = top.find(({ item }) => !right[query]!.includes(item))
    return score - (wrong?.score ?? score)
  })
  const order = [...results.keys()].sort(
    (one, other) => results[one]!.rank - results[other]!.rank || lead[other]! - lead[one]! || one - other,
  )
  const found = order.filter((query) => results[query]!.rank === 0)
  return { best: found.slice(0, count), worst: order.slice(found.length).slice(-count).reverse() }
}

/**
 * The images that the page shows, so that thumbnails are made of no others.
 *
 * @internal
 */
export function shownImages({
  byText,
  byImage,
  pairing,
  shown,
}: Omit<RetrievalReport, 'thumbnails'>): Set<number> {
  const texts = extremesOf(byText, pairing.imagesOfText, shown)
  const images = extremesOf(byImage, pairing.textsOfImage, shown)
  return new Set([
    ...[...texts.best, ...texts.worst].flatMap((query) =>
      [byText[query]!.right, ...byText[query]!.top].map(({ item }) => item),
    ),
    ...images.best,
    ...images.worst,
  ])
}

/** @internal */
export function retrievalPage(report: RetrievalReport): string {
  const { title, facts, warning, pairing, byText, byImage, shown } = report
  const texts = extremesOf(byText, pairing.imagesOfText, shown)
  const images = extremesOf(byImage, pairing.textsOfImage, shown)
  const textCards = (queries: readonly number[]) => queries.map((query) => textCard(report, query))
  const imageCards = (queries: readonly number[]) => queries.map((query) => imageCard(report, query))
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${pageStyle}</style>
<header>
<h1>${escapeHtml(title)}</h1>
<p class="facts">${facts.map(escapeHtml).join(' · ')}</p>
${warning === undefined ? '' : `<details class="warning"><summary>${escapeHtml(firstLine(warning))}</summary><pre>${escapeHtml(warning)}</pre></details>\n`}</header>
<main>
<div class="recalls">
${recallCard('Caption to image', recallOf(byText), 'captions', pairing.textsOfImage.length, 'images')}
${recallCard('Image to caption', recallOf(byImage), 'images', pairing.texts.length, 'captions')}
</div>
${section('Captions that found their image', 'Furthest ahead of the best wrong image.', 'wide', textCards(texts.best))}
${section('Captions that looked elsewhere', 'Their own image stands furthest back.', 'wide', textCards(texts.worst))}
${section('Images that found their caption', 'Furthest ahead of the best wrong caption.', 'narrow', imageCards(images.best))}
${section('Images that found other words', 'Their own caption stands furthest back.', 'narrow', imageCards(images.worst))}
</main>
</html>
`
}

function recallCard(name: string, recall: Recall, queries: string, items: number, found: string): string {
  const figures = Object.entries(recall.at).map(
    ([k, share]) => `<div class="figure"><dt>R@${k}</dt><dd>${percent(share)}<small>%</small></dd></div>`,
  )
  const rank = `<div class="figure soft"><dt>median rank</dt><dd>${number(recall.medianRank)}</dd></div>`
  return `<section class="recall"><h2>${name}</h2><p>${recall.queries} ${queries} among ${items} ${found}</p><dl>${figures.join('')}${rank}</dl>${rankBar(recall)}</section>`
}

/** Distribution of ranks: first, up to fifth, up to tenth, and beyond. */
function rankBar({ at }: Recall): string {
  let before = 0
  const parts = Object.entries(at).map(([k, share], index) => {
    const part = share - before
    before = share
    const name = k === '1' ? 'rank 1' : `to rank ${k}`
    return `<i class="p${index}" style="flex-grow:${fixed(part, 4)}" title="${name}: ${percent(part)} %"></i>`
  })
  return `<div class="bar" role="img" aria-label="How ranks are spread">${parts.join('')}<i style="flex-grow:${fixed(1 - before, 4)}" title="beyond: ${percent(1 - before)} %"></i></div>`
}

function section(name: string, about: string, kind: string, cards: readonly string[]): string {
  const all =
    cards.length === 0 ? '<p>There are none.</p>' : `<div class="cards ${kind}">\n${cards.join('\n')}\n</div>`
  return `<section class="queries"><h2>${name}</h2>${cards.length === 0 ? '' : `<p>${about}</p>`}${all}</section>`
}

function textCard(report: RetrievalReport, query: number): string {
  const { pairing, byText } = report
  const { rank, right, top } = byText[query]!
  const own = pairing.imagesOfText[query]!
  const tiles = top.map(({ item, score }, place) =>
    tile(report, item, score, `${place + 1}`, own.includes(item)),
  )
  // The right item is shown even if it is not among them.
  if (rank >= top.length) tiles.push(tile(report, right.item, right.score, `${rank + 1}`, true, 'apart'))
  return `<article>${place(rank)}<blockquote>${escapeHtml(shorten(pairing.texts[query]!))}</blockquote><ol class="tiles">${tiles.join('')}</ol></article>`
}

function tile(
  report: RetrievalReport,
  item: number,
  score: number,
  rank: string,
  isRight: boolean,
  more = '',
): string {
  return `<li class="${isRight ? 'right' : 'wrong'} ${more}">${picture(report, item)}<span class="rank">${rank}</span><span class="score">${mark(isRight)} ${fixed(score, 3)}</span></li>`
}

function imageCard(report: RetrievalReport, query: number): string {
  const { pairing, byImage } = report
  const { rank, right, top } = byImage[query]!
  const own = pairing.textsOfImage[query]!
  const line = (item: number, score: number, at: number, more = '') =>
    `<li class="${own.includes(item) ? 'right' : 'wrong'} ${more}"><span class="rank">${at}</span><span class="text">${escapeHtml(shorten(pairing.texts[item]!))}</span><span class="score">${mark(own.includes(item))} ${fixed(score, 3)}</span></li>`
  const lines = top.map(({ item, score }, index) => line(item, score, index + 1))
  if (rank >= top.length) lines.push(line(right.item, right.score, rank + 1, 'apart'))
  return `<article class="of-image">${picture(report, query)}<div>${place(rank)}<ol class="lines">${lines.join('')}</ol></div></article>`
}

function picture({ thumbnails, imageNames }: RetrievalReport, image: number): string {
  const name = escapeHtml(imageNames[image]!)
  const address = thumbnails.get(image)
  return address === undefined
    ? `<span class="picture" title="${name}">no picture</span>`
    : `<img class="picture" src="${escapeHtml(address)}" alt="${name}" title="${name}">`
}

const place = (rank: number): string =>
  `<p class="place ${rank === 0 ? 'right' : 'wrong'}">${rank === 0 ? 'found first' : `own at rank ${rank + 1}`}</p>`

/** Right and wrong are distinguishable without colour. */
const mark = (isRight: boolean): string =>
  isRight ? '<b role="img" aria-label="right">✓</b>' : '<b role="img" aria-label="wrong">✗</b>'

const percent = (share: number): string => fixed(100 * share, 1)
const fixed = (value: number, digits: number): string =>
  Number.isFinite(value) ? value.toFixed(digits) : '–'
const number = (value: number): string => (Number.isFinite(value) ? `${value}` : '–')
const firstLine = (text: string): string => text.split('\n')[0]!
const shorten = (text: string): string => (text.length > 280 ? `${text.slice(0, 279)}…` : text)

export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)
