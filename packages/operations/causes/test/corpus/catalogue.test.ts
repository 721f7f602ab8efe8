import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { causes } from '@hadal/causes'
import { type Cause, explain, type LogLine } from '@hadal/doctor'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { runs } from '../../../../kernel/base/test/slow-tests.ts'
import { examples } from './examples.ts'
import { corpus } from './expected.ts'

const byId: ReadonlyMap<string, Cause> = new Map(causes.map((each) => [each.id, each]))

const patternsOf = ({ shows }: Cause): readonly RegExp[] => (typeof shows === 'function' ? [] : shows)
const linesOf = (text: string): LogLine[] => text.split('\n').map((line) => ({ text: line, raw: line }))
const isShownBy = (cause: Cause, text: string): boolean =>
  typeof cause.shows === 'function'
    ? cause.shows(linesOf(text)).length > 0
    : cause.shows.some((pattern) => text.split('\n').some((line) => pattern.test(line)))

describe('entries', () => {
  test('have ids of their own, a source, and words that end as sentences do', () => {
    expect(byId.size).toBe(causes.length)
    for (const { id, title, says, fix, source } of causes) {
      expect(id).toMatch(/^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/)
      expect(title, id).toMatch(/^\S.{3,160}\S$/)
      expect(says({}), id).toMatch(/\.$/)
      expect(fix({}).text, id).toMatch(/[.)]$/)
      expect(source.title.length, id).toBeGreaterThan(5)
      if (source.url !== undefined) expect(source.url, id).toMatch(/^https:\/\/[\w.-]+\.\w+\//)
    }
  })

  test('bring about only what the catalogue has, and nothing brings itself about', () => {
    const state = new Map<string, 'open' | 'done'>()
    const visit = (id: string, path: readonly string[]): void => {
      expect(byId.has(id), path.join(' > ')).toBe(true)
      if (state.get(id) === 'open') expect.fail([...path, id].join(' > '))
      if (state.has(id)) return
      state.set(id, 'open')
      for (const next of byId.get(id)?.explains ?? []) visit(next, [...path, id])
      state.set(id, 'done')
    }
    for (const { id } of causes) visit(id, [])
  })

  test('speak whatever the figures are, and never of undefined', () => {
    const names = [...new Set(causes.flatMap((each) => patternsOf(each).flatMap(figureNames)))]
    const figures = fc.dictionary(
      fc.constantFrom(...names),
      fc.oneof(fc.string(), fc.nat().map(String), fc.constant('')),
    )
    fc.assert(
      fc.property(fc.constantFrom(...causes), figures, (cause, some) => {
        const { text, command } = cause.fix(some)
        expect(`${cause.says(some)} ${text} ${command}`.length).toBeGreaterThan(20)
      }),
      { numRuns: runs(800, 3000) },
    )
    for (const cause of causes) {
      const { text, command = '' } = cause.fix({})
      expect(`${cause.says({})} ${text} ${command}`, cause.id).not.toMatch(/undefined/)
    }
  })
})

