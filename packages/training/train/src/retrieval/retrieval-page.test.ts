import { expect, it } from 'vitest'
import { pairUp, type QueryResult, rankQueries } from './recall.ts'
import { extremesOf, type RetrievalReport, retrievalPage, shownImages } from './retrieval-page.ts'

/** Image i points along axis i. Captions name their direction. */
const axes = (...directions: readonly (readonly number[])[]) => ({
  values: Float32Array.from(directions.flat()),
  count: directions.length,
  width: directions[0]!.length,
})
const images = axes([1, 0, 0], [0, 1, 0], [0, 0, 1])
const captions = axes([1, 0, 0], [0.1, 0.9, 0], [0.8, 0.6, 0.1])
const pairing = pairUp([['<b>one</b>'], ['two & "half"'], ['three']])
const report: RetrievalReport = {
  title: '<Towers>',
  facts: ['3 images', 'a & b'],
  pairing,
  byText: rankQueries(captions, images, pairing.imagesOfText),
  byImage: rankQueries(images, captions, pairing.textsOfImage),
  imageNames: ['1.png', '2".png', '3.png'],
  thumbnails: new Map([
    [0, 'data:image/webp;base64,AAAA'],
    [1, 'data:image/webp;base64,BBBB'],
  ]),
  shown: 2,
}

it('shows recall both ways, and what each query found', () => {
  const page = retrievalPage(report)
  expect(page).toContain('3 captions among 3 images')
  expect(page).toMatch(/R@1<\/dt><dd>66\.7/)
  expect(page).toMatch(/R@5<\/dt><dd>100\.0/)
  expect(page).toContain('own at rank 3')
  expect(page).toContain('data:image/webp;base64,AAAA')
})

it('is one file: nothing from elsewhere, nothing that runs', () => {
  const page = retrievalPage(report)
  expect(page).not.toMatch(/https?:|<script|<link|@import|url\(/)
  expect(
    [...page.matchAll(/src="([^"]*)"/g)].every(([, address]) => address!.startsWith('data:image/')),
  ).toBe(true)
})

it('shows text as text', () => {
  const page = retrievalPage({ ...report, warning: 'left out\n  - <i>' })
  expect(page).not.toMatch(/<b>one|<Towers>|<i>\n|"half"|2"\.png/)
  expect(page).toContain('&#60;b&#62;one&#60;/b&#62;')
  expect(page).toContain('&#60;Towers&#62;')
})

it('says so where nothing was found, or all was', () => {
  const perfect = rankQueries(images, images, [[0], [1], [2]])
  expect(retrievalPage({ ...report, byText: perfect, byImage: perfect })).toContain('There are none.')
})

it('orders by rank, then by how far the right one is ahead', () => {
  const result = (rank: number, right: number, wrong: number): QueryResult => ({
    rank,
    right: { item: 0, score: right },
    top: [
      { item: 0, score: right },
      { item: 1, score: wrong },
    ],
  })
  const results = [
    result(0, 0.5, 0.4),
    result(3, 0.1, 0.4),
    result(0, 0.9, 0.1),
    result(3, 0.1, 0.9),
    result(1, 0, 1),
  ]
  const right = results.map(() => [0])
  expect(extremesOf(results, right, 2)).toEqual({ best: [2, 0], worst: [3, 1] })
  expect(extremesOf(results, right, 9)).toEqual({ best: [2, 0], worst: [3, 1, 4] })
})

it('asks for thumbnails of what it shows, and of nothing else', () => {
  expect([...shownImages({ ...report, shown: 1 })].sort()).toEqual([0, 1, 2])
  const many = Array.from({ length: 50 }, (_, row) =>
    Array.from({ length: 50 }, (_, at) => Number(row === at)),
  )
  const perfect = rankQueries(
    axes(...many),
    axes(...many),
    many.map((_, row) => [row]),
  )
  const big = {
    ...report,
    pairing: pairUp(many.map((_, row) => [`${row}`])),
    byText: perfect,
    byImage: perfect,
    shown: 2,
  }
  expect(shownImages(big).size).toBeLessThan(15)
})
