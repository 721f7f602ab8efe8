import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AnswerScanner, type ScannerOptions } from './answer-scanner.ts'

const event = (value: unknown, end = '\n\n'): string => `data: ${JSON.stringify(value)}${end}`
const word = (content: string) => ({ choices: [{ index: 0, delta: { content } }], usage: null })
const usage = { prompt_tokens: 12, completion_tokens: 5, prompt_cache_hit_tokens: 8 }
const counted = { promptTokens: 12, completionTokens: 5, cachedTokens: 8, reasoningTokens: 0 }

/** Pushes the given pieces through a scanner. */
function scan(bytes: Buffer, cuts: readonly number[], options: ScannerOptions) {
  const scanner = new AnswerScanner(options)
  const ends = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b)
  const passed: Uint8Array[] = []
  let from = 0
  for (const end of [...ends, bytes.length]) {
    // A copy: forwarded bytes must not change later.
    passed.push(scanner.push(Buffer.from(bytes.subarray(from, end))))
    from = end
  }
  passed.push(scanner.end())
  return { text: Buffer.concat(passed), usage: scanner.usage() }
}

const cuts = fc.array(fc.nat(5000), { maxLength: 40 })

describe('bytes', () => {
  it('pass unchanged, whatever they are and however they are cut', () => {
    const options = fc.record({ stream: fc.boolean(), hidesUsage: fc.boolean() })
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), cuts, options, (bytes, where, how) => {
        expect(scan(Buffer.from(bytes), where, how).text.equals(bytes)).toBe(true)
      }),
      { numRuns: 300 },
    )
  })

  it('pass at once where nothing is hidden', () => {
    const scanner = new AnswerScanner({ stream: true, hidesUsage: false })
    const piece = Buffer.from('data: {"cho')
    expect(scanner.push(piece)).toBe(piece)
  })

  it('pass in events where something is hidden, and long ones before they end', () => {
    const scanner = new AnswerScanner({ stream: true, hidesUsage: true })
    expect(scanner.push(Buffer.from('data: 1\n\ndata: 2')).toString()).toBe('data: 1\n\n')
    expect(scanner.push(Buffer.from('\n')).toString()).toBe('')
    expect(scanner.push(Buffer.from('\ndata: 3')).toString()).toBe('data: 2\n\n')
    const passed = scanner.push(Buffer.alloc(100_000, 'x'))
    expect(passed.length).toBeGreaterThan(99_990)
  })
})

describe('usage that the client did not ask for', () => {
  it.each(['\n\n', '\r\n\r\n'])('is taken out and counted, however it is cut (%j)', (end) => {
    const words = ['Hello', 'data: {"usage": {}}', '"choices":[]', '\n\n', 'é😀', '']
    const before = words.map((each) => event(word(each), end)).join('')
    const after = `data: [DONE]${end}`
    const bytes = Buffer.from(`${before}${event({ choices: [], usage }, end)}${after}`)
    fc.assert(
      fc.property(cuts, (where) => {
        const scanned = scan(bytes, where, { stream: true, hidesUsage: true })
        expect(scanned.text.toString()).toBe(`${before}${after}`)
        expect(scanned.usage).toEqual(counted)
      }),
    )
  })

  it('is taken out when the stream ends without the last blank line', () => {
    const text = event(word('a')) + event({ choices: [], usage }).trim()
    const scanned = scan(Buffer.from(text), [], { stream: true, hidesUsage: true })
    expect(scanned.text.toString()).toBe(event(word('a')))
    expect(scanned.usage).toEqual(counted)
  })

  it('stays where it comes with words, or without a count', () => {
    const text = `${event({ ...word('bye'), usage })}${event({ choices: [], usage: null })}${event({ choices: [], usage: 'x' })}`
    const scanned = scan(Buffer.from(text), [], { stream: true, hidesUsage: true })
    expect(scanned.text.toString()).toBe(text)
    expect(scanned.usage).toEqual(counted)
  })

  it('never throws and keeps every other byte, whatever events there are', () => {
    const piece = fc.oneof(
      fc.string({ maxLength: 60 }),
      fc.json({ maxDepth: 2 }).map((json) => `data: ${json}\n\n`),
      fc.constantFrom(
        'data: {"choices":[],"usage":',
        '\n\n',
        '\r\n\r\n',
        '\r',
        '"usage"',
        '"choices":[]',
        '{',
        '}',
        'data: ',
      ),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), cuts, (pieces, where) => {
        const bytes = Buffer.from(pieces.join(''))
        const { text } = scan(bytes, where, { stream: true, hidesUsage: true })
        if (!bytes.includes('"usage"')) expect(text.equals(bytes)).toBe(true)
        expect(text.length).toBeLessThanOrEqual(bytes.length)
      }),
      { numRuns: 300 },
    )
  })
})

describe('usage is found', () => {
  const plain = { stream: true, hidesUsage: false }

  it('in the last event, behind megabytes of others', () => {
    const many = event(word('x'.repeat(500))).repeat(5000)
    expect(
      scan(Buffer.from(`${many}${event({ choices: [], usage })}data: [DONE]\n\n`), [70_000], plain).usage,
    ).toEqual(counted)
  })

  it('in an event whose beginning is long past', () => {
    const output = [{ content: [{ text: 'y'.repeat(100_000) }] }]
    const done = {
      type: 'response.completed',
      response: {
        output,
        usage: { input_tokens: 12, input_tokens_details: { cached_tokens: 8 }, output_tokens: 5 },
      },
    }
    expect(scan(Buffer.from(event(done)), [], plain).usage).toEqual(counted)
  })

  it('in the first and the last event of Anthropic’s messages', () => {
    const start = {
      type: 'message_start',
      message: { usage: { input_tokens: 4, cache_read_input_tokens: 8, output_tokens: 1 } },
    }
    const end = { type: 'message_delta', delta: {}, usage: { output_tokens: 5 } }
    const middle = event({ type: 'content_block_delta', delta: { text: 'z'.repeat(300) } }).repeat(200)
    const text = `event: message_start\n${event(start)}${middle}event: message_delta\n${event(end)}`
    expect(scan(Buffer.from(text), [], plain).usage).toEqual(counted)
  })

  it('in a whole answer, and at the end of one that is too long to be read', () => {
    const whole = { stream: false, hidesUsage: false }
    expect(scan(Buffer.from(JSON.stringify({ usage, choices: [] })), [3, 9], whole).usage).toEqual(counted)
    const long = JSON.stringify({
      data: 'x'.repeat(2_000_000),
      usage: { prompt_tokens: 12, total_tokens: 12 },
    })
    expect(
      scan(Buffer.from(long), [65_536, 131_072, 500_000, 1_000_000, 1_900_000], whole).usage,
    ).toMatchObject({ promptTokens: 12, completionTokens: 0 })
  })

  it('nowhere in what a model writes', () => {
    const text = event(word('"usage":{"prompt_tokens":99,"completion_tokens":99}'))
    expect(scan(Buffer.from(text), [], plain).usage).toBeUndefined()
    const cut = text.slice(20)
    expect(scan(Buffer.from(cut), [], plain).usage).toBeUndefined()
  })
})