describe('patterns', () => {
  test('show every cause: in the corpus, by an example, or as one of a table', () => {
    const shown = new Set(corpus.flatMap(({ cause }) => cause ?? []))
    const inTexts = corpus.flatMap(({ files }) =>
      files.map((file) => readFileSync(fileURLToPath(new URL(file, import.meta.url)), 'utf8')),
    )
    const missing = causes.filter(
      (each) =>
        !/^(?:xid_\d+|cuda_[a-z_]+)$/.test(each.id) &&
        !shown.has(each.id) &&
        !(examples[each.id] ?? []).some((line) => isShownBy(each, line)) &&
        !inTexts.some((text) => isShownBy(each, text)),
    )
    expect(missing.map(({ id }) => id)).toEqual([])
  })

  test.each(Object.entries(examples))('%s is the cause of its examples', (id, lines) => {
    for (const line of lines) {
      const { cause, alsoSeen } = explain([{ name: 'a.log', text: line }], causes)
      const seen = cause === undefined ? alsoSeen.map((each) => each.id) : [cause.id]
      expect(seen, line).toContain(id)
    }
  })

  test('take no point that ends a sentence into a figure', () => {
    const text = 'Warning  FailedScheduling  0/3 nodes are available: 3 Insufficient nvidia.com/gpu.'
    expect(explain([{ name: 'a.log', text }], causes).cause?.figures.resource).toBe('nvidia.com/gpu')
  })

  test('know every CUDA error by both names, by its number and by its words', () => {
    for (const cause of causes.filter(({ title }) => title.startsWith('CUDA error '))) {
      const [, code, words] = /^CUDA error (\d+): (.+)$/.exec(cause.title) ?? []
      expect(isShownBy(cause, `CUDA error ${code} at kernel.cu:12`), cause.id).toBe(true)
      expect(isShownBy(cause, `Unexpected error. Error ${code}: ${words}`), cause.id).toBe(true)
      // 300 has the words of 200.
      if (code !== '300') expect(isShownBy(cause, `RuntimeError: CUDA error: ${words}`), cause.id).toBe(true)
      const others = causes.filter(
        (other) =>
          other !== cause && /^CUDA error \d/.test(other.title) && isShownBy(other, `CUDA error: ${words}`),
      )
      expect(code === '300' ? [] : others.map(({ id }) => id), cause.id).toEqual([])
    }
    for (const [line, id] of [
      ['cudaErrorIllegalAddress', 'cuda_illegal_address'],
      ['E failed call to cuInit: CUDA_ERROR_NO_DEVICE', 'cuda_no_device'],
      ["NCCL WARN Cuda failure 2 'out of memory'", 'cuda_out_of_memory'],
      ['CUDA failure 100: no CUDA-capable device is detected ; GPU=0', 'cuda_no_device'],
      ['CUDA error code=719(cudaErrorLaunchFailure)', 'cuda_launch_failed'],
    ] as const)
      expect(
        causes.filter((each) => each.id.startsWith('cuda_') && isShownBy(each, line)).map((each) => each.id),
        line,
      ).toEqual([id])
  })

  test('know every Xid up to 172 in the lines of new and old drivers and of the device plugin, and no other', () => {
    for (let xid = 1; xid <= 172; xid += 1)
      for (const line of [
        `[1.0] NVRM: Xid (PCI:0000:9b:00): ${xid}, pid=2024380, name=python3, more`,
        `NVRM: Xid (PCI:0000:9b:00): ${xid}, pid='<unknown>', name=<unknown>, more`,
        `NVRM: Xid (0000:03:00): ${xid}, Channel 00000001`,
        `NVRM: Xid (PCI:0000:01:00 GPU-I:05): ${xid}, pid=7194, Contained: CE User Channel (0x9)`,
        `NVRM: Xid (PCI:00000000:02:00): ${xid}, name=app.exe, more`,
        `XidCriticalError: Xid=${xid} on Device=GPU-5a1c, the device will go unhealthy.`,
      ])
        expect(
          causes.filter((each) => isShownBy(each, line)).map(({ id }) => id),
          line,
        ).toEqual([`xid_${xid}`])
  })

  test('hold no quantifier within an unlimited one', () => {
    for (const cause of causes)
      for (const pattern of patternsOf(cause)) {
        const source = pattern.source.replace(/\\./g, 'x').replace(/\[[^\]]*\]/g, 'x')
        expect(source, cause.id).not.toMatch(/\([^()]*[+*][^()]*\)[+*]|\([^()]*[+*][^()]*\)\{\d+,\}/)
        // Two unlimited ones in a row, or a dot without an end, are quadratic.
        expect(source, cause.id).not.toMatch(/\.[+*]/)
      }
  })

  test('end on lines of 4,096 characters that are made to keep them busy', () => {
    for (const cause of causes)
      for (const pattern of patternsOf(cause)) {
        const words = pattern.source
          .replace(/\(\?<\w+>|\(\?[:=!]|\\b|\\d|\\w|\\S|\\W|\{[^}]*\}|[()[\]^$|?*+]/g, ' ')
          .replace(/\\/g, '')
          .slice(0, 400)
        for (const unit of [
          words,
          words.slice(0, 24),
          `${words.slice(0, 12)} 1`,
          ' ',
          '0',
          'a',
          ': ',
          "'",
          '=1,',
        ])
          pattern.test(unit.repeat(Math.ceil(4_096 / Math.max(1, unit.length))).slice(0, 4_096))
      }
  })
})

/** The names of a pattern's groups. */
const figureNames = (pattern: RegExp): string[] =>
  [...pattern.source.matchAll(/\(\?<(\w+)>/g)].flatMap(([, name]) => name ?? [])

test('what reads several lines takes any lines', () => {
  const line = fc.oneof(
    fc.string(),
    fc.constantFrom(
      'CUDA out of memory. Tried to allocate',
      'loss: nan',
      '{"step":1,"loss":null}',
      'Node.js v20.1.1',
      '{"step":',
      'grad norm: 1e999',
    ),
  )
  const readers = causes.filter(({ shows }) => typeof shows === 'function')
  fc.assert(
    fc.property(fc.array(line, { maxLength: 40 }), (texts) => {
      for (const { shows } of readers)
        if (typeof shows === 'function')
          for (const { from, to } of shows(texts.map((text) => ({ text, raw: text })))) {
            expect(from).toBeGreaterThanOrEqual(0)
            expect(to).toBeGreaterThanOrEqual(from)
            expect(to).toBeLessThan(texts.length)
          }
    }),
    { numRuns: runs(150, 500) },
  )
})
